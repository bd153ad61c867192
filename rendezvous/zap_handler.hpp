// Who may finish a CURVE handshake with the server, answered from memory in a thread of its own.
//
// Every key may, as long as there is room and its address does not hammer: accounts are checked
// later, by signatures bound to that key. Returns hex(key) as User-Id. Must exist before the ROUTER
// is bound; should its thread ever end, libzmq refuses everybody (ZAP_ENFORCE_DOMAIN), so it fails
// closed. "300" = try again later, "400" = never: for keys that broke the framing on purpose.
// libzmq keeps a pipe of 10 KiB from each connection to the socket that let it in, until one of
// them closes: so the handler changes to a fresh socket and closes the old one (decision 0121).
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

struct ZapTimes {
    // A socket that let somebody in is replaced so much later. Storms of logins are over by then.
    std::uint64_t renew_ms = 5'000;
    // And closed so much later: nobody who asked it may still be waiting. Longer than a handshake.
    std::uint64_t close_ms = 15'000;
    // The thread shows at least so often that it lives.
    std::uint64_t life_ms = 10'000;
};

class ZapHandler {
public:
    // Bound when this returns. Throws zmq::error_t.
    ZapHandler(zmq::context_t& context, ZapTimes times);
    ~ZapHandler();
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;

    // While full, new connections are told to come back.
    void set_full(bool full) { full_ = full; }
    void ban(const UserId& user);
    [[nodiscard]] HandshakeCounters counters() const;
    // Whether the thread goes round, seen from any thread. Without it nobody gets in.
    [[nodiscard]] bool lives() const;

private:
    struct Verdict {
        const char* status;
        std::string user_id;
    };
    // The socket that is asked now, and the one before it. The thread's own.
    struct Sockets {
        enum class Phase : std::uint8_t { unused, used, closing, trimming };
        zmq::socket_t now;
        std::optional<zmq::socket_t> before;
        Phase phase = Phase::unused;
        std::uint64_t due_ms = 0;        // the end of this phase, unless unused
        std::uint64_t pipes_now = 0;     // of those let in by `now`
        std::uint64_t pipes_before = 0;  // and by the last one
    };
    void run(zmq::socket_t socket);
    void go_on(Sockets& sockets, std::uint64_t now_ms);
    void answer(zmq::socket_t& socket);
    [[nodiscard]] Verdict judge(const std::vector<zmq::message_t>& request);
    [[nodiscard]] bool hammers(std::string_view address);

    zmq::context_t& context_;
    const ZapTimes times_;
    std::atomic<bool> full_{false};
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> refused_full_{0};
    std::atomic<std::uint64_t> refused_rate_{0};
    std::atomic<std::uint64_t> refused_banned_{0};
    std::atomic<std::uint64_t> lived_ms_;  // when the thread last went round
    std::mutex mutex_;                     // guards the banned keys
    std::set<UserId> banned_;
    std::deque<UserId> banned_order_;
    std::map<AddressPrefix, TokenBucket> handshakes_;  // the thread's own
    EventFd stop_;
    std::jthread thread_;
};

}  // namespace sotto::rendezvous
