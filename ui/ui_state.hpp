// What the desktop remembers about a person's doings that is not the product's truth: what is
// typed, selected, scrolled to, asked for and not yet answered.
//
// Owned by the App, changed by the views, lost at the end. Views reach the runtime only through
// post(): the commands collect in `outbox`, and each remembers what is lost if it fails, so that a
// refused message goes back into its box. Locking overwrites what was typed. Ui thread.
#pragma once

#include "peer/input.hpp"
#include "ui/error_text.hpp"
#include "ui/forms.hpp"
#include "ui/i18n/calendar.hpp"
#include "ui/settings.hpp"
#include "ui/thread.hpp"
#include "ui/view_model.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sotto::ui {

using peer::AccountId;
using Commands = std::vector<peer::PostedCommand>;

// --- what is waiting for an answer

enum class Purpose : std::uint8_t {
    register_account,
    unlock,
    lock,
    send_request,
    accept,
    ignore,
    block,
    allow_direct,
    send_text,
    draft,
    retry,
    listed,
    verify,
    accept_key,
    auto_lock,
    device_watch,  // hold new devices, allow them, the alarm was read
    read_receipts,
    passphrase,
    history,
    quiet,  // read marks, typing, searches: they are repeated anyway, a failure is no news
};
struct Pending {
    Purpose purpose = Purpose::quiet;
    std::optional<AccountId> account;
    std::string text;                   // what the person typed: a message, or a name
    std::optional<AccountId> key = {};  // accept_key: which one was chosen
};

enum class Dialog : std::uint8_t {
    none,
    settings,
    send_request,
    open_link,
    block,
    passphrase,
    safety,
    accept_key,
    keys,
    quit_drafts,
};

struct Toast {
    std::string text;
    bool bad = false;
    double until_s = 0.0;  // 0: not shown yet
};

struct UiState {
    UiState(Settings settings_now, Language system_language);

    Settings settings;
    bool settings_changed = false;  // the App saves them and applies theme and size
    Strings text;
    Language language_of_system;
    void set_language(std::optional<Language> choice);

    peer::WallTime now;  // set by the App once per frame
    LocalTime today;
    bool focused = true;  // the window has the keyboard
    bool visible = true;
    std::string version;  // for "about"
    bool hybrid_suite = false;

    RegisterForm register_form;
    UnlockForm unlock_form;
    PassphraseForm passphrase_form;
    SafetyForm safety_form;
    RequestForm request_form;
    SearchBox search;
    std::optional<AccountId> selected;
    std::map<AccountId, std::unique_ptr<Thread>> threads;
    Thread& thread(const AccountId& account);
    Thread* find_thread(const AccountId& account);

    Dialog dialog = Dialog::none;
    std::string link;             // of Dialog::open_link
    std::string open_when_there;  // --open-with: select this contact as soon as it is known
    std::deque<Toast> toasts;     // the first is on the screen
    static constexpr std::size_t toasts_max = 8;  // more would be read by nobody
    void say(std::string message, bool bad = false);

    std::optional<std::uint32_t> auto_lock_chosen;  // minutes; before the engine says so itself
    std::optional<bool> receipts_chosen;            // likewise
    bool locked_alone = false;           // nobody asked for the lock: the unlock screen says why
    bool drafts_kept = false;            // something typed waits for the unlocking
    [[nodiscard]] bool locking() const;  // asked and not done: nothing is shown any more

    bool quit_wanted = false;      // the App ends the loop
    bool quit_when_saved = false;  // as soon as the drafts are stored
    std::string clipboard_wanted;
    std::optional<double> server_gone_since_s;
    bool server_lost = false;     // for so long that it is said what goes on without it
    bool focus_composer = false;  // next frame
    bool focus_search = false;
    bool search_focused = false;  // in the last frame: Escape belongs to it

    Commands outbox;  // of this frame, taken by the App
    peer::CommandId next_command = 1;
    std::map<peer::CommandId, Pending> pending;
    peer::CommandId post(Pending pending_now, peer::Command command);
    // Whose drafts are not stored.
    [[nodiscard]] std::vector<std::string> names_with_unsaved_drafts(const ViewModel& model) const;

    std::uint64_t opened_count = 0;
};

// The answer to a command arrived. Afterwards it is no longer pending.
void command_done(UiState& ui, const ViewModel& model, peer::CommandId id);
void command_failed(UiState& ui, const ViewModel& model, peer::CommandId id,
                    const Failure& failure);

// Nothing a person wrote is lost: refused messages go back into the box, in order, as it has room.
void put_back(Thread& thread);

// The vault was locked: overwrites drafts and passwords, forgets what was selected.
void forget_typed(UiState& ui);

}  // namespace sotto::ui
