// What the rendezvous knows while it runs: connections, who is online, what the store was asked.
//
// Shared by the nouns of this folder (login, accounts, prekeys, directory, presence, mailbox). All
// of it is soft: a restart forgets it, and clients log in again. Every container is bounded here.
#pragma once

#include "crypto/random.hpp"
#include "rendezvous/logic/continuations.hpp"
#include "rendezvous/logic/counters.hpp"
#include "rendezvous/logic/crowd.hpp"
#include "rendezvous/logic/limits.hpp"
#include "rendezvous/logic/settings.hpp"
#include "rendezvous/logic/values.hpp"

#include <map>
#include <set>

namespace sotto::rendezvous {

// One call of step(): the frozen clocks, the randomness, and what is to be done.
struct Turn {
    Now now;
    crypto::RandomSource& random;
    Outputs outputs;
};

struct Session {
    AccountId account;
    std::optional<DeviceId> device;  // none: logged in by password only
};

struct WatchedAccount {
    AccountId account;
    std::optional<MailboxTokenHash> token;
};

// One CURVE connection.
struct Client {
    std::optional<AddressPrefix> prefix;
    std::string observed;
    std::uint64_t last_seen_ms = 0;
    std::uint64_t lease = 0;  // number of its lease: an older one of the same key is void
    std::optional<Session> session;
    Buckets buckets;
    std::size_t pending = 0;  // batches at the store
    bool watches_directory = false;
    std::vector<WatchedAccount> watched;  // by account
};

// What a logged-in device has been sent and not acknowledged; mailbox.hpp.
struct Delivery {
    std::map<std::uint64_t, std::size_t> in_flight;  // row -> bytes
    std::size_t in_flight_bytes = 0;
    std::set<std::uint64_t> being_deleted;
    std::set<std::uint64_t> deleted_later;  // of them, those the store had no room for yet
    bool listing = false;                   // a ListMail is at the store
    bool more = false;                      // the store has mail beyond the window
};

struct OnlineDevice {
    UserId user;
    Delivery delivery;
};

// An account with at least one device logged in.
struct OnlineAccount {
    std::string username;
    bool listed = false;
    Visibility visibility = Visibility::members;
    ops::TokenHashes tokens;
    Buckets buckets;
    std::map<DeviceId, OnlineDevice> devices;
};

// H("PM1/mt", token): what the store keeps of a mailbox token.
[[nodiscard]] MailboxTokenHash hash_of(const MailboxToken& token);

// The order of keys, inline as far as the first eight bytes, which mostly decide: the maps of who
// is there compare some hundred keys for each message.
struct KeyOrder {
    template <class Key>
    [[nodiscard]] bool operator()(const Key& a, const Key& b) const noexcept {
        const std::uint64_t first_a = first(a.view());
        const std::uint64_t first_b = first(b.view());
        return first_a != first_b ? first_a < first_b : a < b;
    }

private:
    [[nodiscard]] static std::uint64_t first(std::span<const std::uint8_t, 32> bytes) noexcept {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < sizeof number; ++i)
            number = (number << 8U) | bytes[i];
        return number;
    }
};

class State {
public:
    State(const Settings& chosen, const crypto::CurvePublic& own_key)
        : settings(chosen), server_key(own_key), limits(chosen.rates) {}

    Settings settings;
    LogicCounters counters;
    bool stopping = false;
    const crypto::CurvePublic server_key;
    std::map<UserId, Client, KeyOrder> clients;
    std::map<AddressPrefix, std::size_t> clients_by_prefix;
    Crowd<UserId> anonymous;  // the clients without a device session
    std::map<AccountId, OnlineAccount, KeyOrder> online;
    Limits limits;

    [[nodiscard]] Client* find(const UserId& user);
    [[nodiscard]] OnlineAccount* find(const AccountId& account);
    // Instead of erasing from `clients` and `online`: find() remembers what it found last.
    void forget(const UserId& user);
    void forget(const AccountId& account);
    [[nodiscard]] OnlineDevice* find(const ops::MailAddress& address);
    // Every change of a client's session, so that `anonymous` stays true.
    void set_session(const UserId& user, Client& client, const std::optional<Session>& session);
    // The session's device, when `user` is logged in as one.
    [[nodiscard]] std::optional<ops::MailAddress> device_of(const UserId& user);

    // Answers, if the connection still exists.
    void reply(Turn& turn, const UserId& user, RequestId id, Reply reply);
    void push(Turn& turn, const UserId& user, Reply message) {
        reply(turn, user, 0, std::move(message));
    }
    void refuse(Turn& turn, const UserId& user, RequestId id, ErrorCode code,
                std::uint32_t retry_after_ms = 0) {
        ++counters.refused[static_cast<std::size_t>(code)];
        reply(turn, user, id, Error{code, retry_after_ms});
    }

    // The session's device; without one it answers unknown_session, or not_allowed to somebody who
    // is logged in by password only, and returns nothing.
    [[nodiscard]] std::optional<ops::MailAddress> require_device(Turn& turn, const UserId& user,
                                                                 RequestId id);
    // What a failed batch tells the client.
    void refuse(Turn& turn, const UserId& user, RequestId id, StoreError error);

    // Takes the tokens of `action` or answers rate_limited and returns false.
    [[nodiscard]] bool admit(Turn& turn, const UserId& user, RequestId id, Action action) {
        return admit_many(turn, user, id, action, 1);
    }
    [[nodiscard]] bool admit_many(Turn& turn, const UserId& user, RequestId id, Action action,
                                  std::uint32_t count);

    // Hands a batch to the store and remembers how to go on. With too much in flight already it
    // answers busy and returns false. The logic's own batches (no user) always pass.
    bool ask(Turn& turn, const std::optional<UserId>& user, RequestId id, Continuation next,
             std::vector<ops::Op> batch);
    bool ask(Turn& turn, const std::optional<UserId>& user, RequestId id, Continuation next,
             ops::Op op);
    // The continuation of a finished batch, once.
    [[nodiscard]] std::optional<Pending> finish(std::uint64_t token);

    [[nodiscard]] std::size_t pending() const { return pending_.size(); }
    [[nodiscard]] std::size_t pending_bytes() const { return pending_bytes_; }

private:
    // A frame asks for its sender again and again. (The nodes of a map stay where they are.)
    struct Found {
        std::pair<const UserId, Client>* client = nullptr;
        std::pair<const AccountId, OnlineAccount>* account = nullptr;
    };
    Found last_;
    std::map<std::uint64_t, Pending> pending_;
    std::size_t pending_bytes_ = 0;
    std::uint64_t next_token_ = 1;
};

}  // namespace sotto::rendezvous
