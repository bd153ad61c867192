#include "ui/error_text.hpp"

namespace sotto::ui {

Text error_key(peer::CommandError error) {
    using enum peer::CommandError;
    switch (error) {
        case not_unlocked:
            return Text::error_not_unlocked;
        case wrong_passphrase:
            return Text::error_wrong_passphrase;
        case profile_exists:
            return Text::error_profile_exists;
        case profile_in_use:
            return Text::error_profile_in_use;
        case profile_damaged:
            return Text::error_profile_damaged;
        case disk_full:
            return Text::error_disk_full;
        case disk_error:
            return Text::error_disk_error;
        case server_unreachable:
            return Text::error_server_unreachable;
        case server_wrong_key:
            return Text::error_server_wrong_key;
        case server_refused:
            return Text::error_server_refused;
        case name_invalid:
            return Text::error_name_invalid;
        case name_taken:
            return Text::error_name_taken;
        case no_such_name:
            return Text::error_no_such_name;
        case wrong_credentials:
            return Text::error_wrong_credentials;
        case invite_needed:
            return Text::error_invite_needed;
        case too_many_tries:
            return Text::error_too_many_tries;
        case not_a_contact:
            return Text::error_not_a_contact;
        case already_a_contact:
            return Text::error_already_a_contact;
        case own_account:
            return Text::error_own_account;
        case text_empty:
            return Text::error_text_empty;
        case text_too_long:
            return Text::error_text_too_long;
        case not_possible_now:
            return Text::error_not_possible_now;
        case list_full:
            return Text::error_list_full;
        case other_version:
            return Text::error_other_version;
        case password_unclear:
            return Text::error_password_unclear;
        case passphrase_kept:
            return Text::error_passphrase_kept;
        case clock_wrong:
            return Text::error_clock_wrong;
        case key_changed:
            return Text::error_key_changed;
    }
    return Text::error_not_possible_now;
}

std::string error_text(const Strings& text, const Failure& failure) {
    if (!failure.error) {
        return text(Text::error_busy);
    }
    if (*failure.error != peer::CommandError::too_many_tries) {
        return text(error_key(*failure.error));
    }
    if (failure.retry_after_ms == 0) {
        return text(Text::error_too_many_tries_soon);
    }
    const std::uint64_t seconds = (failure.retry_after_ms + 999) / 1000;  // never too early
    return text.format(Text::error_too_many_tries, {{"seconds", std::to_string(seconds)}});
}

}  // namespace sotto::ui
