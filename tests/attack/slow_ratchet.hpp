// A second Double Ratchet, the slow one: written line by line from the specification (section 4,
// "header encryption") and docs/protocol.md 2.6, with none of crypto/ratchet*. It keeps what the
// specification names, searches everything, and is copied before each message.
//
// Twin holds a real session and this model side by side and demands the same bytes when sending
// and the same answer when receiving.
#pragma once

#include <list>

#include "crypto/ratchet.hpp"

namespace sotto::crypto::attack {

class SlowRatchet {
public:
    [[nodiscard]] static SlowRatchet initiator(const SessionSecrets& secrets, const SpkPublic& spk,
                                               RandomSource& random);
    [[nodiscard]] static SlowRatchet responder(const SessionSecrets& secrets, const OwnSpk& spk);

    [[nodiscard]] std::optional<Bytes> encrypt(ByteView content, RandomSource& random);
    /// Makes the sending chain that encrypt() would make, if one is due.
    void prepare(RandomSource& random);
    /// Nothing when refused; then the state is as before.
    [[nodiscard]] std::optional<Bytes> decrypt(ByteView message, std::uint64_t now_ms);
    /// MK of the last message encrypted.
    [[nodiscard]] const Secret<32>& last_message_key() const { return last_; }
    [[nodiscard]] std::size_t skipped_key_count() const { return skipped_.size(); }

private:
    struct Header {
        ByteArray<32> dh;
        std::uint32_t pn;
        std::uint32_t n;
    };
    struct Skipped {
        Secret<32> hk;
        std::uint32_t n;
        Secret<32> mk;
        std::uint32_t chain;
        std::uint64_t at_ms;
    };

    [[nodiscard]] std::optional<Header> open_header(const Secret<32>& key, ByteView eh) const;
    [[nodiscard]] std::optional<Bytes> open_body(const Secret<32>& mk, ByteView message) const;
    [[nodiscard]] std::optional<Bytes> try_skipped(ByteView message);
    [[nodiscard]] std::optional<Bytes> decrypt_here(ByteView message, std::uint64_t now_ms);
    [[nodiscard]] bool skip(std::uint32_t until, std::uint64_t now_ms);
    [[nodiscard]] bool dh_ratchet(const Header& header);
    void kdf_rk(const Secret<32>& dh, std::optional<Secret<32>>& ck, Secret<32>& nhk);

    std::uint8_t suite_ = 1;
    ByteArray<16> sid_{};
    ByteArray<32> ad_{};
    Secret<32> rk_;
    std::optional<Secret<32>> dhs_;
    std::optional<ByteArray<32>> dhr_;
    std::optional<Secret<32>> cks_, ckr_, hks_, hkr_;
    Secret<32> nhks_, nhkr_;
    std::uint32_t ns_ = 0, nr_ = 0, pn_ = 0;
    std::uint32_t chain_ = 0;  // receiving chains so far
    std::list<Skipped> skipped_;
    Secret<32> last_;
};

/// Two implementations of one end.
struct Twin {
    Ratchet real;
    SlowRatchet model;

    /// The same bytes from both, or nothing from both; else the difference fails the test.
    [[nodiscard]] std::optional<Bytes> send(ByteView content, RandomSource& random);
    /// Ratchet::prepare() in both; the next message shows whether they did the same.
    void prepare(RandomSource& random);
    /// The same content from both, or a refusal by both.
    [[nodiscard]] std::optional<Bytes> receive(ByteView message, std::uint64_t now_ms);
};
/// Both ends of a new session.
struct Twins {
    Twin alice;
    Twin bob;
};
[[nodiscard]] Twins make_twins(const SessionSecrets& secrets, const OwnSpk& spk,
                               RandomSource& random);

}  // namespace sotto::crypto::attack
