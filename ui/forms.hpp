// What is typed into the boxes outside of conversations: first start, unlocking, asking somebody,
// searching.
//
// Plain state; the views draw it and judge it. A form whose command runs is disabled; a refusal
// leaves everything as it was typed and says why in `error`. Passwords are in buffers that wipe
// themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "peer/input.hpp"
#include "ui/chat_input.hpp"
#include "ui/qr.hpp"

namespace sotto::ui {

// A typed password for a command; the runtime normalises it.
[[nodiscard]] crypto::SecretBytes secret_of(const ChatInput& input);

// -----------------------------------------------------------------------------------------

struct RegisterForm {
    static constexpr std::size_t link_bytes_max = 400;  // a server link has at most 320
    static constexpr std::size_t name_bytes_max = 64;   // more than a name may have: we say so

    ChatInput server{link_bytes_max};
    ChatInput name{name_bytes_max};
    ChatInput password{ChatInput::password_bytes_max, Secrecy::secret};
    ChatInput again{ChatInput::password_bytes_max, Secrecy::secret};
    bool listed = true;
    bool revealed = false;
    bool tried = false;  // Enter or the button: from now on empty fields say what is missing
    bool started = false;
    std::string error;
    std::optional<peer::CommandId> running;
};

struct UnlockForm {
    ChatInput passphrase{ChatInput::password_bytes_max, Secrecy::secret};
    bool revealed = false;
    bool started = false;
    std::string error;
    std::optional<peer::CommandId> running;
};

struct PassphraseForm {
    ChatInput old_one{ChatInput::password_bytes_max, Secrecy::secret};
    ChatInput new_one{ChatInput::password_bytes_max, Secrecy::secret};
    ChatInput again{ChatInput::password_bytes_max, Secrecy::secret};
    bool revealed = false;
    bool new_key = false;
    bool of_account = false;      // the account's password at the server, not the vault's
    bool also_passphrase = true;  // of_account: both are one after a registration here
    bool tried = false;
    std::string error;
    std::optional<peer::CommandId> running;
    void clear();  // wipes what was typed
};

// Comparing with one contact, or with the account that a contact's name names now.
struct SafetyForm {
    std::optional<peer::AccountId> contact;  // whose conversation it is about
    std::optional<peer::AccountId> account;  // whose key is compared: the contact's, or its new one
    std::string number;                      // in groups of five
    std::string code;                        // ours for them, to be shown or copied
    std::optional<QrCode> qr;
    ChatInput pasted{512};  // a code has 124 characters
    std::optional<peer::CommandId> running;
};

struct RequestForm {
    static constexpr std::size_t characters_max = 300;

    ChatInput name{RegisterForm::name_bytes_max};
    ChatInput text{characters_max * 4};
    std::optional<peer::AccountId> account;  // a member was chosen: the name is given
    bool allow_direct = false;
    std::string error;
    std::optional<peer::CommandId> running;
};

struct SearchBox {
    ChatInput input{256};                    // a name has at most 32
    std::optional<std::string> asked;        // of the directory, last
    std::optional<std::string> asked_after;  // its next page, asked already
    std::optional<std::string> hits_asked;   // of the messages, last
    std::optional<peer::AccountId> within;   // only messages of this conversation are looked for
    std::optional<peer::AccountId> hits_within;
    double changed_at_s = 0.0;
    std::ptrdiff_t highlighted = -1;  // row under the keyboard
    bool reveal_highlighted = false;
};

}  // namespace sotto::ui
