// What the attacks share: a flight (one handshake under way), a responder that commits as
// docs/protocol.md 2.5 says, and damage to bytes.
//
// Suites are named Attack + two digits + content; the numbers are those of docs/testing.md.
#pragma once

#include <functional>
#include <set>

#include "crypto/seal.hpp"
#include "tests/attack/weak_points.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto::attack {

using namespace test;

inline constexpr KnownSender stranger{.dev_list = nullptr, .suite_floor = 0};

[[nodiscard]] inline Bytes copy(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

/// A handshake under way: the session and the init message that carries "hello".
struct Flight {
    InitiatedSession session;
    Bytes bytes;
    InitMessage message;
};
[[nodiscard]] Flight fly(Party& alice, const PreKeyBundle& bundle, const KnownPeer& peer);
/// To the bundle of `bob`, whom nothing is known of yet.
[[nodiscard]] Flight fly(Party& alice, const Party& bob, bool with_one_time);

/// The reason for which `bob` refuses, nothing when he accepts.
[[nodiscard]] std::optional<HandshakeError> refusal(const Party& bob, const InitMessage& message);

/// Bob with a disk: what 2.5 has him keep and destroy, in one commit per message.
class Responder {
public:
    explicit Responder(const Party& party) : party_(party), one_time_(party.one_time) {}

    /// The content, or "!" and why not.
    [[nodiscard]] std::string take(ByteView init_message);
    [[nodiscard]] std::string take_ratchet(ByteView ratchet_message);
    /// The process ends and starts again from what was committed.
    void restart();
    /// The signed prekey is destroyed, and with it what was remembered of its handshakes.
    void retire_signed_prekey();
    [[nodiscard]] std::size_t session_count() const { return sessions_.size(); }
    [[nodiscard]] bool has_one_time() const { return one_time_.has_value(); }
    /// All that is kept, as bytes: equal before and after a refusal.
    [[nodiscard]] SecretBytes image() const;

private:
    const Party& party_;
    std::optional<OwnOneTimePreKey> one_time_;
    bool has_signed_ = true;
    std::map<SessionId, Ratchet> sessions_;
    std::set<TranscriptHash> seen_;
};

/// `accepts` says yes to `good` and no to it with each bit flipped, cut to each length, and one
/// byte longer. Where `sparse(at)`, only one bit of the byte is tried (long random fields).
void refuses_all_damage(const Bytes& good, const std::function<bool(std::size_t)>& sparse,
                        const std::function<bool(const Bytes&)>& accepts);
inline bool nowhere(std::size_t) {
    return false;
}

}  // namespace sotto::crypto::attack
