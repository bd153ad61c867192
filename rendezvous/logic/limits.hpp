// How often who may do what: token buckets per connection, account, address prefix and server.
//
// A request passes when every scope that limits it has a token; only then is one taken from each.
// A bucket is one number (the time at which it is full again), so all of it stays small; the table
// of prefixes is bounded. Pure. docs/protocol-rendezvous.md, "Limits".
#pragma once

#include "rendezvous/logic/values.hpp"

#include <map>
#include <set>

namespace sotto::rendezvous {

enum class Action : std::uint8_t {
    frame,      // anything at all
    challenge,  // 2.3 HELLO
    login,
    registration,
    look_up,
    fetch_bundle,
    take_prekey,  // one-time prekeys, counted for the account they are taken from
    put_mail,
    publish,      // prekeys, device list, settings
    acknowledge,  // rows that were not sent over this connection
};
inline constexpr std::size_t action_count = 10;

// `burst` at once, then one per `interval_us`. interval_us 0 = unlimited.
struct Rate {
    std::uint32_t burst = 0;
    std::uint64_t interval_us = 0;
};

struct RateTable {
    std::array<Rate, action_count> connection{};
    std::array<Rate, action_count> account{};
    std::array<Rate, action_count> prefix{};
    std::array<Rate, action_count> global{};
};
// The numbers with their reasons. `factor` makes all of them that many times more generous, for
// load tests.
[[nodiscard]] RateTable default_rates(std::uint32_t factor);

// GCRA: holds the time at which the bucket is full again; 0 = full.
class TokenBucket {
public:
    // Milliseconds until a token is there; 0 = now.
    [[nodiscard]] std::uint32_t wait_ms(const Rate& rate, std::uint64_t now_ms,
                                        std::uint32_t count) const;
    void take(const Rate& rate, std::uint64_t now_ms, std::uint32_t count);
    [[nodiscard]] bool full(std::uint64_t now_ms) const { return full_at_us_ <= now_ms * 1000; }

private:
    std::uint64_t full_at_us_ = 0;
};
using Buckets = std::array<TokenBucket, action_count>;

class Limits {
public:
    explicit Limits(const RateTable& rates) : rates_(rates) {}
    // What was used up stays used up.
    void set_rates(const RateTable& rates) { rates_ = rates; }

    // Takes `count` tokens in every scope, or none and says in how many milliseconds (>= 1) to try
    // again. `account` may be nullptr. More than a bucket holds never pass.
    [[nodiscard]] std::optional<std::uint32_t> refuse(Action action, std::uint32_t count,
                                                      std::uint64_t now_ms, Buckets& connection,
                                                      Buckets* account,
                                                      const std::optional<AddressPrefix>& prefix);
    // Whether accounts have a limit of their own for it.
    [[nodiscard]] bool by_account(Action action) const {
        return rates_.account[static_cast<std::size_t>(action)].interval_us != 0;
    }
    // Forgets prefixes whose buckets are full again.
    void tidy(std::uint64_t now_ms);

private:
    [[nodiscard]] Buckets* buckets_of(const std::optional<AddressPrefix>& prefix);

    RateTable rates_;
    Buckets global_;
    Buckets crowd_;  // shared by all prefixes that found the table full
    std::map<AddressPrefix, Buckets> prefixes_;
};

// Password attempts per username, docs/protocol.md 2.3: after 5 failures 1 s, doubling to 15 min.
// An attempt counts as failed until it succeeds, so that many at once gain nothing. Device logins
// are never counted here: nobody can lock an owner out.
class PasswordBackoff {
public:
    // 0: go on, and the attempt is counted. Else milliseconds to wait.
    [[nodiscard]] std::uint32_t refuse(const std::string& username, std::uint64_t now_ms);
    void succeeded(const std::string& username);
    void tidy(std::uint64_t now_ms);
    [[nodiscard]] std::size_t size() const { return attempts_.size(); }

private:
    struct Attempts {
        std::uint32_t count = 0;
        std::uint64_t blocked_until_ms = 0;
    };
    [[nodiscard]] bool make_room();

    std::map<std::string, Attempts> attempts_;
    // The same names, those with the fewest attempts first: whose place a new name may take.
    std::set<std::pair<std::uint32_t, std::string>> by_count_;
};

}  // namespace sotto::rendezvous
