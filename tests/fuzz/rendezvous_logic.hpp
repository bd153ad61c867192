// The rendezvous' logic as a fuzz target sees it: two people logged in, a stranger, a store in
// memory, and a script of bytes.
//
// A script is a row of steps: u8 what, u16 little-endian size, size bytes. What is not a whole step
// ends it.
#pragma once

#include "rendezvous/logic/logic.hpp"
#include "rendezvous/memory_store.hpp"
#include "tests/fuzz/support.hpp"
#include "tests/support/rendezvous_person.hpp"

namespace sotto::fuzz {

enum class Step : std::uint8_t {
    frame_of_anna,
    frame_of_bob,
    frame_of_stranger,
    connect,  // first byte: who
    leave,    // first byte: who
    wait,     // u16 tenths of a second
    hint,     // mail of anna was stored elsewhere
    hold,     // nothing; a step whose last byte is this number leaves the store's answers there
};
inline constexpr std::size_t step_kinds = 8;

class LogicRun {
public:
    LogicRun();
    void run(ByteView script);

    // The same in every run, so that seeds can name them.
    static const rendezvous::testing::Person& anna();
    static const rendezvous::testing::Person& bob();

private:
    void take(Step step, ByteView bytes);
    void feed(rendezvous::Input input);
    void carry_out(rendezvous::Outputs outputs);
    void collect();
    void log_in(const rendezvous::UserId& user, const rendezvous::testing::Person& person);
    [[nodiscard]] const rendezvous::UserId& who(ByteView bytes) const;

    crypto::SeededRandom random_{81};
    crypto::CurvePublic server_key_;
    std::vector<rendezvous::UserId> users_;  // anna, bob, the stranger
    rendezvous::MemoryStore store_;
    rendezvous::Logic logic_;
    rendezvous::Now now_{.mono_ms = 1'000'000, .wall_ms = rendezvous::testing::start_ms};
    std::optional<rendezvous::Reply> last_;
};

}  // namespace sotto::fuzz
