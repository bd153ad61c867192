// Every domain-separation label of the protocol, in one place (docs/protocol.md 2.1).
//
// A hash, signature, mac or key derivation uses exactly one of these, and no two uses share one, so
// that bytes made for one purpose can never stand for another. A test checks that they are unique.
// Refuses: labels made at run time.
#pragma once

#include <array>
#include <string_view>

namespace sotto::crypto {

class Label {
public:
    consteval explicit Label(std::string_view text) : text_(text) {
        if (text.empty() || text.size() > 255) throw "a label has 1..255 bytes";
    }
    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

namespace label {

// Signatures: the label says what is signed.
inline constexpr Label cert{"PM1/cert"};
inline constexpr Label cert_possession{"PM1/certpop"};
inline constexpr Label dev_list{"PM1/devlist"};
inline constexpr Label account_reset{"PM1/reset"};
inline constexpr Label prekey_record{"PM1/prerec"};
inline constexpr Label one_time_record{"PM1/opk"};
inline constexpr Label device_login{"PM1/devlogin"};
inline constexpr Label link_request{"PM1/link"};
inline constexpr Label password_login{"PM1/pwlogin"};
inline constexpr Label password_change{"PM1/pwchange"};
inline constexpr Label password_change_possession{"PM1/pwchangepop"};

// Hashes.
inline constexpr Label cert_hash{"PM1/certhash"};
inline constexpr Label dev_list_hash{"PM1/devlisthash"};
inline constexpr Label pq_public_key{"PM1/pqpk"};
inline constexpr Label conversation{"PM1/conv"};
inline constexpr Label mailbox_token{"PM1/mt"};
inline constexpr Label invite_token{"PM1/invite"};
inline constexpr Label server_key{"PM1/serverpk"};
inline constexpr Label registration_work{"PM1/work"};
inline constexpr Label pairing_mailbox{"PM1/pair"};
inline constexpr Label password_salt{"PM1/pwsalt"};

// Macs.
inline constexpr Label login_challenge{"PM1/challenge"};
inline constexpr Label vault_epoch{"PM1/vault/epoch"};

// Key derivation.
inline constexpr Label handshake{"PM1/hs"};
inline constexpr Label handshake_keys{"PM1/hs/keys"};
inline constexpr Label ratchet_root{"PM1/dr/rk"};
inline constexpr Label ratchet_message_key{"PM1/dr/mk"};
inline constexpr Label seal{"PM1/seal"};
inline constexpr Label vault_kek{"PM1/vault/kek"};
inline constexpr Label vault_epoch_key{"PM1/vault/epochkey"};
inline constexpr Label seeded_random{"PM1/seeded"};

// Associated data of authenticated encryption.
inline constexpr Label ratchet_header{"PM1/dr/h"};
inline constexpr Label ratchet_body{"PM1/dr/m"};

inline constexpr std::array all{cert,
                                cert_possession,
                                dev_list,
                                account_reset,
                                prekey_record,
                                one_time_record,
                                device_login,
                                link_request,
                                password_login,
                                password_change,
                                password_change_possession,
                                cert_hash,
                                dev_list_hash,
                                pq_public_key,
                                conversation,
                                mailbox_token,
                                invite_token,
                                server_key,
                                registration_work,
                                pairing_mailbox,
                                password_salt,
                                login_challenge,
                                vault_epoch,
                                handshake,
                                handshake_keys,
                                ratchet_root,
                                ratchet_message_key,
                                seal,
                                vault_kek,
                                vault_epoch_key,
                                seeded_random,
                                ratchet_header,
                                ratchet_body};

}  // namespace label
}  // namespace sotto::crypto
