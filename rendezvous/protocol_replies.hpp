// What the rendezvous answers and pushes. Include protocol.hpp, which adds requests and the codec.
//
// Plain values. Replies echo the request's id; pushes carry id 0 and come at any time after
// LoggedIn. A client trusts none of it: records are verified by crypto, times are only labels.
#pragma once

#include "rendezvous/protocol_requests.hpp"

#include <string_view>

namespace sotto::rendezvous {

// --- replies -----------------------------------------------------------------------------------

struct Challenge {
    std::uint64_t ts_ms = 0;
    Bytes32 snonce{};
    Bytes32 mac{};
    // How a password becomes a login key (docs/protocol.md 2.3), one for the whole server, never
    // per user. A client signs with a password's key for the versions it knows only, which are all
    // dear enough: a hostile server must not get a signature that is cheap to guess from.
    std::uint16_t login_version = crypto::login_version_current;
    // Zero bits a Register has to find, protocol_work.hpp; 0 = none. A client refuses more than
    // max_registration_work_bits.
    std::uint8_t work_bits = 0;
    bool operator==(const Challenge&) const = default;
};
enum class SessionKind : std::uint8_t { password_only = 0, device = 1 };
struct LoggedIn {
    SessionKind kind = SessionKind::device;
    AccountId account;
    std::string username;
    std::uint64_t server_time_ms = 0;
    std::string observed;             // this connection's own address as the server sees it
    std::uint16_t one_time_left = 0;  // one-time prekeys in the pool
    std::uint16_t mail_waiting = 0;   // items that will be pushed now
    bool has_mailbox_token = false;   // false: SetMailboxToken before anyone can write
    bool operator==(const LoggedIn&) const = default;
};
struct Ok {
    bool operator==(const Ok&) const = default;
};
struct Pong {
    std::uint64_t server_time_ms = 0;
    bool operator==(const Pong&) const = default;
};
struct DeviceBundle {
    Bytes cert;      // crypto::Cert
    Bytes prekeys;   // crypto::PreRec; empty while the device has published none
    Bytes one_time;  // crypto::OpkRec; empty: not asked for, not allowed, or none left
    bool operator==(const DeviceBundle&) const = default;
};
struct Bundle {
    Bytes device_list;
    std::vector<DeviceBundle> devices;  // in the order of the device list
    bool operator==(const Bundle&) const = default;
};
struct MemberEntry {
    AccountId account;
    std::string username;
    bool online = false;  // false also when presence is not shown to the asker
    bool operator==(const MemberEntry&) const = default;
};
struct Found {
    MemberEntry member;
    bool operator==(const Found&) const = default;
};
struct Members {
    std::vector<MemberEntry> members;
    bool more = false;
    bool operator==(const Members&) const = default;
};
struct Accepted {
    bool operator==(const Accepted&) const = default;
};

struct Observed {
    std::string endpoint;  // "ip:port" or "[ip]:port"; empty when the server cannot tell
    bool operator==(const Observed&) const = default;
};

enum class ErrorCode : std::uint8_t {
    unknown_session =
        1,            // log in again: the server restarted, the lease ran out, or never logged in
    bad_request = 2,  // not decodable, or fields that contradict each other
    bad_credentials = 3,  // wrong password, unknown name, stale challenge: deliberately one answer
    name_taken = 4,
    name_invalid = 5,
    invite_needed = 6,
    not_allowed = 7,  // this kind of session may not, wrong or expired token, old sequence number
    too_large = 8,
    rate_limited = 9,  // retry_after_ms says when
    quota_full = 10,   // the recipient's mailbox
    not_found = 11,
    server_full = 12,
    disk_full = 13,  // nothing was stored; try later
    unsupported_version = 14,
    busy = 15,  // too much in flight; try again after retry_after_ms
};
[[nodiscard]] constexpr std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::unknown_session:
            return "unknown session";
        case ErrorCode::bad_request:
            return "bad request";
        case ErrorCode::bad_credentials:
            return "bad credentials";
        case ErrorCode::name_taken:
            return "name taken";
        case ErrorCode::name_invalid:
            return "name invalid";
        case ErrorCode::invite_needed:
            return "invite needed";
        case ErrorCode::not_allowed:
            return "not allowed";
        case ErrorCode::too_large:
            return "too large";
        case ErrorCode::rate_limited:
            return "rate limited";
        case ErrorCode::quota_full:
            return "quota full";
        case ErrorCode::not_found:
            return "not found";
        case ErrorCode::server_full:
            return "server full";
        case ErrorCode::disk_full:
            return "disk full";
        case ErrorCode::unsupported_version:
            return "unsupported version";
        case ErrorCode::busy:
            return "busy";
    }
    return "unknown error";
}
struct Error {
    ErrorCode code = ErrorCode::bad_request;
    std::uint32_t retry_after_ms = 0;
    bool operator==(const Error&) const = default;
};

// --- pushes ------------------------------------------------------------------------------------

// row 0: relayed only, nothing to acknowledge. Else repeated after each login until AckMail.
struct Mail {
    std::uint64_t row = 0;
    Bytes item;
    bool operator==(const Mail&) const = default;
};
struct Presence {
    std::vector<MemberEntry> entries;
    bool operator==(const Presence&) const = default;
};
struct PrekeysLow {  // fewer than one_time_refill_below are left
    std::uint16_t one_time_left = 0;
    bool operator==(const PrekeysLow&) const = default;
};
enum class SessionEnd : std::uint8_t {
    replaced = 0,  // the same device logged in over another connection
    revoked = 1,   // device removed or account disabled
};
struct SessionEnded {
    SessionEnd reason = SessionEnd::replaced;
    bool operator==(const SessionEnded&) const = default;
};

using Reply = std::variant<Challenge, LoggedIn, Ok, Pong, Bundle, Found, Members, Accepted, Error,
                           Mail, Presence, PrekeysLow, SessionEnded, Observed>;

struct ReplyFrame {
    RequestId id = 0;  // 0 for pushes, and for an Error without a known request
    Reply reply;
    bool operator==(const ReplyFrame&) const = default;
};

}  // namespace sotto::rendezvous
