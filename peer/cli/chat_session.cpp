#include "peer/cli/chat_session.hpp"

#include "peer/cli/terminal.hpp"
#include "peer/server_link.hpp"
#include "peer/wire/utf8.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::cli {

namespace {

std::string_view as_text(const crypto::SecretBytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

constexpr std::string_view prompt_mark = "> ";

}  // namespace

// --- what the person types -----------------------------------------------------------------------

bool ChatSession::wants_silence() const {
    return stage_ == Stage::new_password || stage_ == Stage::password_again ||
           stage_ == Stage::passphrase || stage_ == Stage::old_account_password ||
           stage_ == Stage::new_account_password || stage_ == Stage::account_password_again;
}

void ChatSession::on_line(Line line) {
    if (wants_silence()) output_ += '\n';  // the typed one was not echoed
    if (line.too_long) return print(Say::too_long);
    const std::string_view typed = as_text(line.text);
    if (!typed.empty() && !wire::utf8_length(typed)) return print(Say::not_utf8);
    if (wants_silence()) {
        if (!line.text.empty() && line.text.back() == '\r') line.text.pop_back();
        return on_password(std::move(line.text));
    }
    const std::string_view text = trim(typed);
    if (stage_ == Stage::server) {
        auto server = parse_server_link(text);
        if (!server) {
            print(Say::bad_server_link);
            return ask(Stage::server, Say::ask_server);
        }
        options_.server = std::move(*server);
        ask_for_new_profile();
    } else if (stage_ == Stage::name) {
        name_ = text;
        ask(Stage::new_password, Say::ask_new_password);
    } else if (stage_ == Stage::talking) {
        on_talk(text);
    }
}

void ChatSession::on_password(crypto::SecretBytes text) {
    switch (stage_) {
        case Stage::passphrase:
            post_and_wait(Unlock{.vault_passphrase = std::move(text)}, Stage::passphrase);
            break;
        case Stage::new_password:
            password_ = std::move(text);
            ask(Stage::password_again, Say::ask_password_again);
            break;
        case Stage::old_account_password:
        case Stage::new_account_password:
        case Stage::account_password_again:
            on_account_password(std::move(text));
            break;
        default:
            if (!crypto::constant_time_equal(text, password_)) {
                print(Say::passwords_differ);
                return ask(Stage::new_password, Say::ask_new_password);
            }
            register_profile();
            break;
    }
}

// An empty line leaves everything as it is.
void ChatSession::on_account_password(crypto::SecretBytes text) {
    if (text.empty()) {
        old_password_ = crypto::SecretBytes();
        password_ = crypto::SecretBytes();
        stage_ = Stage::talking;
        return print(Say::password_as_before);
    }
    if (stage_ == Stage::old_account_password) {
        old_password_ = std::move(text);
        return ask(Stage::new_account_password, Say::ask_new_account_password);
    }
    if (stage_ == Stage::new_account_password) {
        password_ = std::move(text);
        return ask(Stage::account_password_again, Say::ask_password_again);
    }
    if (!crypto::constant_time_equal(text, password_)) {
        print(Say::passwords_differ);
        return ask(Stage::new_account_password, Say::ask_new_account_password);
    }
    change_account_password();
}

void ChatSession::change_account_password() {
    stage_ = Stage::talking;
    print(Say::working);
    post(ChangeAccountPassword{.old_password = std::move(old_password_),
                               .new_password = std::move(password_),
                               .also_passphrase = also_passphrase_},
         {.on_done = also_passphrase_ ? Say::both_changed : Say::password_changed, .name = {}});
    old_password_ = crypto::SecretBytes();  // clear() would keep the bytes
    password_ = crypto::SecretBytes();
}

void ChatSession::register_profile() {
    stage_ = Stage::waiting;  // before the line below, which prints a prompt while talking
    print(Say::working);
    Register command{.server = *options_.server,
                     .username = name_,
                     .password = password_,
                     .vault_passphrase = std::move(password_),
                     .listed = true};
    password_ = crypto::SecretBytes();  // clear() would keep the bytes
    post_and_wait(std::move(command), Stage::name);
}

void ChatSession::on_end() {
    if (stage_ != Stage::over) {
        output_ += '\n';
        print(Say::goodbye);
    }
    stage_ = Stage::over;
}

void ChatSession::on_talk(std::string_view text) {
    if (text.empty()) {
        output_ += prompt_mark;
    } else if (text.front() == '/') {
        const std::size_t end = std::min(text.find(' '), text.size());
        on_command(text.substr(0, end), trim(text.substr(end)));
    } else {
        send_text(text);
    }
}

void ChatSession::send_text(std::string_view text) {
    if (!partner_) return print(Say::choose_someone);
    post(SendText{.to = *partner_, .text = std::string(text)});
    output_ += prompt_mark;
}

void ChatSession::on_command(std::string_view word, std::string_view rest) {
    if (word == "/quit" || word == "/quitter") {
        print(Say::goodbye);
        stage_ = Stage::over;
    } else if (word == "/help") {
        print(Say::help);
    } else if (word == "/contacts") {
        list_contacts();
    } else if (word == "/members") {
        post(SearchDirectory{.query = std::string(rest), .after = {}});
    } else if (word == "/search") {
        post(SearchHistory{.query = std::string(rest), .peer = {}, .limit = 20});
    } else if (word == "/password") {
        also_passphrase_ = rest == "both";
        print(also_passphrase_ ? Say::both_explained : Say::password_explained);
        ask(Stage::old_account_password, Say::ask_old_account_password);
    } else if (word == "/history") {
        load_history(rest);
    } else if (word == "/hold" && (rest == "on" || rest == "off")) {
        post(SetHoldNewDevices{.hold = rest == "on"});
    } else if (word == "/seen") {
        post(SettleOwnList{});
    } else if (word == "/receipts") {
        on_receipts(rest);
    } else if (word == "/to" || word == "/request" || word == "/accept" || word == "/ignore" ||
               word == "/block" || word == "/restart" || word == "/devices") {
        on_contact_command(word, rest);
    } else {
        print(Say::unknown_command, {terminal_safe(word)});
    }
}

void ChatSession::on_contact_command(std::string_view word, std::string_view rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view name = rest.substr(0, end);
    const std::string_view more = trim(rest.substr(end));
    if (word == "/request" && !name.empty()) {
        return post(SendContactRequest{.username = std::string(name),
                                       .account = {},
                                       .text = std::string(more),
                                       .allow_direct = false},
                    {.on_done = Say::request_sent, .name = terminal_safe(name)});
    }
    const auto account = contact_or_complain(word, name);
    if (!account) return;
    if (word == "/to") talk_to(name);
    if (word == "/accept") {
        post(AcceptContact{.account = *account, .allow_direct = more == "direct"});
    }
    if (word == "/ignore") post(IgnoreContact{.account = *account});
    if (word == "/devices") post(AllowDevices{.account = *account});
    if (word == "/block") post(BlockContact{.account = *account});
    if (word == "/restart") {
        post(RestartSession{.account = *account},
             {.on_done = Say::session_restarted, .name = terminal_safe(name)});
    }
}

std::optional<AccountId> ChatSession::contact_or_complain(std::string_view word,
                                                          std::string_view name) {
    if (name.empty()) {
        print(Say::needs_a_name, {word});
        return std::nullopt;
    }
    const auto account = book_.find(name);
    if (!account || book_.contact(*account) == nullptr) {
        print(Say::no_such_contact, {terminal_safe(name)});
        return std::nullopt;
    }
    return account;
}

void ChatSession::talk_to(std::string_view name) {
    partner_ = book_.find(name);
    print(Say::talking_to, {safe_name(*partner_)});
    load_history({});
    // Everything in it is about to be on the screen.
    post(MarkRead{.peer = *partner_, .row = UINT64_MAX >> 1U});
}

void ChatSession::load_history(std::string_view count) {
    if (!partner_) return print(Say::choose_someone);
    std::uint32_t limit = 0;
    for (const char digit : count) {
        if (digit < '0' || digit > '9' || limit > 10'000) break;
        limit = limit * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    post(LoadHistory{.peer = *partner_, .before_row = 0, .limit = limit == 0 ? 20 : limit});
}

void ChatSession::on_receipts(std::string_view rest) {
    if (rest.empty()) return print(read_receipts_ ? Say::receipts_on : Say::receipts_off);
    const bool on = rest == "on";
    if (!on && rest != "off") return print(Say::receipts_usage);
    post(SetReadReceipts{on}, {.on_done = on ? Say::receipts_on : Say::receipts_off, .name = {}});
}

void ChatSession::list_contacts() {
    if (book_.contacts().empty()) return print(Say::no_contacts);
    for (const auto& [account, contact] : book_.contacts()) {
        const char* dot = contact.presence == Presence::online ? "*" : " ";
        const bool waiting = contact.state == ContactState::request_received;
        print(Say::contact_line, {dot, safe_name(account) + (waiting ? " ?" : "")});
    }
}

// --- what the runtime says
// -------------------------------------------------------------------------

void ChatSession::on_change(const ViewChange& change) {
    std::visit([this](const auto& value) { on(value); }, change);
    book_.apply(change);  // after: on() compares with what was known before
}

void ChatSession::on(const VaultChanged& change) {
    // A command on its way is answered by itself, and that answer asks for what comes next: asking
    // here, too, would take the line typed after it for a passphrase.
    const bool may_ask = awaited_ == 0;
    if (change.state == VaultState::absent && may_ask) {
        ask_for_new_profile();
    } else if (change.state == VaultState::locked && options_.passphrase) {
        post_and_wait(Unlock{.vault_passphrase = std::move(*options_.passphrase)},
                      Stage::passphrase);
        options_.passphrase.reset();
    } else if (change.state == VaultState::locked && may_ask) {
        ask(Stage::passphrase, Say::ask_passphrase);
    } else if (change.state == VaultState::unlocking) {
        stage_ = Stage::waiting;
    }
}

void ChatSession::ask_for_new_profile() {
    if (!options_.server) return ask(Stage::server, Say::ask_server);
    ask(Stage::name, Say::ask_name);
}

void ChatSession::on(const Opened& change) {
    book_.apply(change);
    read_receipts_ = change.read_receipts;
    if (!change.self.registered) {
        if (!options_.server) options_.server = change.self.server;
        if (answers_.empty()) ask(Stage::name, Say::ask_name);  // else: being registered right now
        return;
    }
    start_talking();
    watch_ = change.device_watch;
    if (watch_.own_list_disputed) print(Say::own_list_alarm);
    for (const auto& contact : change.contacts) {
        if (contact.state == ContactState::request_received) {
            print(Say::request_arrived,
                  {safe_name(contact.account), terminal_safe(contact.request_text)});
        }
    }
    for (const auto& conversation : change.conversations) {
        if (conversation.unread == 0) continue;
        const std::string count =
            say(options_.language, Say::unread, {std::to_string(conversation.unread)});
        print(Say::contact_line, {safe_name(conversation.peer), count});
    }
}

void ChatSession::on(const DeviceWatchChanged& change) {
    const DeviceWatch before = std::exchange(watch_, change.watch);
    if (watch_.own_list_disputed && !before.own_list_disputed) print(Say::own_list_alarm);
    if (watch_.hold_new_devices != before.hold_new_devices) {
        print(watch_.hold_new_devices ? Say::hold_is_on : Say::hold_is_off);
    }
}

void ChatSession::on(const SelfChanged& change) {
    const bool was_registered = book_.self() && book_.self()->registered;
    book_.apply(change);
    if (change.self.registered && !was_registered) start_talking();
}

void ChatSession::start_talking() {
    stage_ = Stage::talking;
    print(Say::welcome, {terminal_safe(book_.self()->username)});
    if (book_.contacts().empty()) print(Say::no_contacts);
    print(Say::hint);
}

void ChatSession::on(const ServerStateChanged& change) {
    if (change.state == book_.server()) return;
    if (change.state == ServerState::online) print(Say::server_online);
    if (change.state == ServerState::refused) print(Say::server_refused);
    if (change.state == ServerState::offline && book_.server() != ServerState::offline) {
        print(Say::server_offline);
    }
}

void ChatSession::on(const ContactChanged& change) {
    const Contact& now = change.contact;
    const Contact* before = book_.contact(now.account);
    const std::string name = terminal_safe(now.username);
    const bool new_state = before == nullptr || before->state != now.state;
    if (new_state && now.state == ContactState::request_received) {
        print(Say::request_arrived, {name, terminal_safe(now.request_text)});
    }
    if (new_state && now.state == ContactState::accepted) print(Say::now_contacts, {name});
    if (before == nullptr || partner_ != now.account) return;
    const bool was_here = before->presence == Presence::online;
    const bool is_here = now.presence == Presence::online;
    if (is_here && !was_here) print(Say::came, {name});
    if (was_here && !is_here) print(Say::left, {name});
}

void ChatSession::on(const MessageAdded& change) {
    const Message& message = change.message;
    if (message.outgoing) {
        last_sent_.insert_or_assign(message.peer, message.id);
        return;  // it stands there, as it was typed
    }
    const bool shown_here = partner_ == message.peer;
    print_message(message, !shown_here);
    if (shown_here) post(MarkRead{.peer = message.peer, .row = message.row});
}

void ChatSession::on(const MessageStateChanged& change) {
    const auto last = last_sent_.find(change.peer);
    const bool is_last = last != last_sent_.end() && last->second == change.id;
    const std::string name = safe_name(change.peer);
    if (change.state == DeliveryState::failed) return print(Say::state_failed, {name});
    if (!is_last) return;  // one line for a burst, not one per message
    if (change.state == DeliveryState::delivered) print(Say::state_delivered, {name});
    if (change.state == DeliveryState::read) print(Say::state_read, {name});
    const Contact* contact = book_.contact(change.peer);
    const bool away = contact == nullptr || contact->presence != Presence::online;
    if (change.state == DeliveryState::with_server && away) print(Say::state_with_server, {name});
}

void ChatSession::on(const DirectoryPage& change) {
    if (change.members.empty()) print(Say::members_empty);
    for (const auto& member : change.members) {
        const char* dot = member.presence == Presence::online ? "*" : " ";
        print(Say::contact_line, {dot, terminal_safe(member.username)});
    }
}

void ChatSession::on(const HistoryPage& change) {
    if (change.messages.empty()) print(Say::history_empty);
    for (const auto& message : change.messages)
        print_message(message, false);
}

void ChatSession::on(const HistoryHits& change) {
    if (change.messages.empty()) print(Say::found_nothing);
    for (const auto& message : change.messages)
        print_message(message, true);
}

void ChatSession::on(const CommandDone& change) {
    if (change.command == awaited_) awaited_ = 0;
    const auto answer = answers_.extract(change.command);
    if (!answer || answer.mapped().on_done == Say::count_) return;
    const Say what = answer.mapped().on_done;
    if (what == Say::receipts_on) read_receipts_ = true;
    if (what == Say::receipts_off) read_receipts_ = false;
    print(what, {answer.mapped().name});
}

}  // namespace sotto::peer::cli
