// Who may finish a CURVE handshake with the server, answered from memory in a thread of its own.
//
// Every key may, as long as there is room and its address does not hammer: accounts are checked
// later, by signatures bound to that key. Returns hex(key) as User-Id. Must exist before the ROUTER
// is bound; should its thread ever end, libzmq refuses everybody (ZAP_ENFORCE_DOMAIN), so it fails
// closed. "300" = try again later, "400" = never: for keys that broke the framing on purpose.
#pragma once

#include "rendezvous/event_fd.hpp"
#include "rendezvous/figures.hpp"
#include "rendezvous/logic/limits.hpp"

#include <zmq.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

namespace sotto::rendezvous {

inline constexpr const char* zap_domain = "sotto";

class ZapHandler {
public:
    // Bound when this returns. Throws zmq::error_t.
    explicit ZapHandler(zmq::context_t& context);
    ~ZapHandler();
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;

    // While full, new connections are told to come back.
    void set_full(bool full) { full_ = full; }
    void ban(const UserId& user);
    [[nodiscard]] HandshakeCounters counters() const;

private:
    struct Verdict {
        const char* status;
        std::string user_id;
    };
    void run(zmq::socket_t socket);
    void answer(zmq::socket_t& socket);
    [[nodiscard]] Verdict judge(const std::vector<zmq::message_t>& request);
    [[nodiscard]] bool hammers(std::string_view address);

    std::atomic<bool> full_{false};
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> refused_full_{0};
    std::atomic<std::uint64_t> refused_rate_{0};
    std::atomic<std::uint64_t> refused_banned_{0};
    std::mutex mutex_;  // guards the banned keys
    std::set<UserId> banned_;
    std::deque<UserId> banned_order_;
    std::map<AddressPrefix, TokenBucket> handshakes_;  // the thread's own
    EventFd stop_;
    std::jthread thread_;
};

}  // namespace sotto::rendezvous
