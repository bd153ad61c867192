// Everything the terminal chat says to a person, in English and French.
//
// A test checks that no text is missing and that both languages fill in the same places ({0}, {1}).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::peer::cli {

enum class Language : std::uint8_t { english, french };

// From LC_ALL, LC_MESSAGES, LANG, as other programs do; English for any other language.
[[nodiscard]] Language language_of_environment();

enum class Say : std::uint8_t {
    ask_server,
    ask_name,
    ask_new_password,
    ask_password_again,
    ask_passphrase,
    passwords_differ,
    bad_server_link,
    working,
    welcome,
    hint,
    no_contacts,
    contact_line,
    unread,
    help,
    unknown_command,
    needs_a_name,
    no_such_contact,
    choose_someone,
    talking_to,
    request_arrived,
    request_sent,
    session_restarted,
    now_contacts,
    came,
    left,
    receipts_on,
    receipts_off,
    receipts_usage,
    state_with_server,
    state_delivered,
    state_read,
    state_failed,
    history_empty,
    found_nothing,
    members_empty,
    server_online,
    server_offline,
    server_refused,
    profile_damaged,
    too_long,
    not_utf8,
    too_busy,
    failed,
    wait_seconds,
    you,
    unsupported,
    notice_put_back,
    notice_damaged,
    notice_missing,
    notice_list_withheld,
    notice_name_taken,
    password_explained,
    both_explained,
    ask_old_account_password,
    ask_new_account_password,
    password_as_before,
    password_changed,
    both_changed,
    notice_device_added,
    notice_device_held,
    notice_device_removed,
    notice_list_fork,
    notice_list_expired,
    notice_own_list_disputed,
    notice_own_list_behind,
    own_list_alarm,
    hold_is_on,
    hold_is_off,
    goodbye,
    count_,  // how many there are
};

// The text with {0}, {1}, ... filled in.
// A notice row (peer/notice.hpp) about the contact `name`. Nothing for a row of an older version,
// whose text is a sentence already.
[[nodiscard]] std::optional<std::string> say_notice(Language language, std::string_view text,
                                                    std::string_view name);

[[nodiscard]] std::string say(Language language, Say what,
                              std::initializer_list<std::string_view> values = {});
// The text as it stands in the table; for the test.
[[nodiscard]] std::string_view raw_text(Language language, Say what);

}  // namespace sotto::peer::cli
