// What a peer proves to the rendezvous: registration, logins, another password. Included by
// protocol_requests.hpp, with the types of all requests.
//
// Plain values; signatures and records are opaque here. docs/protocol.md 2.3 says what is signed.
#pragma once

#include "crypto/bytes.hpp"
#include "crypto/password.hpp"
#include "rendezvous/protocol_limits.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sotto::rendezvous {

using crypto::AccountId;
using crypto::Bytes;
using crypto::ByteView;
using crypto::DeviceId;

using Bytes16 = crypto::ByteArray<16>;
using Bytes32 = crypto::ByteArray<32>;

// Whoever knows it may write to the account's mailbox; the server keeps only the hash.
using MailboxToken = crypto::FixedBytes<struct MailboxTokenTag, 32>;
using MailboxTokenHash = crypto::FixedBytes<struct MailboxTokenHashTag, 32>;
using InviteToken = crypto::FixedBytes<struct InviteTokenTag, 16>;
// Name of one item for idempotent submission; random, so it says nothing about the content.
using EnvelopeId = crypto::FixedBytes<struct EnvelopeIdTag, 16>;

// Chosen by the client, echoed in the reply; not 0, which marks a push (and a silent AckMail).
using RequestId = std::uint32_t;

// Who may see that a member is online. `contacts` = whoever shows the account's mailbox token.
enum class Visibility : std::uint8_t { members = 0, contacts = 1, nobody = 2 };

// -> Challenge, the same for known and unknown subjects: who will sign, a name or a device.
struct ChallengeRequest {
    crypto::LoginPurpose purpose = crypto::LoginPurpose::login;
    crypto::LoginSubject subject;
    Bytes32 cnonce{};
    bool operator==(const ChallengeRequest&) const = default;
};

// The challenge handed back: the server keeps nothing between the two frames.
struct ChallengeProof {
    Bytes32 cnonce{};
    std::uint64_t ts_ms = 0;
    Bytes32 snonce{};
    Bytes32 mac{};
    bool operator==(const ChallengeProof&) const = default;
};

// -> LoggedIn{device}. Repeating it for the same account, name and login key is not an error.
struct Register {
    std::string username;
    Bytes cert;         // crypto::Cert, the account's first device
    Bytes device_list;  // crypto::DevList, names exactly that device
    crypto::LkPublic login_key;
    bool listed = false;
    Visibility visibility = Visibility::members;
    std::optional<InviteToken> invite_token;
    // For purpose register_account with the username as subject; both signatures answer it.
    ChallengeProof proof;
    crypto::Signature login_signature;
    crypto::Signature device_signature;
    std::uint64_t work = 0;  // protocol_work.hpp; 0 where the challenge asked for none
    bool operator==(const Register&) const = default;
};

// -> LoggedIn{password_only}; with check_only -> Ok, and the session stays what it was.
struct LoginPassword {
    bool check_only = false;
    std::string username;
    ChallengeProof proof;
    crypto::Signature signature;
    bool operator==(const LoginPassword&) const = default;
};

// -> LoggedIn{device}. Waiting mail follows at once as pushes.
struct LoginDevice {
    AccountId account;
    DeviceId device;
    ChallengeProof proof;
    crypto::Signature signature;
    bool operator==(const LoginDevice&) const = default;
};

// -> Ok. Over any connection: what counts are the two signatures over a challenge of the username,
// purpose change_password. From a key to itself: Ok if it is the account's, and nothing is done.
struct ChangePassword {
    std::string username;
    std::uint16_t login_version = crypto::login_version_current;  // how the new key was made
    crypto::LkPublic login_key;                                   // the new one
    ChallengeProof proof;
    crypto::Signature signature;   // by the key there is, PM1/pwchange
    crypto::Signature possession;  // by the new one, PM1/pwchangepop
    bool operator==(const ChangePassword&) const = default;
};

}  // namespace sotto::rendezvous
