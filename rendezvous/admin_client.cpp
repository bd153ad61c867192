#include "rendezvous/admin_client.hpp"

#include "rendezvous/server_folder.hpp"
#include "rendezvous/sqlite_store.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <optional>

namespace sotto::rendezvous {

namespace {

// A commit takes milliseconds; a disk in trouble seconds.
constexpr int patience_ms = 30'000;
constexpr std::size_t max_reply_bytes = 4U << 20;

// A connected socket; -1 when nobody listens.
int connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return -1;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

std::optional<std::string> read_line(int fd) {
    std::string line;
    std::array<char, 65536> part{};
    while (line.find('\n') == std::string::npos && line.size() < max_reply_bytes) {
        pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
        if (poll(&wait, 1, patience_ms) != 1) return std::nullopt;
        const ssize_t size = read(fd, part.data(), part.size());
        if (size <= 0) return std::nullopt;
        line.append(part.data(), static_cast<std::size_t>(size));
    }
    return line;
}

Json ask_socket(int fd, const Json& request) {
    const std::string line = request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    const ssize_t sent = send(fd, line.data(), line.size(), MSG_NOSIGNAL);
    const auto answer = sent == static_cast<ssize_t>(line.size()) ? read_line(fd) : std::nullopt;
    close(fd);
    if (!answer) return refusal("the server runs but does not answer; look into its log");
    Json reply = Json::parse(*answer, nullptr, false);
    const bool well_formed = reply.is_object() && reply.contains("ok") && reply["ok"].is_boolean();
    return well_formed ? reply : refusal("the server's answer is not understood");
}

std::uint64_t wall_ms() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

StoreDone run(Store& store, AdminJob& job) {
    std::vector<StoreRequest> requests(1);
    requests[0].batch = std::move(job.batch);
    store.submit(std::move(requests));
    while (true) {
        pollfd wait{.fd = store.ready_fd(), .events = POLLIN, .revents = 0};
        (void)poll(&wait, 1, patience_ms);
        std::vector<StoreDone> done = store.collect();
        if (!done.empty()) return std::move(done.front());
    }
}

// Nobody serves the folder, and its lock is ours.
Json ask_folder(const ServerFolder& folder, const Json& request) {
    const auto config = read_config(folder.config_file());
    if (!config) return refusal(folder.config_file().string() + ": " + config.error().text);
    const auto key = folder.read_key();
    if (!key) return refusal(key.error().text);
    auto store = SqliteStore::open(folder.database_file().string(), config->max_database_bytes);
    if (!store) {
        return refusal(folder.database_file().string() + ": " +
                       std::string(to_string(store.error())));
    }
    crypto::SystemRandom random;
    const AdminDesk desk(to_link(config->listen, config->public_host, key->public_key()), random);
    auto begun = desk.begin(request.dump(), wall_ms(), nullptr);
    if (Json* refused = std::get_if<Json>(&begun)) return std::move(*refused);
    auto& job = std::get<AdminJob>(begun);
    const StoreDone done = run(**store, job);
    return AdminDesk::finish(job, done);
}

}  // namespace

Json ask_server(const std::string& path, const Json& request) {
    ServerFolder folder(path);
    const int fd = connect_to(folder.admin_socket().string());
    if (fd >= 0) return ask_socket(fd, request);
    if (access(folder.config_file().c_str(), R_OK) != 0) {
        return refusal("cannot read " + folder.config_file().string() +
                       "; give the server's folder with --dir, and run this as root or as the "
                       "server's own user");
    }
    if (!folder.lock()) {
        return refusal("a server runs in " + path + " but cannot be asked through " +
                       folder.admin_socket().string() + "; run this as root or as its own user");
    }
    return ask_folder(folder, request);
}

}  // namespace sotto::rendezvous
