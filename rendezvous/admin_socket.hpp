// The operator's way into a running server: a Unix socket in its folder, not on the network.
//
// Mode 0600, and only the server's own user and root are answered (SO_PEERCRED). One JSON object
// per line, answered by one per line. Bounded: connections, bytes of a request, bytes that wait to
// be read, idle time. Never waits; belongs to the server's thread.
#pragma once

#include "rendezvous/admin_desk.hpp"
#include "rendezvous/attendant.hpp"

#include <filesystem>
#include <map>
#include <memory>

namespace sotto::rendezvous {

class AdminSocket final : public Attendant {
public:
    // The folder's lock must be held: a socket that is left over is removed. A sentence on failure.
    [[nodiscard]] static crypto::Result<std::unique_ptr<AdminSocket>, std::string> listen(
        const std::filesystem::path& path, AdminDesk desk);
    ~AdminSocket() override;

    [[nodiscard]] int fd() const override { return epoll_; }
    void attend(Server& server) override;
    void tick(Server& server) override;
    void answer(Server& server, StoreDone& done) override;

private:
    struct Connection {
        std::string in;
        std::string out;
        std::uint64_t heard_ms = 0;
        bool asking = false;  // its request is at the store
    };
    struct Asked {
        int fd = -1;
        std::uint64_t connection = 0;  // descriptors are used again, numbers are not
        AdminJob job;
    };
    AdminSocket(std::filesystem::path path, int listener, int epoll, AdminDesk desk);

    void accept_all();
    void read(Server& server, int fd);
    void take_lines(Server& server, int fd);
    void take_line(Server& server, int fd, const std::string& line);
    void reply(int fd, const Json& json);
    void write(int fd);
    void drop(int fd);

    std::filesystem::path path_;
    int listener_;
    int epoll_;
    AdminDesk desk_;
    std::map<int, Connection> connections_;
    std::map<int, std::uint64_t> numbers_;  // of the connections
    std::uint64_t next_number_ = 1;
    std::map<std::uint64_t, Asked> asked_;  // by the store's token
};

}  // namespace sotto::rendezvous
