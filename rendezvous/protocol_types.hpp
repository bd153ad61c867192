// The type byte of each message, for the codec alone. A number is never used again for another.
#pragma once

#include <cstdint>

namespace sotto::rendezvous {

enum class MessageType : std::uint8_t {
    challenge_request = 1,
    register_account = 2,
    login_password = 3,
    login_device = 4,
    logout = 5,
    ping = 6,
    publish_prekeys = 7,
    publish_device_list = 8,
    fetch_bundle = 9,
    look_up = 10,
    directory_page = 11,
    watch = 12,
    set_listing = 13,
    set_mailbox_token = 14,
    put_mail = 15,
    ack_mail = 16,
    observe = 17,
    change_password = 18,

    challenge = 32,
    logged_in = 33,
    ok = 34,
    pong = 35,
    bundle = 36,
    found = 37,
    members = 38,
    accepted = 39,
    error = 40,
    observed = 41,

    mail = 64,
    presence = 65,
    prekeys_low = 66,
    session_ended = 67,
};

}  // namespace sotto::rendezvous
