#include "rendezvous/logic/limits.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

constexpr std::uint64_t second_us = 1'000'000;

constexpr Rate per_second(std::uint32_t burst, std::uint64_t count) {
    return {burst, second_us / count};
}
constexpr Rate per_minute(std::uint32_t burst, std::uint64_t count) {
    return {burst, 60 * second_us / count};
}
constexpr Rate per_day(std::uint32_t burst, std::uint64_t count) {
    return {burst, 86400 * second_us / count};
}

constexpr std::size_t at(Action action) {
    return static_cast<std::size_t>(action);
}

// 100,000 prefixes x 150 B = 15 MB at most; beyond, all further ones share one bucket.
constexpr std::size_t max_prefixes = 100'000;

// docs/protocol.md 2.3.
constexpr std::uint32_t free_attempts = 5;
constexpr std::uint64_t first_block_ms = 1000;
constexpr std::uint64_t longest_block_ms = 15ULL * 60 * 1000;
// An attacker who fills the table pushes out old entries, his own included; the prefix and global
// limits on logins hold meanwhile.
constexpr std::size_t max_usernames = 10'000;

}  // namespace

RateTable default_rates(std::uint32_t factor) {
    RateTable table;
    // A frame costs the server about 15 us: 2,000/s is 3 % of a core, far above any honest client.
    table.connection[at(Action::frame)] = per_second(4000, 2000);
    // All of an address prefix: 15 % of a core.
    table.prefix[at(Action::frame)] = per_second(20'000, 10'000);
    table.connection[at(Action::challenge)] = per_minute(20, 60);
    // Twice what logins get: each needs one. A challenge is a mac, 10 us.
    table.prefix[at(Action::challenge)] = per_second(2000, 40);
    table.global[at(Action::challenge)] = per_second(8000, 2000);
    // A client logs in once per connection; a few more for typing errors.
    table.connection[at(Action::login)] = per_minute(10, 30);
    // A school behind one address comes back after a restart: 1,000 at once, then 20/s.
    table.prefix[at(Action::login)] = per_second(1000, 20);
    // One verification is 50 us; 1,000/s bring 10,000 clients back in 10 s.
    table.global[at(Action::login)] = per_second(4000, 1000);
    table.connection[at(Action::registration)] = per_minute(3, 6);
    // A class that registers in one lesson, not a script that takes all names.
    table.prefix[at(Action::registration)] = per_minute(60, 10);
    table.global[at(Action::registration)] = per_minute(300, 600);
    // Search as you type: 5 keys a second for a while.
    table.connection[at(Action::look_up)] = per_second(100, 10);
    table.account[at(Action::look_up)] = per_second(200, 10);
    // A class that types at the same time; nobody reads the whole directory from many connections,
    // or uses up what there is for all.
    table.prefix[at(Action::look_up)] = per_second(1000, 100);
    // The longest search (100,000 names, none fits) is a millisecond of the store's time: a third
    // of it at most.
    table.global[at(Action::look_up)] = per_second(2000, 300);
    table.connection[at(Action::fetch_bundle)] = per_second(100, 5);
    table.account[at(Action::fetch_bundle)] = per_second(200, 5);
    table.prefix[at(Action::fetch_bundle)] = per_second(2000, 50);
    // A bundle of eight devices is 25 KB: 100 Mbit/s at most.
    table.global[at(Action::fetch_bundle)] = per_second(4000, 500);
    // Taken from one account by all who may: depletion by a contact ends here (2.4).
    table.account[at(Action::take_prekey)] = per_day(60, 100);
    // A person writes to 32 accounts x 8 devices at once; a server-side fan-out does not exist.
    table.connection[at(Action::put_mail)] = per_second(2000, 1000);
    // In all there is no rate: what the disk cannot take is answered "busy" (State::ask).
    table.prefix[at(Action::put_mail)] = per_second(8000, 4000);
    table.connection[at(Action::publish)] = per_minute(30, 60);
    table.account[at(Action::publish)] = per_minute(60, 60);
    table.prefix[at(Action::publish)] = per_second(2000, 50);
    // Each is a commit's share and up to 64 KB.
    table.global[at(Action::publish)] = per_second(4000, 1000);
    // Mail of the connection before may be acknowledged: two mailboxes full. Each row is a look-up
    // of the store's, 5 us.
    table.account[at(Action::acknowledge)] = per_second(4000, 100);
    table.prefix[at(Action::acknowledge)] = per_second(40'000, 2000);
    if (factor <= 1) return table;
    for (auto* scope : {&table.connection, &table.account, &table.prefix, &table.global}) {
        for (Rate& rate : *scope) {
            rate.burst *= factor;
            rate.interval_us = rate.interval_us == 0 ? 0 : rate.interval_us / factor + 1;
        }
    }
    return table;
}

std::uint32_t TokenBucket::wait_ms(const Rate& rate, std::uint64_t now_ms,
                                   std::uint32_t count) const {
    if (rate.interval_us == 0) return 0;
    const std::uint64_t now_us = now_ms * 1000;
    const std::uint64_t after = std::max(full_at_us_, now_us) + count * rate.interval_us;
    const std::uint64_t latest = now_us + rate.burst * rate.interval_us;
    if (after <= latest) return 0;
    constexpr std::uint64_t longest_ms = 86'400'000;
    return static_cast<std::uint32_t>(std::min((after - latest + 999) / 1000, longest_ms));
}

void TokenBucket::take(const Rate& rate, std::uint64_t now_ms, std::uint32_t count) {
    full_at_us_ = std::max(full_at_us_, now_ms * 1000) + count * rate.interval_us;
}

Buckets* Limits::buckets_of(const std::optional<AddressPrefix>& prefix) {
    if (!prefix) return nullptr;
    const auto known = prefixes_.find(*prefix);
    if (known != prefixes_.end()) return &known->second;
    if (prefixes_.size() >= max_prefixes) return &crowd_;
    return &prefixes_[*prefix];
}

std::optional<std::uint32_t> Limits::refuse(Action action, std::uint32_t count,
                                            std::uint64_t now_ms, Buckets& connection,
                                            Buckets* account,
                                            const std::optional<AddressPrefix>& prefix) {
    const std::size_t index = at(action);
    struct Scope {
        const Rate& rate;
        Buckets* buckets;
    };
    const bool by_prefix = rates_.prefix[index].interval_us != 0;
    const std::array scopes{
        Scope{rates_.connection[index], &connection},
        Scope{rates_.account[index], account},
        Scope{rates_.prefix[index], by_prefix ? buckets_of(prefix) : nullptr},
        Scope{rates_.global[index], &global_},
    };
    std::uint32_t wait = 0;
    for (const Scope& scope : scopes) {
        if (scope.buckets == nullptr) continue;
        wait = std::max(wait, (*scope.buckets)[index].wait_ms(scope.rate, now_ms, count));
    }
    if (wait > 0) return wait;
    for (const Scope& scope : scopes) {
        if (scope.buckets == nullptr) continue;
        (*scope.buckets)[index].take(scope.rate, now_ms, count);
    }
    return std::nullopt;
}

void Limits::tidy(std::uint64_t now_ms) {
    std::erase_if(prefixes_, [now_ms](const auto& entry) {
        return std::all_of(entry.second.begin(), entry.second.end(),
                           [now_ms](const TokenBucket& bucket) { return bucket.full(now_ms); });
    });
}

std::uint32_t PasswordBackoff::refuse(const std::string& username, std::uint64_t now_ms) {
    if (!attempts_.contains(username) && !make_room()) {
        return static_cast<std::uint32_t>(first_block_ms);
    }
    Attempts& attempts = attempts_[username];
    if (now_ms < attempts.blocked_until_ms) {
        return static_cast<std::uint32_t>(attempts.blocked_until_ms - now_ms);
    }
    by_count_.erase({attempts.count, username});
    by_count_.emplace(++attempts.count, username);
    if (attempts.count >= free_attempts) {
        const std::uint32_t doublings = std::min(attempts.count - free_attempts, 20U);
        attempts.blocked_until_ms =
            now_ms + std::min(first_block_ms << doublings, longest_block_ms);
    } else {
        attempts.blocked_until_ms = now_ms;  // remembers when, for tidy()
    }
    return 0;
}

// A name that is blocked keeps its place: else whoever guesses one password could push it out with
// names nobody has. When all are blocked, names that are not among them wait.
bool PasswordBackoff::make_room() {
    if (attempts_.size() < max_usernames) return true;
    if (by_count_.begin()->first >= free_attempts) return false;
    attempts_.erase(by_count_.begin()->second);
    by_count_.erase(by_count_.begin());
    return true;
}

void PasswordBackoff::succeeded(const std::string& username) {
    const auto known = attempts_.find(username);
    if (known == attempts_.end()) return;
    by_count_.erase({known->second.count, username});
    attempts_.erase(known);
}

void PasswordBackoff::tidy(std::uint64_t now_ms) {
    std::erase_if(attempts_, [&](const auto& entry) {
        const bool old = now_ms >= entry.second.blocked_until_ms + longest_block_ms;
        if (old) by_count_.erase({entry.second.count, entry.first});
        return old;
    });
}

}  // namespace sotto::rendezvous
