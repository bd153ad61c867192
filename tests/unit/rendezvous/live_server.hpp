// A real server in a thread, and clients that are plain CURVE DEALERs or plain TCP sockets.
//
// Nothing sleeps: a test waits on a reply, a descriptor or a monitor event. The long time-outs only
// end a test that would otherwise hang.
#pragma once

#include "logic_world.hpp"
#include "rendezvous/endpoint.hpp"
#include "rendezvous/local_bus.hpp"
#include "rendezvous/router_socket.hpp"
#include "rendezvous/server.hpp"
#include "rendezvous/sqlite_store.hpp"
#include "tests/support/tcp_client.hpp"

#include <thread>

namespace sotto::rendezvous::testing {

class LiveServer {
public:
    explicit LiveServer(ServerOptions chosen = options()) : options_(std::move(chosen)) { start(); }
    ~LiveServer() { stop(); }
    LiveServer(const LiveServer&) = delete;
    LiveServer& operator=(const LiveServer&) = delete;

    static ServerOptions options() {
        return {.listen = "tcp://127.0.0.1:" + std::to_string(find_free_port().value_or(0)),
                .settings = World::open_settings(),
                .handshake_ms = 10'000};
    }
    void start() {
        auto opened = SqliteStore::open(directory_.file("db"), 0);
        ASSERT_TRUE(opened.has_value());
        store_ = std::move(*opened);
        auto started = Server::start(options_, key_, *store_, bus_, random_);
        ASSERT_TRUE(started.has_value()) << to_string(started.error());
        server_ = std::move(*started);
        thread_ = std::jthread([this] { server_->run(stop_.fd()); });
    }
    // Returns what it counted.
    ServerCounters stop() {
        if (!thread_.joinable()) return {};
        stop_.signal();
        thread_.join();
        stop_.drain();
        const ServerCounters counters = server_->counters();
        server_.reset();
        store_.reset();
        return counters;
    }
    [[nodiscard]] const std::string& endpoint() const { return options_.listen; }
    [[nodiscard]] const crypto::CurvePublic& key() const { return key_.public_key(); }
    [[nodiscard]] std::uint16_t port() const { return parse_endpoint(options_.listen)->port; }

private:
    TempDir directory_;
    crypto::SystemRandom random_;
    crypto::OwnCurve key_ = crypto::OwnCurve::generate(random_);
    ServerOptions options_;
    LocalBus bus_;
    EventFd stop_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<Server> server_;
    std::jthread thread_;
};

}  // namespace sotto::rendezvous::testing
