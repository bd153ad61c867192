// One call of Engine::step(): the time, the randomness, and the outputs as they grow.
//
// Nouns take a Turn and write what they want done into it; nothing they do reaches outside before
// step() returns. Time stands still within a turn.
#pragma once

#include "crypto/random.hpp"
#include "peer/output.hpp"

namespace sotto::peer::engine {

// A device of an account. Device ids are unique only within an account: another account may claim
// any.
struct DeviceAddress {
    AccountId account;
    DeviceId device;
    friend auto operator<=>(const DeviceAddress&, const DeviceAddress&) = default;
};

struct Turn {
    Now now;
    // The wall clock with its jumps taken out, for ages and times to live: a clock that is years
    // off for an hour must not expire anything (ServerSession::believe).
    std::uint64_t believed_ms;
    // The same for what is destroyed by its age: of two clocks that have never agreed the earlier,
    // so that neither of them can destroy alone.
    std::uint64_t undisputed_ms = believed_ms;
    crypto::RandomSource& random;
    Outputs out{};
    // False: there is no reason to believe `believed_ms` yet; what is dated now is dated later.
    bool dated = true;

    void save(SaveOp op) { out.saves.push_back(std::move(op)); }
    void send(NetworkOutput output) { out.sends.push_back(std::move(output)); }
    void show(ViewChange change) { out.changes.push_back(std::move(change)); }

    void done(CommandId command) {
        if (command != 0) show(CommandDone{.command = command});
    }
    void failed(CommandId command, CommandError error, std::uint64_t retry_after_ms = 0) {
        if (command == 0) return;
        show(CommandFailed{.command = command, .error = error, .retry_after_ms = retry_after_ms});
    }

    [[nodiscard]] Instant after(std::uint64_t delay_ms) const { return {now.mono.ms + delay_ms}; }
    /// 0 .. below - 1, almost evenly (the bias of 2^64 mod below does not matter for delays).
    [[nodiscard]] std::uint64_t below(std::uint64_t below) {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : random.array<8>())
            value = (value << 8U) | byte;
        return below == 0 ? 0 : value % below;
    }
    /// Half of `delay_ms` to all of it: many peers that lost the same server do not return at once.
    [[nodiscard]] std::uint64_t jittered(std::uint64_t delay_ms) {
        return delay_ms / 2 + below(delay_ms / 2 + 1);
    }
};

}  // namespace sotto::peer::engine
