// The rendezvous: a directory, a presence board, a blind relay and a sealed mailbox.
//
// A pure function of (now, randomness, input): no socket, clock, disk, thread, environment or log.
// Promises: whatever bytes a client sends, it gets an answer or is disconnected, and nobody else's
// state moves; a message is acknowledged only after the store committed it; memory is bounded.
// What it does not know (after a restart) it answers with unknown_session, and clients log in
// again. docs/protocol-rendezvous.md.
#pragma once

#include "rendezvous/logic/accounts.hpp"
#include "rendezvous/logic/directory.hpp"
#include "rendezvous/logic/prekeys.hpp"

#include <queue>

namespace sotto::rendezvous {

class Logic {
public:
    // `server_key`: the pinned CURVE key clients sign in their logins.
    Logic(const Settings& settings, const crypto::CurvePublic& server_key,
          crypto::RandomSource& random);
    Logic(const Logic&) = delete;
    Logic& operator=(const Logic&) = delete;

    [[nodiscard]] Outputs step(const Now& now, crypto::RandomSource& random, Input input);

    // Rates, community, password cost, limits: from the next step on. Sessions stay.
    void set_settings(const Settings& settings);

    [[nodiscard]] std::size_t client_count() const { return state_.clients.size(); }
    [[nodiscard]] std::size_t online_count() const { return state_.online.size(); }
    // Members have all places: nobody can be sent away for a newcomer.
    [[nodiscard]] bool full() const;
    [[nodiscard]] const LogicCounters& counters() const { return state_.counters; }
    // Walks all clients: for once in a while.
    [[nodiscard]] LogicGauges gauges() const;

private:
    struct Lease {
        std::uint64_t until_ms = 0;
        UserId user;
        std::uint64_t number = 0;
        bool operator>(const Lease& other) const { return until_ms > other.until_ms; }
    };

    void take(Turn& turn, ClientConnected& input);
    void take(Turn& turn, ClientFrame& input);
    void take(Turn& turn, const ClientGone& input);
    void take(Turn& turn, StoreDone& input);
    void take(Turn& turn, const MailHint& input);
    void take(Turn& turn, const AccountClosed& input);
    void take(Turn& turn, const Stopping& input);
    void take(Turn& turn, const Tick& input);

    void handle(Turn& turn, const UserId& user, RequestFrame& frame);
    void refuse_frame(Turn& turn, const UserId& user, const DecodeFailure& failure);
    [[nodiscard]] bool add_client(Turn& turn, const UserId& user,
                                  const std::optional<AddressPrefix>& prefix);
    [[nodiscard]] bool make_room(Turn& turn, const std::optional<AddressPrefix>& prefix);
    void drop_for_others(Turn& turn, const UserId& user);
    void turn_away(Turn& turn, const UserId& user);
    void remove_client(Turn& turn, const UserId& user);
    void end_leases(Turn& turn);
    void ping(Turn& turn, const UserId& user, RequestId id);
    void send_pongs(Turn& turn);
    void upkeep(Turn& turn);
    void expire(Turn& turn, std::size_t again);
    void resume(Turn& turn, const AwaitUpkeep& next, const StoreDone& done);

    State state_;
    PresenceBoard presence_;
    Mailbox mailbox_;
    Sessions sessions_;
    Login login_;
    Accounts accounts_;
    Prekeys prekeys_;
    Directory directory_;
    // One entry per client; renewed when it comes up and the client was heard meanwhile.
    std::priority_queue<Lease, std::vector<Lease>, std::greater<>> leases_;
    std::uint64_t next_lease_ = 1;
    std::vector<std::pair<UserId, RequestId>> pongs_;  // that wait for the next tick
    std::uint64_t retry_due_ms_ = 0;
    std::uint64_t upkeep_due_ms_ = 0;
};

}  // namespace sotto::rendezvous
