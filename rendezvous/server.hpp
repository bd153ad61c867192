// The rendezvous on the network: one ROUTER, one thread that routes, one logic, one store.
//
// Reads frames, feeds the logic, carries out what it returns. Does no disk I/O; the most it
// computes are the signatures of a device list (17 x 50 us) and of a login (one). Identity is the
// CURVE key ZAP verified, read from the second frame; a message of other than two frames gets its
// sender thrown out and banned. Logs counts and events, never content, addresses, names or who
// writes to whom. docs/protocol-rendezvous.md, "Connection".
#pragma once

#include "rendezvous/attendant.hpp"
#include "rendezvous/connections.hpp"
#include "rendezvous/figures.hpp"
#include "rendezvous/logic/logic.hpp"
#include "rendezvous/zap_handler.hpp"

#include <poll.h>

#include <memory>

namespace sotto::rendezvous {

enum class ServerError : std::uint8_t { libzmq_too_old, cannot_bind, cannot_start };
[[nodiscard]] constexpr std::string_view to_string(ServerError error) {
    switch (error) {
        case ServerError::libzmq_too_old:
            return "libzmq is older than 4.3.2 or built without CURVE";
        case ServerError::cannot_bind:
            return "cannot listen on this address (in use?)";
        case ServerError::cannot_start:
            return "the network could not be set up";
    }
    return "unknown server error";
}

struct ServerOptions {
    std::string listen;  // "tcp://*:7313"; port 0 takes any free one
    Settings settings;
    int handshake_ms = 10'000;    // a connection that is silent for so long goes
    int first_frame_ms = 40'000;  // and one without a request, counted from its beginning
    ZapTimes zap = {};
};

class Server {
public:
    // Bound when this returns. `store` and `bus` outlive the server and are its own meanwhile.
    [[nodiscard]] static crypto::Result<std::unique_ptr<Server>, ServerError> start(
        const ServerOptions& options, const crypto::OwnCurve& own, Store& store, Bus& bus,
        crypto::RandomSource& random);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // Where it listens, with the real port: "tcp://127.0.0.1:7313".
    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
    // Serves until `stop_fd` is readable, then lets the store finish what it has.
    void run(int stop_fd);
    [[nodiscard]] const ServerCounters& counters() const { return counters_; }

    // Before run(); it outlives the server.
    void add(Attendant& attendant) { attendants_.push_back(&attendant); }
    // The rest is for attendants, while they are called.
    [[nodiscard]] std::uint64_t ask(Attendant& attendant, std::vector<ops::Op> batch);
    void close_account(const AccountId& account) { feed(AccountClosed{account}); }
    void set_settings(const Settings& settings);
    [[nodiscard]] ServerFigures figures() const;
    // Whether the thread that lets clients in goes round.
    [[nodiscard]] bool lets_in() const { return zap_.lives(); }

private:
    Server(const ServerOptions& options, const crypto::OwnCurve& own, Store& store, Bus& bus,
           crypto::RandomSource& random);

    struct Incoming;
    [[nodiscard]] bool receive(Incoming& incoming);
    void take_frames();
    void take(Incoming& incoming);
    void take_events();
    [[nodiscard]] std::size_t silent_max() const;
    void take_results();
    void tick();
    [[nodiscard]] std::vector<pollfd> poll_items(int stop_fd);
    [[nodiscard]] bool wait(std::vector<pollfd>& items);
    void round();
    void finish();
    void feed(Input input);
    void carry_out(Outputs outputs);
    void send(SendFrame& frame);
    void submit();
    [[nodiscard]] int poll_timeout_ms() const;

    Store& store_;
    Bus& bus_;
    crypto::RandomSource& random_;
    zmq::context_t context_;
    ZapHandler zap_;  // before the router: it must be bound first
    zmq::socket_t router_;
    zmq::socket_t monitor_;
    Connections connections_;
    Logic logic_;
    std::string endpoint_;
    std::size_t max_clients_;
    std::uint64_t first_frame_ms_;
    std::uint64_t started_ms_ = 0;
    std::vector<Attendant*> attendants_;
    std::map<std::uint64_t, Attendant*> asked_;  // by token
    std::uint64_t next_token_;
    std::vector<StoreRequest> to_store_;
    std::size_t at_store_ = 0;
    std::vector<UserId> gone_;
    std::uint64_t next_tick_ms_ = 0;
    bool router_used_ = true;  // since it was last read empty
    ServerCounters counters_;
};

}  // namespace sotto::rendezvous
