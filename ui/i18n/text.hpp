// Everything the desktop says, by name: the catalogue's keys.
//
// Each key has an entry in english.cpp and in french.cpp; both tables are checked at compile time
// to be complete and in this order. `{name}` in an entry is replaced by format(). Errors say what
// happened, what was kept and what to do next.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto::ui {

enum class Text : std::uint16_t {
    // Several on a line, or this would be pages long.
    // clang-format off
    // general
    cancel, close, back, copy, retry, dismiss,
    // first start
    welcome_title, welcome_intro, promise_direct, promise_private, promise_yours, server_label,
    server_placeholder, server_help, server_good, server_bad_start, server_bad_address,
    server_bad_key, name_label, name_placeholder, name_help, name_bad_character, name_capital,
    name_too_short, name_too_long, name_good, password_label, password_placeholder, password_help,
    password_short, password_fair, password_good, password_show, password_hide, again_label,
    again_placeholder, again_differs, again_same, listed_label, listed_help, register_button,
    register_hashing, register_connecting, register_working,
    // unlock
    unlock_title, unlock_title_unnamed, unlock_prompt, passphrase_label, passphrase_placeholder,
    unlock_button, unlock_working, unlock_alone_prompt,
    // errors, by peer::CommandError
    error_not_unlocked, error_wrong_passphrase, error_profile_exists, error_profile_in_use,
    error_profile_damaged, error_disk_full, error_disk_error, error_server_unreachable,
    error_server_wrong_key, error_server_refused, error_name_invalid, error_name_taken,
    error_no_such_name, error_wrong_credentials, error_invite_needed, error_too_many_tries,
    error_too_many_tries_soon, error_not_a_contact, error_already_a_contact, error_own_account,
    error_text_empty, error_text_too_long, error_not_possible_now, error_list_full, error_busy,
    error_other_version, error_password_unclear, error_passphrase_kept, error_clock_wrong,
    error_key_changed,
    // where it happened
    failed_send, failed_register, failed_request, failed_history, failed_accept, failed_ignore,
    failed_block, failed_direct, failed_retry, failed_listed, failed_open_link,
    failed_setting, failed_verify, failed_accept_key,
    // home
    server_online, server_connecting, server_offline, server_refused, server_offline_tip,
    theme_to_dark, theme_to_light, add_contact, account_menu, menu_lock, settings_title, search_placeholder, search_clear,
    section_requests, section_conversations, section_members, no_match, nobody_yet,
    nobody_yet_help, copy_server_link, server_link_copied, members_need_server, member_hint,
    preview_draft, preview_you, preview_typing, preview_request, preview_request_sent,
    preview_empty, preview_unsupported, preview_blocked, preview_ignored, preview_key_changed,
    wants_to_talk,
    // conversation
    choose_title, choose_help, presence_online, presence_offline, presence_unknown,
    presence_typing, verified_tip, path_direct, path_relay, path_mailbox, path_none,
    path_direct_tip, path_relay_tip, path_mailbox_tip, path_none_tip, menu_tip, menu_safety,
    menu_direct,
    menu_block, unread_marker, new_messages_one, new_messages, to_newest, notice_online,
    notice_offline, notice_put_back, notice_damaged, notice_missing_one, notice_missing,
    notice_list_withheld, notice_name_taken, notice_device_added_one, notice_device_added,
    notice_device_held_one, notice_device_held, notice_device_removed_one, notice_device_removed,
    notice_list_fork, notice_list_expired, notice_own_list_disputed, notice_own_list_behind, beginning, request_words, beginning_help, loading_older, unsupported_message,
    state_saved, state_with_server, state_delivered, state_read, failure_none,
    failure_no_such_account, failure_blocked, failure_key_changed, failure_expired,
    failure_refused, copy_text, copied, link_title, link_warning, link_open, link_copy,
    // composer
    message_to, send, emoji, message_too_long,
    // requests
    request_title, request_explain, request_direct, request_direct_help, accept, ignore, block,
    waiting_title, waiting_help, ignored_title, ignored_help, accept_after_all, blocked_title,
    blocked_help, unblock, send_request_title, send_request_to, send_request_text,
    send_request_placeholder, send_request_count, send_request_direct, send_request_button,
    send_request_done, block_title, block_explain,
    // safety number
    safety_title, safety_explain, safety_number, safety_code, safety_code_help, safety_paste_label,
    safety_paste_help, safety_match, safety_other_person, safety_other_self, safety_own_code,
    safety_not_code, safety_other_purpose, safety_damaged, safety_copy, safety_copied,
    safety_copy_code, safety_code_copied, safety_mark, safety_clear, safety_verified,
    safety_unverified, safety_of_new_key, safety_marked, safety_cleared,
    // keys of a contact changed
    key_changed_title, key_changed_help, key_changed_verified, key_compare, key_keep,
    key_accept_ask, key_accept, key_accept_help, key_accepted, key_kept, key_accept_title,
    key_accept_explain, key_accept_anyway,
    // device lists
    held_devices_title, held_devices_help, held_devices_allow, own_list_alarm, own_list_seen,
    // settings
    theme_label, theme_system, theme_dark, theme_light, language_label, language_system,
    scale_label, scale_auto, listed_setting, listed_setting_help, receipts_setting,
    receipts_setting_help, greet_setting, greet_setting_help, hold_devices_setting,
    hold_devices_setting_help, privacy_heading, appearance_heading, session_heading, about_heading,
    lock_now, lock_help, quit, about_version, about_suite_hybrid, about_suite_classic,
    about_server, settings_not_saved, quit_drafts_title, quit_drafts, quit_kept_drafts,
    quit_anyway, security_heading, auto_lock_label, auto_lock_never, auto_lock_minutes,
    auto_lock_help, change_passphrase, change_passphrase_title, change_passphrase_help,
    passphrase_old, passphrase_new, passphrase_again, passphrase_same, change_passphrase_button,
    change_passphrase_done, change_password, change_password_title, change_password_help,
    password_old, password_new, password_again, password_same, change_password_button,
    change_password_done, change_both_done, also_passphrase_label, also_passphrase_help,
    also_passphrase_wrong, password_wrong,
    // keyboard help, search in messages
    keys_heading, keys_search, keys_find, keys_switch, keys_send, keys_newline, keys_scroll,
    keys_tab, keys_back, keys_settings, keys_lock, keys_help, section_messages, no_message,
    search_type_words, search_within, search_here, caps_lock_on, server_lost, new_key_label, new_key_help,
    // calendar
    today, yesterday, day_long, day_long_year, day_short, day_numeric, sunday, monday, tuesday,
    wednesday, thursday, friday, saturday, sunday_short, monday_short, tuesday_short,
    wednesday_short, thursday_short, friday_short, saturday_short, january, february, march,
    april, may, june, july, august, september, october, november, december, january_short,
    february_short, march_short, april_short, may_short, june_short, july_short, august_short,
    september_short, october_short, november_short, december_short, count_,
    // clang-format on
};

inline constexpr std::size_t text_count = static_cast<std::size_t>(Text::count_);

[[nodiscard]] constexpr Text operator+(Text first, int offset) {
    return static_cast<Text>(static_cast<int>(first) + offset);
}

}  // namespace sotto::ui
