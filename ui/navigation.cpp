#include "ui/navigation.hpp"

#include <algorithm>
#include <utility>

#include "crypto/verify.hpp"
#include "ui/drafts.hpp"
#include "ui/sanitise.hpp"

namespace sotto::ui {
namespace {

// A first page that reaches the unread marker and a little context above it.
constexpr std::uint32_t page_min = 50;
constexpr std::uint32_t page_max = 500;  // 0.2 s of layout at the very worst
constexpr std::uint32_t context_above_marker = 20;

// Somebody who types fast makes one question of it, and does not notice the wait.
constexpr std::size_t name_bytes_max = 32;  // of a name on a server
// Found messages stand below people: what does not fit under them needs another word.
constexpr std::uint32_t hits_everywhere = 50;
// Around a message that was found; and each further page downward from it.
constexpr std::uint32_t jump_context_above = 100;
constexpr std::uint32_t jump_context_below = 100;
// A start or a blink of the network is no news.
constexpr double server_lost_s = 4.0;
constexpr double search_pause_s = 0.15;
// "typing" lasts this long at the other side without another word from here.
constexpr double typing_stops_s = 6.0;

bool is_waiting(const Thread& thread, const Conversation& conversation) {
    if (!thread.loading) {
        return false;
    }
    // Answered by the page itself, whether or not the command is reported done.
    return conversation.loaded()
               ? conversation.more() && conversation.first_row() == thread.loading_before
               : thread.loading_before == 0;
}

void ask_for_page(UiState& ui, const AccountId& account, Thread& thread, std::uint64_t before_row,
                  std::uint32_t limit) {
    thread.load_failed = false;
    thread.loading_before = before_row;
    thread.loading =
        ui.post({.purpose = Purpose::history, .account = account, .text = {}},
                peer::LoadHistory{.peer = account, .before_row = before_row, .limit = limit});
}

void evict(ViewModel& model, UiState& ui) {
    while (model.conversations.size() > conversations_max) {
        const auto oldest =
            std::min_element(model.conversations.begin(), model.conversations.end(),
                             [&](const auto& a, const auto& b) {
                                 return ui.thread(a.first).opened < ui.thread(b.first).opened;
                             });
        const AccountId account = oldest->first;
        Thread& thread = ui.thread(account);
        thread.rows.clear();
        thread.list.reset();
        thread.rows_revision = 0;
        thread.loading.reset();
        thread.entered = false;
        close_conversation(model, account);
    }
}

// A search led to a message that is not in memory, or the newest ones are wanted back.
void follow_jump(ViewModel& model, UiState& ui, const AccountId& account, Thread& thread) {
    Conversation& conversation = model.conversations.at(account);
    if (std::exchange(thread.to_newest, false) && conversation.newer()) {
        conversation.forget();
        thread.loading.reset();
        thread.list.scroll_to_end();
    }
    const bool there = conversation.has_row(thread.jump_row);
    if (thread.jump_row == 0 || !conversation.loaded() || there ||
        thread.jump_asked == thread.jump_row) {
        return;
    }
    thread.jump_asked = thread.jump_row;
    thread.newer_asked = 0;
    conversation.expect_far_page(thread.jump_row);
    ui.post({.purpose = Purpose::history, .account = account, .text = {}},
            peer::LoadHistory{.peer = account,
                              .before_row = thread.jump_row,
                              .limit = jump_context_above,
                              .newer = jump_context_below});
}

void follow_selection(ViewModel& model, UiState& ui) {
    if (!ui.open_when_there.empty()) {
        if (const ContactEntry* entry = model.contact_named(ui.open_when_there)) {
            ui.open_when_there.clear();
            select_contact(ui, entry->contact.account);
        }
    }
    if (!ui.selected) {
        return;
    }
    const ContactEntry* entry = model.contact(*ui.selected);
    if (entry == nullptr) {
        ui.selected.reset();
        return;
    }
    Thread& thread = ui.thread(*ui.selected);
    put_back(thread);
    if (open_conversation(model, *ui.selected)) {
        thread.opened = ++ui.opened_count;
        evict(model, ui);
    }
    const Conversation& conversation = *model.conversation(*ui.selected);
    if (!is_waiting(thread, conversation)) {
        thread.loading.reset();
    }
    follow_jump(model, ui, *ui.selected, thread);
    if (!conversation.loaded() && !thread.loading && !thread.load_failed) {
        const std::uint32_t limit =
            std::clamp(entry->unread + context_above_marker, page_min, page_max);
        ask_for_page(ui, *ui.selected, thread, 0, limit);
    }
}

double follow_server(const ViewModel& model, UiState& ui, double now_s) {
    if (model.server == peer::ServerState::online) {
        ui.server_gone_since_s.reset();
        ui.server_lost = false;
        return 0.0;
    }
    if (!ui.server_gone_since_s) {
        ui.server_gone_since_s = now_s;
    }
    const double left_s = *ui.server_gone_since_s + server_lost_s - now_s;
    ui.server_lost = left_s <= 0.0;
    return std::max(left_s, 0.0);
}

double follow_search(const ViewModel& model, UiState& ui, double now_s) {
    SearchBox& search = ui.search;
    if (model.server != peer::ServerState::online) {
        search.asked.reset();  // ask anew when it is back
        return 0.0;
    }
    // As the server knows names; what is longer than any of them is nobody's.
    const std::string query = fold_for_search(search.input.buffer().text());
    if (search.asked == query || query.size() > name_bytes_max) {
        return 0.0;
    }
    const double waited_s = now_s - search.changed_at_s;
    if (search.asked && waited_s < search_pause_s) {
        return search_pause_s - waited_s;
    }
    search.asked = query;
    search.asked_after.reset();
    ui.post({}, peer::SearchDirectory{.query = query, .after = {}, .command = 0});
    return 0.0;
}

// Messages on this computer's disk: no server is needed.
double follow_message_search(UiState& ui, double now_s) {
    SearchBox& search = ui.search;
    const std::string query = search.input.text();
    if (query.empty()) {
        search.hits_asked.reset();
        return 0.0;
    }
    if (search.hits_asked == query && search.hits_within == search.within) {
        return 0.0;
    }
    const double waited_s = now_s - search.changed_at_s;
    if (search.hits_asked && waited_s < search_pause_s) {
        return search_pause_s - waited_s;
    }
    search.hits_asked = query;
    search.hits_within = search.within;
    ui.post({}, peer::SearchHistory{
                    .query = query,
                    .peer = search.within,
                    .limit = search.within ? static_cast<std::uint32_t>(MessageHits::shown_max)
                                           : hits_everywhere});
    return 0.0;
}

double follow_typing(UiState& ui, double now_s) {
    double wake_s = 0.0;
    for (auto& [account, thread] : ui.threads) {
        if (!thread->typing_told) {
            continue;
        }
        const double left_s = thread->typing_told_at_s + typing_stops_s - now_s;
        if (left_s <= 0.0 || thread->composer.buffer().empty()) {
            thread->typing_told = false;
            ui.post({}, peer::SetTyping{.peer = account, .typing = false, .command = 0});
        } else {
            wake_s = wake_s == 0.0 ? left_s : std::min(wake_s, left_s);
        }
    }
    return wake_s;
}

// The end was asked for, and waits for the drafts.
void follow_quitting(UiState& ui) {
    if (!ui.quit_when_saved) {
        return;
    }
    const LastDrafts drafts = last_drafts(ui);
    if (drafts == LastDrafts::under_way) {
        return;
    }
    ui.quit_when_saved = false;
    if (drafts == LastDrafts::saved) {
        ui.quit_wanted = true;
    } else {
        ui.dialog = Dialog::quit_drafts;
    }
}

}  // namespace

void select_contact(UiState& ui, const AccountId& account) {
    ui.focus_composer = true;
    if (ui.selected == account) {
        return;
    }
    leave_conversation(ui);
    ui.selected = account;
    Thread& thread = ui.thread(account);
    thread.opened = ++ui.opened_count;
    thread.entered = false;
    thread.watched = false;
}

void show_message(UiState& ui, const AccountId& account, std::uint64_t row) {
    select_contact(ui, account);
    Thread& thread = ui.thread(account);
    thread.jump_row = row;
    thread.jump_asked = 0;
}

void search_in_conversation(UiState& ui) {
    if (!ui.selected) {
        return;
    }
    ui.search.within = ui.selected;
    ui.search.input.buffer().clear();
    ui.focus_search = true;
}

void leave_conversation(UiState& ui) {
    if (!ui.selected) {
        return;
    }
    Thread& thread = ui.thread(*ui.selected);
    thread.unread_from.reset();  // seen; what comes from now on is new
    thread.selection = {};
    ui.selected.reset();
}

void start_request(UiState& ui) {
    RequestForm& form = ui.request_form;
    form.error.clear();
    form.account.reset();
    form.allow_direct = false;
    form.running.reset();
    form.name.buffer().clear();
    form.name.focus();
    ui.dialog = Dialog::send_request;
}

void start_request(UiState& ui, const AccountId& account, const std::string& username) {
    start_request(ui);
    ui.request_form.account = account;
    ui.request_form.name.buffer().set_text(username);
    ui.request_form.text.focus();
}

void lock(UiState& ui) {
    ui.dialog = Dialog::none;
    ui.toasts.clear();
    if (!ui.locking()) {
        save_drafts_now(ui);
        ui.post({.purpose = Purpose::lock, .account = {}, .text = {}}, peer::Lock{});
    }
}

void start_passphrase_change(UiState& ui, bool of_account) {
    PassphraseForm& form = ui.passphrase_form;
    if (!form.running) {  // else: the one that runs is shown
        form.clear();
        form.of_account = of_account;
    }
    form.old_one.focus();
    ui.dialog = Dialog::passphrase;
}

void start_safety(UiState& ui, const ViewModel& model, const peer::Contact& contact) {
    if (!model.self) {
        return;
    }
    const AccountId& own = model.self->account;
    SafetyForm& form = ui.safety_form;
    form.contact = contact.account;
    const AccountId theirs = contact.new_key.value_or(contact.account);
    form.account = theirs;
    form.number = crypto::grouped(crypto::safety_number(own, theirs));
    form.code = crypto::to_text(
        crypto::VerificationCode{.own = own,
                                 .peer = theirs,
                                 .dev_list = model.own_list,
                                 .server = crypto::server_key_hash8(model.self->server.key)});
    form.qr = make_qr(form.code);
    form.pasted.buffer().clear();
    form.running.reset();
    ui.dialog = Dialog::safety;
}

void set_verified(UiState& ui, const AccountId& account, bool verified) {
    ui.safety_form.running =
        ui.post({.purpose = Purpose::verify, .account = account, .text = {}},
                peer::VerifyContact{.account = account, .verified = verified, .command = 0});
}

void choose_key(UiState& ui, const peer::Contact& contact, const AccountId& key) {
    const bool other = key != contact.account;
    ui.post({.purpose = Purpose::accept_key, .account = contact.account, .text = {}, .key = key},
            peer::AcceptKey{.account = contact.account,
                            .key = key,
                            .although_verified = other && contact.verified,
                            .command = 0});
}

bool may_quit(UiState& ui, const ViewModel& model) {
    if (ui.quit_wanted) {
        return true;
    }
    if (model.ready()) {
        save_drafts_now(ui);
        const LastDrafts drafts = last_drafts(ui);
        if (drafts == LastDrafts::saved) {
            return true;
        }
        if (drafts == LastDrafts::under_way && !ui.quit_when_saved) {
            ui.quit_when_saved = true;  // milliseconds
            return false;
        }
        // Asked for twice: then the disk hangs.
    } else if (!ui.drafts_kept) {
        return true;
    }
    ui.dialog = Dialog::quit_drafts;
    return false;
}

void load_older(UiState& ui, const Conversation& conversation, const AccountId& account,
                Thread& thread) {
    if (conversation.loaded() && conversation.more() && !thread.loading && !thread.load_failed) {
        ask_for_page(ui, account, thread, conversation.first_row(), page_min * 2);
    }
}

void load_newer(UiState& ui, const Conversation& conversation, const AccountId& account,
                Thread& thread) {
    const std::uint64_t after_row = conversation.last_row();
    if (!conversation.newer() || thread.newer_asked == after_row) {
        return;
    }
    thread.newer_asked = after_row;
    ui.post(
        {.purpose = Purpose::history, .account = account, .text = {}},
        peer::LoadHistory{
            .peer = account, .before_row = after_row + 1, .limit = 0, .newer = jump_context_below});
}

double follow(ViewModel& model, UiState& ui, FollowClock clock) {
    if (!model.ready()) {
        return 0.0;
    }
    follow_selection(model, ui);
    follow_quitting(ui);
    double soonest_s = 0.0;
    for (const double wish_s :
         {follow_search(model, ui, clock.now_s), follow_typing(ui, clock.now_s),
          follow_drafts(ui, clock.now_s), follow_message_search(ui, clock.now_s),
          follow_server(model, ui, clock.now_s),
          static_cast<double>(forget_typing(model, ui.now)) / 1000.0}) {
        if (wish_s > 0.0 && (soonest_s == 0.0 || wish_s < soonest_s)) {
            soonest_s = wish_s;
        }
    }
    return soonest_s;
}

}  // namespace sotto::ui
