// A session that exists, both ends in the test's hands, and why a message may be refused: for the
// attacks on the ratchet.
#pragma once

#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {

inline constexpr auto bad_header = "!no header key opens the message";
inline constexpr auto bad_body = "!message body is not authentic";
inline constexpr auto malformed = "!malformed message";
inline constexpr auto duplicate = "!message key already used";
inline constexpr auto too_many = "!too many messages left out";

class OnASession : public ::testing::Test {
protected:
    Party alice_party_ = make_party(1601, suites_of_this_build().back());
    Party bob_party_ = make_party(1602, suites_of_this_build().back());
    Session s_ = make_session(alice_party_, bob_party_);
    SeededRandom random_{1603};

    [[nodiscard]] Bytes from_alice(std::string_view content) {
        return send(s_.alice, content, random_);
    }
    [[nodiscard]] Bytes from_bob(std::string_view content) {
        return send(s_.bob, content, random_);
    }
    [[nodiscard]] std::uint32_t draw(std::uint32_t below) {
        const auto bytes = random_.array<4>();
        Reader in(bytes);
        return in.u32() % below;
    }
    void round_trip() {
        ASSERT_EQ(receive(s_.alice, from_bob("ping")), "ping");
        ASSERT_EQ(receive(s_.bob, from_alice("pong")), "pong");
    }
};

}  // namespace sotto::crypto::attack
