// Challenges and logins, docs/protocol.md 2.3.
//
// A challenge costs the server a mac and no memory. Unknown names and devices take the same way as
// known ones, verify against a key nobody has, and get the same answer; so does every failure.
// A challenge is good once (its nonce is remembered for as long as it is young) and for the
// connection, purpose and subject it was made for.
#pragma once

#include "crypto/signatures.hpp"
#include "rendezvous/logic/sessions.hpp"

#include <deque>

namespace sotto::rendezvous {

class Login {
public:
    Login(State& state, Sessions& sessions, crypto::RandomSource& random);

    void challenge(Turn& turn, const UserId& user, RequestId id, const ChallengeRequest& request);
    void by_password(Turn& turn, const UserId& user, RequestId id, LoginPassword& request);
    void by_device(Turn& turn, const UserId& user, RequestId id, const LoginDevice& request);
    // A new password, by the old one: a device session alone proves nothing here, and none is
    // needed.
    void change_password(Turn& turn, const UserId& user, RequestId id, ChangePassword& request);
    void log_out(Turn& turn, const UserId& user, RequestId id);
    void tidy(std::uint64_t now_ms);

    void resume(Turn& turn, const Pending& pending, const AwaitPasswordLogin& next,
                StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitLoginKey& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitLoginChange& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitDeviceLogin& next, StoreDone& done);

    // The transcript both sides sign, if `proof` answers a young challenge of ours that was made
    // for this connection, purpose and subject. Whether it was used before is for use() to say.
    [[nodiscard]] std::optional<crypto::LoginContext> check(const Turn& turn, const UserId& user,
                                                            crypto::LoginPurpose purpose,
                                                            const crypto::LoginSubject& subject,
                                                            const ChallengeProof& proof) const;
    // What a registration has to find; an invite is worth more than any work.
    [[nodiscard]] std::uint8_t work_bits(crypto::LoginPurpose purpose) const;
    // Marks the challenge as used; false when it was already, or too many are remembered.
    [[nodiscard]] bool use(const Turn& turn, const Bytes32& snonce);

private:
    void rotate(const Turn& turn);
    void forget_used(std::uint64_t now_ms);
    [[nodiscard]] crypto::LoginContext context(const UserId& user, crypto::LoginPurpose purpose,
                                               const Bytes32& cnonce, std::uint64_t ts_ms,
                                               const Bytes32& snonce) const;

    State& state_;
    Sessions& sessions_;
    PasswordBackoff backoff_;
    crypto::Secret<32> key_;           // of challenge macs, new every hour
    crypto::Secret<32> previous_key_;  // still good for challenges made before the change
    std::uint64_t key_made_ms_ = 0;
    const crypto::LkPublic nobodys_login_key_;
    const crypto::DskPublic nobodys_device_key_;
    std::set<Bytes32> used_;
    std::deque<std::pair<std::uint64_t, Bytes32>> used_order_;
};

}  // namespace sotto::rendezvous
