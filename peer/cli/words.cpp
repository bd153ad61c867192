#include "peer/cli/words.hpp"

namespace sotto::peer::cli {

namespace {

// For a value that is none of the enumerators: our own bug, but no reason to stop a conversation.
constexpr std::string_view unknown = "unknown";

}  // namespace

std::string_view name_of(Presence presence) {
    switch (presence) {
        case Presence::unknown:
            return "unknown";
        case Presence::offline:
            return "offline";
        case Presence::online:
            return "online";
    }
    return unknown;
}

std::string_view name_of(Path path) {
    switch (path) {
        case Path::none:
            return "none";
        case Path::mailbox:
            return "mailbox";
        case Path::relay:
            return "relay";
        case Path::direct:
            return "direct";
    }
    return unknown;
}

std::string_view name_of(ContactState state) {
    switch (state) {
        case ContactState::request_sent:
            return "request_sent";
        case ContactState::request_received:
            return "request_received";
        case ContactState::accepted:
            return "accepted";
        case ContactState::ignored:
            return "ignored";
        case ContactState::blocked:
            return "blocked";
    }
    return unknown;
}

std::string_view name_of(DeliveryState state) {
    switch (state) {
        case DeliveryState::saved:
            return "saved";
        case DeliveryState::with_server:
            return "with_server";
        case DeliveryState::delivered:
            return "delivered";
        case DeliveryState::read:
            return "read";
        case DeliveryState::failed:
            return "failed";
    }
    return unknown;
}

std::string_view name_of(MessageFailure failure) {
    switch (failure) {
        case MessageFailure::none:
            return "none";
        case MessageFailure::no_such_account:
            return "no_such_account";
        case MessageFailure::blocked_by_us:
            return "blocked_by_us";
        case MessageFailure::key_changed:
            return "key_changed";
        case MessageFailure::expired:
            return "expired";
        case MessageFailure::refused:
            return "refused";
    }
    return unknown;
}

std::string_view name_of(MessageKind kind) {
    switch (kind) {
        case MessageKind::text:
            return "text";
        case MessageKind::unsupported:
            return "unsupported";
        case MessageKind::notice:
            return "notice";
    }
    return unknown;
}

std::string_view name_of(ServerState state) {
    switch (state) {
        case ServerState::offline:
            return "offline";
        case ServerState::connecting:
            return "connecting";
        case ServerState::online:
            return "online";
        case ServerState::refused:
            return "refused";
    }
    return unknown;
}

std::string_view name_of(VaultState state) {
    switch (state) {
        case VaultState::absent:
            return "absent";
        case VaultState::locked:
            return "locked";
        case VaultState::unlocking:
            return "unlocking";
        case VaultState::open:
            return "open";
    }
    return unknown;
}

std::string_view name_of(CommandError error) {
    switch (error) {
        case CommandError::not_unlocked:
            return "not_unlocked";
        case CommandError::wrong_passphrase:
            return "wrong_passphrase";
        case CommandError::profile_exists:
            return "profile_exists";
        case CommandError::profile_in_use:
            return "profile_in_use";
        case CommandError::profile_damaged:
            return "profile_damaged";
        case CommandError::disk_full:
            return "disk_full";
        case CommandError::disk_error:
            return "disk_error";
        case CommandError::server_unreachable:
            return "server_unreachable";
        case CommandError::server_wrong_key:
            return "server_wrong_key";
        case CommandError::server_refused:
            return "server_refused";
        case CommandError::name_invalid:
            return "name_invalid";
        case CommandError::name_taken:
            return "name_taken";
        case CommandError::no_such_name:
            return "no_such_name";
        case CommandError::wrong_credentials:
            return "wrong_credentials";
        case CommandError::invite_needed:
            return "invite_needed";
        case CommandError::too_many_tries:
            return "too_many_tries";
        case CommandError::not_a_contact:
            return "not_a_contact";
        case CommandError::already_a_contact:
            return "already_a_contact";
        case CommandError::own_account:
            return "own_account";
        case CommandError::text_empty:
            return "text_empty";
        case CommandError::text_too_long:
            return "text_too_long";
        case CommandError::not_possible_now:
            return "not_possible_now";
        case CommandError::list_full:
            return "list_full";
        case CommandError::other_version:
            return "other_version";
        case CommandError::password_unclear:
            return "password_unclear";
        case CommandError::passphrase_kept:
            return "passphrase_kept";
        case CommandError::clock_wrong:
            return "clock_wrong";
        case CommandError::key_changed:
            return "key_changed";
    }
    return unknown;
}

std::string_view sentence_of(CommandError error) {
    switch (error) {
        case CommandError::not_unlocked:
            return "the profile is locked; unlock it first";
        case CommandError::wrong_passphrase:
            return "wrong passphrase; nothing was changed";
        case CommandError::profile_exists:
            return "this profile exists already; unlock it, or choose another folder";
        case CommandError::profile_in_use:
            return "another copy of Sotto has this profile open";
        case CommandError::profile_damaged:
            return "the profile's files are damaged; restore a copy of the folder";
        case CommandError::disk_full:
            return "the disk is full; nothing was changed, try again when there is room";
        case CommandError::disk_error:
            return "the disk refused; nothing was changed";
        case CommandError::server_unreachable:
            return "the server cannot be reached; Sotto goes on trying";
        case CommandError::server_wrong_key:
            return "the server at this address has another key; check the server link";
        case CommandError::server_refused:
            return "the server refused this";
        case CommandError::name_invalid:
            return "a name has 3 to 32 of the characters a-z 0-9 . _ -";
        case CommandError::name_taken:
            return "this name is taken; choose another";
        case CommandError::no_such_name:
            return "nobody of that name; nothing was sent";
        case CommandError::wrong_credentials:
            return "wrong name or password";
        case CommandError::invite_needed:
            return "this server takes new members by invitation only";
        case CommandError::too_many_tries:
            return "too many tries; wait before the next one";
        case CommandError::not_a_contact:
            return "not a contact yet; nothing was sent";
        case CommandError::already_a_contact:
            return "already a contact";
        case CommandError::own_account:
            return "that is your own account";
        case CommandError::text_empty:
            return "the text is empty; nothing was sent";
        case CommandError::text_too_long:
            return "the text is too long; nothing was sent";
        case CommandError::not_possible_now:
            return "not possible now; nothing was changed";
        case CommandError::list_full:
            return "there are too many entries already";
        case CommandError::other_version:
            return "this server needs another version of Sotto";
        case CommandError::password_unclear:
            return "the server's answer was lost; the account has the old password still, or the "
                   "new one already (check_password tells); the passphrase was not changed";
        case CommandError::passphrase_kept:
            return "the account's password was changed; the passphrase could not be written and "
                   "is the old one";
        case CommandError::clock_wrong:
            return "this computer's clock is days away from the server's; set it, then try again";
        case CommandError::key_changed:
            return "the server names another identity for this contact; nothing was sent "
                   "(accept_key decides)";
    }
    return unknown;
}

}  // namespace sotto::peer::cli
