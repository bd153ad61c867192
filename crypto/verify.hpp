// How two people make sure that there is nobody between them: the safety number they read to each
// other, and the texts of the QR codes (docs/protocol.md 2.14).
//
// A verification code, an invite and a linking code begin differently, and each decoder refuses the
// others: a code shown for one purpose cannot be used for another.
#pragma once

#include <string>

#include "crypto/dev_list.hpp"
#include "crypto/seal.hpp"

namespace sotto::crypto {

/// 60 digits, the same on both sides; depends on the two accounts only, not on their devices.
/// Takes some milliseconds.
[[nodiscard]] std::string safety_number(const AccountId& a, const AccountId& b);
/// "12345 67890 .." in groups of five.
[[nodiscard]] std::string grouped(std::string_view safety_number);

/// First 8 bytes of H("PM1/serverpk", key).
[[nodiscard]] ByteArray<8> server_key_hash8(const CurvePublic& server);

/// "PM1V:": what one side shows for the other to scan.
struct VerificationCode {
    AccountId own;
    AccountId peer;       ///< whom the shower believes to be talking to
    GossipMark dev_list;  ///< of the shower
    ByteArray<8> server;  ///< server_key_hash8
    friend bool operator==(const VerificationCode&, const VerificationCode&) = default;
};

/// "PM1I:": an invitation.
struct Invite {
    std::string server_address;  ///< 1..255 bytes of printable ASCII, e.g. "chat.example.org:7450"
    CurvePublic server;
    AccountId account;
    std::optional<InviteToken> token;
    friend bool operator==(const Invite&, const Invite&) = default;
};

enum class CodeError : std::uint8_t {
    not_a_code,     ///< none of ours
    other_purpose,  ///< one of ours, but made for something else: warn the user
    malformed,
};
[[nodiscard]] constexpr std::string_view to_string(CodeError error) noexcept {
    switch (error) {
        case CodeError::not_a_code:
            return "not a code of ours";
        case CodeError::other_purpose:
            return "a code for another purpose";
        case CodeError::malformed:
            return "damaged code";
    }
    return "unknown";
}

[[nodiscard]] std::string to_text(const VerificationCode& code);
[[nodiscard]] Result<VerificationCode, CodeError> parse_verification_code(std::string_view text);
/// `server_address` outside its range is our own bug.
[[nodiscard]] std::string to_text(const Invite& invite);
[[nodiscard]] Result<Invite, CodeError> parse_invite(std::string_view text);

enum class CodeVerdict : std::uint8_t {
    match,
    other_person,  ///< the code is of somebody else than this contact
    other_self,    ///< they hold another account for me: somebody is between us
};
/// We are `own` and scanned a code in the conversation with `contact`. Constant time.
[[nodiscard]] CodeVerdict compare_code(const VerificationCode& scanned, const AccountId& own,
                                       const AccountId& contact) noexcept;

}  // namespace sotto::crypto
