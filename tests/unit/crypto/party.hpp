// People for the tests of crypto/: an account with one device and its published prekeys, made from
// a seed; and generators that repeat.
#pragma once

#include <gtest/gtest.h>

#include "crypto/handshake.hpp"

namespace sotto::crypto::test {

/// The moment at which the tests take place (ms).
inline constexpr std::uint64_t now_ms = 1'800'000'000'000;

/// Hands out exactly the given bytes; asking for more is an error of the test.
class FixedRandom final : public RandomSource {
public:
    explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    Bytes bytes_;
    std::size_t used_ = 0;
};

struct PartyOptions {
    std::uint64_t seed;
    SuiteSet suites = SuiteSet(1);
    std::uint8_t min_suite = 1;
    std::uint8_t suite_floor = 1;
    bool pq_one_time = true;
    std::uint64_t created_ms = now_ms - 1000;
};

/// An account with one device. Members are in the order in which they are made.
struct Party {
    explicit Party(const PartyOptions& options);

    SeededRandom random;
    OwnAccountKey amk;
    OwnDsk dsk;
    OwnDik dik;
    DeviceId device;
    Cert cert;
    DevList dev_list;
    OwnSignedPreKey spk;
    OwnMailboxKey mbk;
    std::optional<OwnPqPreKey> pq;  // where suites has hybrid
    OwnOneTimePreKey one_time;
    PreRec prerec;
    OpkRec opk_rec;

    [[nodiscard]] OwnIdentity identity() const { return {cert, dev_list, dik}; }
    [[nodiscard]] PreKeyBundle bundle(bool with_one_time) const;
    [[nodiscard]] PreRec make_prerec(std::uint64_t seq, std::uint8_t floor, bool with_pq,
                                     std::uint64_t created) const;
    [[nodiscard]] ResponderKeys keys() const;
    [[nodiscard]] KnownPeer known() const {
        return {.account = amk.public_key(), .dev_list = {}, .floor = {0, 0}};
    }
};

/// {1}, or {1, 2} where this build has X-Wing.
[[nodiscard]] std::vector<Suite> suites_of_this_build();
[[nodiscard]] Party make_party(std::uint64_t seed, Suite best);

/// A session, both ends; the first message "first" is delivered.
struct Session {
    Ratchet alice;
    Ratchet bob;
};
[[nodiscard]] Session make_session(Party& alice, const Party& bob);

/// A text as content.
[[nodiscard]] Bytes text(std::string_view content);

/// Decrypts, stores the new state, returns the content; a refused message gives "!" and the reason.
std::string receive(Ratchet& ratchet, ByteView message, std::uint64_t now = now_ms);
/// Encrypts; a refusal fails the test.
Bytes send(Ratchet& ratchet, std::string_view content, RandomSource& random);

}  // namespace sotto::crypto::test
