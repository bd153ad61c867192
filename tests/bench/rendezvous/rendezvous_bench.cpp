// ./dev bench rendezvous: a real sotto-rendezvous under load, its database on disk with
// synchronous=FULL, and all clients in this process.
//
// Server and clients share the machine's cores, so rates are lower bounds; what counts is the ratio
// to the bare router, which runs interleaved. Mail counts when it was committed and delivered.
// --hold SECONDS: how long the largest crowd is held idle (600 = the goal's ten minutes).
// --only CASE,...: some of idle, restart, latency, relay, loaded, mailbox, presence, login, storm.
// --clients N,...: instead of 100, 1,000 and 10,000.
#include "crypto/init.hpp"
#include "tests/bench/rendezvous/bare_router.hpp"
#include "tests/bench/rendezvous/cases.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace sotto::bench::rendezvous {
namespace {

// Two for each client in this process, one in the server.
constexpr rlim_t wanted_descriptors = 40'000;

// What the system allows.
std::size_t raise_descriptors() {
    rlimit limit{.rlim_cur = wanted_descriptors, .rlim_max = wanted_descriptors};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {  // only root may raise the hard limit
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

Scale scale_of(bool quick, const std::vector<std::size_t>& clients, std::size_t descriptors) {
    constexpr std::size_t spare = 2'200;  // the bare router's clients, and all else
    Scale scale;
    if (quick) {
        scale = {.runs = 2,
                 .seconds = 0.5,
                 .sizes = {100, 400},
                 .latency_samples = 300,
                 .mailboxes = 8,
                 .mails_each = 500,
                 .logins = 400,
                 .idle_seconds = 2};
    } else {
        scale.sizes = {100, 1000, 10'000};
    }
    if (!clients.empty()) scale.sizes = clients;
    scale.most_here = (descriptors - spare) / 2 / 100 * 100;
    return scale;
}

// The bare router, as a process of its own like the server.
class BareRouter {
public:
    BareRouter() : process_("/proc/self/exe", {"--bare-router"}) {
        const std::string line = process_.read_line().value_or("");
        const std::size_t space = line.find(' ');
        const auto key = crypto::CurvePublic::parse(*crypto::from_hex(line.substr(space + 1)));
        place_.emplace(Place{line.substr(0, space), *key});
    }
    [[nodiscard]] const Place& place() const { return *place_; }

private:
    e2e::Process process_;
    std::optional<Place> place_;
};

struct Options {
    bool quick = false;
    std::optional<double> hold;
    std::vector<std::string> only;  // nothing = all
    std::vector<std::size_t> clients;

    [[nodiscard]] bool wants(std::string_view name) const {
        return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
    }
};

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');)
        parts.push_back(part);
    return parts;
}

// What clients cost that do nothing, before anything else has made the server grow.
void idle_cases(const Scale& scale, const Options& options) {
    Town town(scale.sizes.back(), scale.most_here);
    const Memory before = memory_of(town);
    for (const std::size_t size : scale.sizes) {
        town.grow(size);
        if (!options.wants("idle")) continue;
        memory_per_client(town, before, "_at_once");
        const bool held = size == scale.sizes.back() && options.hold;
        idle_cpu(town, held ? *options.hold : scale.idle_seconds);
        memory_per_client(town, before, "");
        if (options.quick || size > 1000 || size != scale.sizes.front()) continue;
        // The pings of five hours: by then libzmq's queues have been used from end to end.
        for (int ping = 0; ping < 600; ++ping)
            town.ping_all();
        memory_per_client(town, before, "_after_5_hours");
    }
    if (options.wants("restart")) connect_storm(town, true);
}

void busy_cases(const Scale& scale, const Place& bare, Mosquitto* mosquitto,
                const Options& options) {
    Town town(scale.sizes.back(), scale.most_here);
    for (const std::size_t size : scale.sizes) {
        town.grow(size);
        if (options.wants("latency")) relay_latency(town, bare, mosquitto, scale);
        town.ping_all();
        if (options.wants("relay")) relay_throughput(town, bare, mosquitto, scale);
        for (const double rate : {5'000.0, 10'000.0, 20'000.0}) {
            if (!options.wants("loaded") || (options.quick && rate > 5'000)) continue;
            town.ping_all();
            relay_loaded(town, scale, rate);
        }
        town.ping_all();
        if (options.wants("mailbox")) mailbox(town, scale);
        town.ping_all();
        if (options.wants("presence")) presence_fanout(town, scale);
        town.ping_all();
        if (options.wants("login")) logins(town, scale);
        if (options.wants("storm")) connect_storm(town, false);
    }
}

int run(const Options& options) {
    const Scale scale = scale_of(options.quick, options.clients, raise_descriptors());
    if (options.wants("idle") || options.wants("restart")) idle_cases(scale, options);
    const bool only_idle = std::all_of(options.only.begin(), options.only.end(),
                                       [](const auto& n) { return n == "idle" || n == "restart"; });
    if (!options.only.empty() && only_idle) return 0;
    const BareRouter bare;
    const bool beside = options.wants("latency") || options.wants("relay");
    const auto mosquitto = beside ? Mosquitto::start() : nullptr;
    busy_cases(scale, bare.place(), mosquitto.get(), options);
    return 0;
}

}  // namespace
}  // namespace sotto::bench::rendezvous

int main(int argc, char** argv) {
    using namespace sotto::bench::rendezvous;
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        const bool value = i + 1 < argc;
        if (option == "--bare-router") return run_bare_router();
        if (option == "--suburb" && i + 3 < argc) {
            (void)raise_descriptors();
            return run_suburb(argv[i + 1], argv[i + 2], std::stoul(argv[i + 3]));
        }
        if (option == "--quick") options.quick = true;
        if (option == "--hold" && value) options.hold = std::atof(argv[++i]);
        if (option == "--only" && value) options.only = split(argv[++i]);
        if (option == "--clients" && value) {
            for (const std::string& number : split(argv[++i]))
                options.clients.push_back(std::stoul(number));
        }
    }
    try {
        sotto::crypto::initialise();
        return run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "rendezvous bench: %s\n", error.what());
        return 1;
    }
}
