#include "rendezvous/config.hpp"

#include "rendezvous/metrics.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace sotto::rendezvous {

namespace {

// Reads the keys of one table and remembers the first complaint.
class Table {
public:
    Table(const toml::table* table, std::string name, std::string& error)
        : table_(table), name_(std::move(name)), error_(error) {}

    std::int64_t integer(const char* key, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) {
        const toml::node* node = find(key);
        if (node == nullptr) return otherwise;
        const auto value = node->value_exact<std::int64_t>();
        if (value && *value >= least && *value <= most) return *value;
        complain(*node, key,
                 "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return otherwise;
    }
    std::string text(const char* key, std::string otherwise) {
        const toml::node* node = find(key);
        if (node == nullptr) return otherwise;
        if (const auto value = node->value_exact<std::string>()) return *value;
        complain(*node, key, "a text in quotes");
        return otherwise;
    }
    void complain_about(const char* key, const char* wanted) {
        if (const toml::node* node = find(key)) complain(*node, key, wanted);
    }
    Table table(const char* key) {
        const toml::node* node = find(key);
        if (node == nullptr) return {nullptr, key, error_};
        if (!node->is_table()) complain(*node, key, "a table");
        return {node->as_table(), key, error_};
    }
    // Where a setting of an earlier version stands.
    std::optional<std::string> outdated(const char* key) {
        const toml::node* node = find(key);
        if (node == nullptr) return std::nullopt;
        return line(*node);
    }
    // To be called last: everything that was not asked for is a mistake.
    void finish() {
        if (table_ == nullptr) return;
        for (const auto& [key, node] : *table_) {
            const bool known = std::find(seen_.begin(), seen_.end(), key.str()) != seen_.end();
            if (!known && error_.empty()) {
                error_ = line(node) + "unknown setting \"" + std::string(key.str()) + "\"";
            }
        }
    }

private:
    const toml::node* find(const char* key) {
        seen_.emplace_back(key);
        return table_ == nullptr ? nullptr : table_->get(key);
    }
    static std::string line(const toml::node& node) {
        return "line " + std::to_string(node.source().begin.line) + ": ";
    }
    void complain(const toml::node& node, const char* key, const std::string& wanted) {
        if (!error_.empty()) return;
        const std::string full = name_.empty() ? key : name_ + "." + key;
        error_ = line(node) + full + " must be " + wanted;
    }

    const toml::table* table_;
    std::string name_;
    std::string& error_;
    std::vector<std::string> seen_;
};

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

// "127.0.0.1:9313"
std::string bare(const Endpoint& endpoint) {
    return to_text(endpoint).substr(std::string_view("tcp://").size());
}

constexpr std::int64_t mib = 1024 * 1024;

void read_metrics(Table& root, Config& config) {
    Table metrics = root.table("metrics");
    const std::string listen = metrics.text("listen", "");
    if (!listen.empty()) {
        config.metrics = parse_endpoint(listen);
        if (!config.metrics || config.metrics->port == 0 || !is_loopback(*config.metrics)) {
            metrics.complain_about("listen", "a loopback address like \"127.0.0.1:9313\"");
        }
    }
    metrics.finish();
}

void read_log(Table& root, Config& config) {
    Table log = root.table("log");
    const std::string level = log.text("level", "info");
    const auto found = std::find(level_names.begin(), level_names.end(), level);
    if (found == level_names.end()) {
        log.complain_about("level", "\"debug\", \"info\", \"warning\" or \"error\"");
    } else {
        config.log_level = static_cast<LogLevel>(found - level_names.begin());
    }
    log.finish();
}

Config read_tables(Table root) {
    Config config;
    const std::string listen = root.text("listen", "tcp://*:" + std::to_string(default_port));
    if (const auto endpoint = parse_endpoint(listen)) {
        config.listen = *endpoint;
    } else {
        root.complain_about("listen", "an address like \"tcp://*:7313\"");
    }
    config.public_host = root.text("public_host", "");
    if (!config.public_host.empty() && !is_public_host(config.public_host)) {
        root.complain_about("public_host", "a name or an address, without port and brackets");
    }
    const std::string community = root.text("community", "invite");
    config.community = community == "open" ? Community::open : Community::invite;
    if (community != "open" && community != "invite") {
        root.complain_about("community", "\"invite\" or \"open\"");
    }
    if (const auto line = root.outdated("login")) {
        config.outdated.push_back(*line +
                                  "[login] means nothing any more: what a password guess costs is "
                                  "part of the protocol");
    }
    Table limits = root.table("limits");
    config.max_clients =
        static_cast<std::size_t>(limits.integer("max_clients", 10, 1'000'000, 20'000));
    config.max_clients_per_prefix =
        static_cast<std::size_t>(limits.integer("max_clients_per_prefix", 1, 1'000'000, 5'000));
    config.registration_work_bits = static_cast<std::uint8_t>(
        limits.integer("registration_work_bits", 0, max_registration_work_bits, 0));
    config.limits_factor = static_cast<std::uint32_t>(limits.integer("factor", 1, 10'000, 1));
    limits.finish();
    Table storage = root.table("storage");
    config.max_database_bytes =
        static_cast<std::uint64_t>(mib * storage.integer("max_mib", 0, 1'000'000'000, 0));
    storage.finish();
    read_metrics(root, config);
    read_log(root, config);
    root.finish();
    return config;
}

}  // namespace

Settings Config::settings() const {
    return {.community = community,
            .rates = default_rates(limits_factor),
            .max_clients = max_clients,
            .max_clients_per_prefix = max_clients_per_prefix,
            .registration_work_bits = registration_work_bits};
}

crypto::Result<Config, ConfigError> read_config(const std::filesystem::path& file) {
    std::string error;
    try {
        const toml::table root = toml::parse_file(file.string());
        Config config = read_tables(Table(&root, "", error));
        if (error.empty()) return config;
    } catch (const toml::parse_error& failure) {
        const auto line = failure.source().begin.line;
        if (line > 0) error = "line " + std::to_string(line) + ": ";
        error += failure.description();
    }
    return crypto::Unexpected(ConfigError{error});
}

std::string config_text(const Config& config) {
    std::ostringstream text;
    const bool open = config.community == Community::open;
    text
        << "# Configuration of sotto-rendezvous. Lines that begin with # are comments.\n"
        << "# The server reads it when it starts. SIGHUP (systemctl reload) makes it read "
           "community,\n"
        << "# limits and log again; the rest needs a restart.\n\n"
        << "# Where to listen. * = all addresses, IPv4 and IPv6. Keep the port below 32768: "
           "above,\n"
        << "# clients of this machine can block it while the server is down.\n"
        << "listen = \"" << to_text(config.listen) << "\"\n\n"
        << "# The name or address under which others reach this server; it goes into the link you\n"
        << "# hand out. Empty: the first address of this machine.\n"
        << "public_host = \"" << config.public_host << "\"\n\n"
        << "# \"open\": anyone who has the link may register. \"invite\": an invite token is "
           "needed.\n"
        << "community = \"" << (open ? "open" : "invite") << "\"\n\n"
        << "[limits]\n"
        << "# Connections at the same time; each needs 35 to 105 KiB of memory, and a member has "
           "two.\n"
        << "# Half of them at most are for who is not logged in; a newcomer takes the place of\n"
        << "# one of those.\n"
        << "max_clients = " << config.max_clients << "\n"
        << "# Of them from one address prefix (IPv4 /24, IPv6 /64); this machine's own do not "
           "count.\n"
        << "max_clients_per_prefix = " << config.max_clients_per_prefix << "\n"
        << "# Work a client has to do to register without an invite: 0 none, 18 a quarter of a\n"
        << "# second, each more twice as long, at most 22. Against scripts that take all names.\n"
        << "registration_work_bits = " << int{config.registration_work_bits} << "\n"
        << "# Makes every rate limit this many times more generous. For load tests.\n"
        << "factor = " << config.limits_factor << "\n\n"
        << "[storage]\n"
        << "# How large the database may grow, in MiB. 0: as large as the disk allows.\n"
        << "max_mib = " << config.max_database_bytes / (1024 * 1024) << "\n\n"
        << "[metrics]\n"
        << "# Prometheus metrics over HTTP (/metrics), on a loopback address like\n"
        << "# \"127.0.0.1:9313\". Empty: none.\n"
        << "listen = \"" << (config.metrics ? bare(*config.metrics) : std::string()) << "\"\n\n"
        << "[log]\n"
        << "# \"debug\", \"info\", \"warning\" or \"error\". None of them logs content, addresses "
           "or\n"
        << "# who writes to whom.\n"
        << "level = \"" << level_names.at(static_cast<std::size_t>(config.log_level)) << "\"\n";
    return text.str();
}

}  // namespace sotto::rendezvous
