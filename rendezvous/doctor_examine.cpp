// The measurements behind the judgements of doctor.cpp.
#include "crypto/init.hpp"
#include "rendezvous/admin_client.hpp"
#include "rendezvous/backup.hpp"
#include "rendezvous/doctor.hpp"
#include "rendezvous/metrics.hpp"
#include "rendezvous/probe.hpp"
#include "rendezvous/router_socket.hpp"
#include "rendezvous/server_folder.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

namespace sotto::rendezvous {

namespace {

std::vector<std::string> interface_addresses() {
    std::vector<std::string> addresses;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return addresses;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_UP) == 0) continue;
        const int family = each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        const auto size =
            static_cast<socklen_t>(family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(each->ifa_addr, size, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST) != 0) {
            continue;
        }
        std::string address(text.data());
        addresses.push_back(address.substr(0, address.find('%')));  // without the scope
    }
    return addresses;
}

Finding examine_files(const ServerFolder& folder) {
    for (const auto& file : {folder.key_file(), folder.config_file(), folder.database_file()}) {
        struct stat info {};
        if (stat(file.c_str(), &info) != 0) continue;  // the database is made by the first start
        if ((info.st_mode & 077U) != 0) {
            return {"files", Grade::error, file.string() + " can be read by others",
                    "chmod 600 " + file.string()};
        }
    }
    if (const auto key = folder.read_key(); !key) {
        return {"files", Grade::error, key.error().text, "put back server.key from a backup"};
    }
    return {"files", Grade::ok, "key, configuration and database are the owner's only", ""};
}

Finding examine_database(const ServerFolder& folder) {
    if (!std::filesystem::exists(folder.database_file())) {
        return {"database", Grade::ok, "there is none yet; the first start makes it", ""};
    }
    const auto report = check_database(folder.database_file().string());
    if (!report) {
        return {"database", Grade::error, report.error().text,
                "use the version that wrote it, or restore a backup"};
    }
    if (!report->damage.empty()) {
        return {"database", Grade::error, "damaged: " + report->damage.front(),
                "restore the last good backup: sotto-rendezvous restore"};
    }
    return {"database", Grade::ok, std::to_string(report->accounts) + " members, no damage", ""};
}

// Somebody answers there.
bool answers(const Endpoint& endpoint) {
    const bool any = is_wildcard(endpoint.host);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const std::string host = any ? "127.0.0.1" : endpoint.host;
    if (getaddrinfo(host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, freeaddrinfo);
    const int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const timeval patience{.tv_sec = 3, .tv_usec = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const bool connected = connect(fd, list->ai_addr, list->ai_addrlen) == 0;
    close(fd);
    return connected;
}

// As libzmq would bind it: by binding it.
bool can_bind(const Endpoint& endpoint) {
    try {
        zmq::context_t context;
        zmq::socket_t socket(context, zmq::socket_type::router);
        socket.set(zmq::sockopt::ipv6, true);
        socket.set(zmq::sockopt::linger, 0);
        socket.bind(to_text(endpoint));
        return true;
    } catch (const zmq::error_t&) {
        return false;
    }
}

Finding examine_port(const ServerFolder& folder, const Config& config, bool running) {
    // A handshake and an answer, on a machine that swaps.
    constexpr int patience_ms = 5000;
    const std::string where = to_text(config.listen);
    if (running) {
        const auto key = folder.read_key();
        if (key && lets_strangers_in(config.listen, key->public_key(), patience_ms)) {
            return {"port", Grade::ok, "the running server answers on " + where, ""};
        }
        if (answers(config.listen)) {
            return {
                "port", Grade::error,
                "a server listens on " + where + " but lets nobody in with the key of " +
                    folder.key_file().string(),
                "look into its log and \"sotto-rendezvous stats\" (is it full?), or restart it"};
        }
        return {"port", Grade::error, "a server runs but does not answer on " + where,
                "look into its log; a local firewall may also refuse loopback"};
    }
    if (can_bind(config.listen)) return {"port", Grade::ok, where + " is free", ""};
    return {"port", Grade::error, "cannot listen on " + where,
            "another program has the port (ss -ltnp), the address is not this machine's, or the "
            "port is below 1024"};
}

Finding examine_port_number(const Config& config) {
    if (config.listen.port < 32'768) {
        return {"port_number", Grade::ok, "below the ports that clients take", ""};
    }
    return {"port_number", Grade::warning,
            "port " + std::to_string(config.listen.port) +
                " may be taken by a client of this machine while the server is down",
            "choose one below 32768"};
}

// The files that make up the service's unit, in the order in which systemd lets them override.
std::vector<std::string> unit_texts() {
    namespace fs = std::filesystem;
    constexpr std::string_view unit = "sotto-rendezvous.service";
    const auto read = [](const fs::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    };
    std::vector<std::string> texts;
    std::map<std::string, fs::path> drop_ins;  // by name, as systemd sorts them
    for (const char* folder : {"/usr/lib/systemd/system", "/lib/systemd/system",
                               "/usr/local/lib/systemd/system", "/etc/systemd/system"}) {
        const fs::path file = fs::path(folder) / unit;
        std::error_code missing;
        if (fs::exists(file, missing)) texts = {read(file)};  // the last one hides the others
        for (const auto& entry : fs::directory_iterator(file.string() + ".d", missing)) {
            if (entry.path().extension() != ".conf") continue;
            drop_ins.insert_or_assign(entry.path().filename().string(), entry.path());
        }
    }
    for (const auto& [name, file] : drop_ins)
        texts.push_back(read(file));
    return texts;
}

Finding examine_descriptors(const std::string& folder, bool running, const Config& config) {
    if (running) {
        const Json reply = ask_server(folder, {{"do", "stats"}});
        const auto limit = reply.value("/server/descriptor_limit"_json_pointer, std::uint64_t{0});
        if (limit > 0) return judge_descriptors(limit, LimitOf::server, config.max_clients);
    }
    if (folder == service_folder) {
        const auto limit = limit_in_unit(unit_texts());
        if (limit) return judge_descriptors(*limit, LimitOf::unit, config.max_clients);
    }
    rlimit limit{};
    const std::uint64_t hard = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
    return judge_descriptors(hard, LimitOf::shell, config.max_clients);
}

Finding examine_disk(const std::string& folder) {
    struct statvfs info {};
    if (statvfs(folder.c_str(), &info) != 0) {
        return {"disk", Grade::error, "cannot look at the disk of " + folder, ""};
    }
    return judge_disk(std::uint64_t{info.f_bavail} * info.f_frsize,
                      std::uint64_t{info.f_blocks} * info.f_frsize);
}

Finding examine_clock(const ServerFolder& folder) {
    std::uint64_t newest_s = 0;
    for (const auto& file : {folder.key_file(), folder.config_file(), folder.database_file()}) {
        struct stat info {};
        if (stat(file.c_str(), &info) != 0) continue;
        newest_s = std::max(newest_s, static_cast<std::uint64_t>(info.st_mtim.tv_sec));
    }
    timex state{};
    const bool synchronised = adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    return judge_clock(static_cast<std::uint64_t>(std::time(nullptr)), newest_s, synchronised);
}

Finding examine_memory(const Config& config) {
    std::ifstream info("/proc/meminfo");
    std::string name;
    std::uint64_t kib = 0;
    while (info >> name) {
        if (name == "MemAvailable:" && info >> kib) break;
    }
    return judge_memory(kib * 1024, config.max_clients);
}

Finding examine_locking() {
    if (crypto::memory_lock_works()) {
        return {"memory_lock", Grade::ok, "memory with keys can be kept out of swap", ""};
    }
    return {"memory_lock", Grade::warning, "memory cannot be locked: keys may reach the swap disk",
            "LimitMEMLOCK=8M in the systemd unit or ulimit -l 8192, or encrypt the swap"};
}

Finding examine_metrics(const Config& config) {
    if (!config.metrics) return {"metrics", Grade::ok, "off", ""};
    if (!metrics_available()) {
        return {"metrics", Grade::error, "configured, but this program was built without them",
                "empty metrics.listen, or install a build with libprometheus-cpp"};
    }
    return {"metrics", Grade::ok, "on " + to_text(*config.metrics), ""};
}

}  // namespace

std::vector<Finding> examine(const std::string& path) {
    ServerFolder folder(path);
    const auto config = read_config(folder.config_file());
    if (!config) {
        return {{"configuration", Grade::error,
                 folder.config_file().string() + ": " + config.error().text,
                 "mend it, or make a server with \"sotto-rendezvous init\"; run this as root or as "
                 "the server's own user"}};
    }
    std::vector<Finding> findings{{"configuration", Grade::ok, "can be read", ""}};
    if (!config->outdated.empty()) {
        findings = {{"configuration", Grade::note, config->outdated.front(),
                     "delete it from " + folder.config_file().string()}};
    }
    const bool running = !folder.lock();
    findings.push_back(examine_files(folder));
    findings.push_back(examine_database(folder));
    findings.push_back(examine_port(folder, *config, running));
    findings.push_back(examine_port_number(*config));
    findings.push_back(judge_addresses(interface_addresses(), *config));
    findings.push_back(examine_descriptors(path, running, *config));
    findings.push_back(examine_memory(*config));
    findings.push_back(examine_locking());
    findings.push_back(examine_disk(path));
    findings.push_back(examine_clock(folder));
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    findings.push_back(judge_libzmq(major, minor, patch, zmq_has("curve") != 0));
    findings.push_back(examine_metrics(*config));
    return findings;
}

}  // namespace sotto::rendezvous
