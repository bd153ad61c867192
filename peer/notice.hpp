// What a notice row says, as a code that each front end puts into its person's language.
//
// A notice is a local Message of kind `notice` whose text is such a code ("notice:missing:3"). Rows
// of older versions hold an English sentence instead: parse_notice() says nothing, and they are
// shown as they are. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::peer {

enum class NoticeKind : std::uint8_t {
    put_back,       // an older copy of this profile was put back
    damaged,        // what was stored of this contact's devices is being fetched again
    missing,        // `count` messages of theirs have not arrived, though later ones have
    list_withheld,  // the server keeps back a newer device list of this contact
    name_taken,     // the server gives the name they call themselves to somebody else; not sent yet
    device_added,   // their account lists `count` new devices; the safety number is the same
    device_held,    // the same, and nothing goes to them until AllowDevices
    device_removed,     // their account has removed `count` devices
    list_fork,          // their account has signed two device lists of one number
    list_expired,       // their newest device list is past its date: no new sessions
    own_list_disputed,  // they were given a device list of OUR account that we did not sign
    own_list_behind,    // they go on with an older list of ours, though told of the newer one
};
inline constexpr NoticeKind notice_kind_last = NoticeKind::own_list_behind;
[[nodiscard]] constexpr bool has_count(NoticeKind kind) {
    return kind == NoticeKind::missing || kind == NoticeKind::device_added ||
           kind == NoticeKind::device_held || kind == NoticeKind::device_removed;
}

struct Notice {
    NoticeKind kind = NoticeKind::put_back;
    std::uint64_t count = 0;  // where has_count()
    bool operator==(const Notice&) const = default;
};

[[nodiscard]] constexpr std::string_view to_string(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::put_back:
            return "put_back";
        case NoticeKind::damaged:
            return "damaged";
        case NoticeKind::missing:
            return "missing";
        case NoticeKind::list_withheld:
            return "list_withheld";
        case NoticeKind::name_taken:
            return "name_taken";
        case NoticeKind::device_added:
            return "device_added";
        case NoticeKind::device_held:
            return "device_held";
        case NoticeKind::device_removed:
            return "device_removed";
        case NoticeKind::list_fork:
            return "list_fork";
        case NoticeKind::list_expired:
            return "list_expired";
        case NoticeKind::own_list_disputed:
            return "own_list_disputed";
        case NoticeKind::own_list_behind:
            return "own_list_behind";
    }
    return "notice";
}

inline constexpr std::string_view notice_prefix = "notice:";

[[nodiscard]] inline std::string to_text(const Notice& notice) {
    std::string text = std::string(notice_prefix) + std::string(to_string(notice.kind));
    if (has_count(notice.kind)) text += ":" + std::to_string(notice.count);
    return text;
}

/// Nothing for any other text.
[[nodiscard]] inline std::optional<Notice> parse_notice(std::string_view text) {
    if (!text.starts_with(notice_prefix)) return std::nullopt;
    text.remove_prefix(notice_prefix.size());
    for (int i = 0; i <= static_cast<int>(notice_kind_last); ++i) {
        const auto kind = static_cast<NoticeKind>(i);
        const std::string_view name = to_string(kind);
        if (!text.starts_with(name)) continue;
        std::string_view rest = text.substr(name.size());
        if (!has_count(kind)) {
            if (rest.empty()) return Notice{.kind = kind};
            continue;
        }
        Notice notice{.kind = kind};
        if (!rest.starts_with(":")) return std::nullopt;
        rest.remove_prefix(1);
        const auto [end, error] =
            std::from_chars(rest.data(), rest.data() + rest.size(), notice.count);
        if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
        return notice;
    }
    return std::nullopt;
}

}  // namespace sotto::peer
