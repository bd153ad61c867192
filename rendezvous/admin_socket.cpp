#include "rendezvous/admin_socket.hpp"

#include "rendezvous/server.hpp"

#include <spdlog/spdlog.h>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

namespace sotto::rendezvous {

namespace {

// An operator, a monitoring script, and a few more.
constexpr std::size_t max_connections = 8;
// Enough to type a request by hand; a forgotten connection does not stay.
constexpr std::uint64_t idle_max_ms = 30'000;
// Two of the longest replies: 1,000 rows of about 300 bytes.
constexpr std::size_t max_unread_bytes = 1U << 20;

std::uint64_t mono_ms() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}
std::uint64_t wall_ms() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

bool may_ask(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

bool watch(int epoll, int fd, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return epoll_ctl(epoll, operation, fd, &event) == 0;
}

}  // namespace

crypto::Result<std::unique_ptr<AdminSocket>, std::string> AdminSocket::listen(
    const std::filesystem::path& path, AdminDesk desk) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path.string();
    if (name.size() >= sizeof address.sun_path) {
        return crypto::Unexpected("the path " + name + " is too long for a socket");
    }
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    std::unique_ptr<AdminSocket> made(new AdminSocket(path, listener, epoll, std::move(desk)));
    if (listener < 0 || epoll < 0) return crypto::Unexpected(std::string("no descriptor left"));
    unlink(name.c_str());
    // Before bind(): the file is made with this mode, so that there is no moment of another.
    const bool bound =
        fchmod(listener, 0600) == 0 &&
        bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(listener, static_cast<int>(max_connections)) == 0 &&
        watch(epoll, listener, EPOLLIN, EPOLL_CTL_ADD);
    if (!bound) return crypto::Unexpected("cannot make " + name);
    return made;
}

AdminSocket::AdminSocket(std::filesystem::path path, int listener, int epoll, AdminDesk desk)
    : path_(std::move(path)), listener_(listener), epoll_(epoll), desk_(std::move(desk)) {}

AdminSocket::~AdminSocket() {
    for (const auto& [fd, connection] : connections_)
        close(fd);
    if (listener_ >= 0) {
        close(listener_);
        unlink(path_.c_str());
    }
    if (epoll_ >= 0) close(epoll_);
}

void AdminSocket::attend(Server& server) {
    std::array<epoll_event, max_connections + 1> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events.at(static_cast<std::size_t>(i));
        if (event.data.fd == listener_) {
            accept_all();
            continue;
        }
        if ((event.events & EPOLLOUT) != 0) write(event.data.fd);
        if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(server, event.data.fd);
    }
}

void AdminSocket::accept_all() {
    while (true) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        if (connections_.size() >= max_connections || !may_ask(fd) ||
            !watch(epoll_, fd, EPOLLIN, EPOLL_CTL_ADD)) {
            close(fd);
            continue;
        }
        connections_.emplace(
            fd, Connection{.in = {}, .out = {}, .heard_ms = mono_ms(), .asking = false});
        numbers_.emplace(fd, next_number_++);
    }
}

void AdminSocket::read(Server& server, int fd) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    std::array<char, admin_request_max_bytes> part{};
    const ssize_t size = ::read(fd, part.data(), part.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return drop(fd);
    found->second.heard_ms = mono_ms();
    found->second.in.append(part.data(), static_cast<std::size_t>(size));
    if (found->second.in.size() > 2 * admin_request_max_bytes) return drop(fd);
    take_lines(server, fd);
}

// One request at a time: the next line waits for the answer to the last one.
void AdminSocket::take_lines(Server& server, int fd) {
    while (true) {
        const auto found = connections_.find(fd);
        if (found == connections_.end() || found->second.asking) return;
        std::string& in = found->second.in;
        const std::size_t end = in.find('\n');
        if (end == std::string::npos) {
            if (in.size() > admin_request_max_bytes) drop(fd);
            return;
        }
        const std::string line = in.substr(0, end);
        in.erase(0, end + 1);
        take_line(server, fd, line);
    }
}

void AdminSocket::take_line(Server& server, int fd, const std::string& line) {
    const ServerFigures figures = server.figures();
    auto begun = desk_.begin(line, wall_ms(), &figures);
    if (const Json* refused = std::get_if<Json>(&begun)) return reply(fd, *refused);
    auto& job = std::get<AdminJob>(begun);
    connections_.at(fd).asking = true;
    const std::uint64_t token = server.ask(*this, std::move(job.batch));
    asked_.emplace(token, Asked{.fd = fd, .connection = numbers_.at(fd), .job = std::move(job)});
}

void AdminSocket::answer(Server& server, StoreDone& done) {
    const auto found = asked_.find(done.token);
    if (found == asked_.end()) return;
    Asked asked = std::move(found->second);
    asked_.erase(found);
    // Also when the one who asked has left meanwhile: it is done.
    if (const auto account = AdminDesk::closed_by(asked.job, done)) server.close_account(*account);
    const Json json = AdminDesk::finish(asked.job, done);
    spdlog::info("admin request=\"{}\" ok={}", asked.job.verb, json.at("ok").get<bool>());
    const auto number = numbers_.find(asked.fd);
    if (number == numbers_.end() || number->second != asked.connection) return;
    connections_.at(asked.fd).asking = false;
    reply(asked.fd, json);
    take_lines(server, asked.fd);
}

void AdminSocket::reply(int fd, const Json& json) {
    Connection& connection = connections_.at(fd);
    // Names and notes may be any bytes: what is not UTF-8 is replaced.
    connection.out += json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (connection.out.size() > max_unread_bytes) return drop(fd);
    write(fd);
}

void AdminSocket::write(int fd) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    std::string& out = found->second.out;
    while (!out.empty()) {
        const ssize_t size = send(fd, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN) break;
        if (size <= 0) return drop(fd);
        out.erase(0, static_cast<std::size_t>(size));
    }
    (void)watch(epoll_, fd, out.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

void AdminSocket::tick(Server&) {
    std::vector<int> idle;
    for (const auto& [fd, connection] : connections_) {
        if (!connection.asking && connection.heard_ms + idle_max_ms < mono_ms()) idle.push_back(fd);
    }
    for (const int fd : idle)
        drop(fd);
}

void AdminSocket::drop(int fd) {
    if (connections_.erase(fd) == 0) return;
    numbers_.erase(fd);
    close(fd);  // leaves the epoll set by itself
}

}  // namespace sotto::rendezvous
