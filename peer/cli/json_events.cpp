#include "peer/cli/json_events.hpp"

#include "crypto/primitives.hpp"
#include "crypto/verify.hpp"
#include "peer/cli/chat_texts.hpp"
#include "peer/cli/words.hpp"
#include "peer/notice.hpp"

namespace sotto::peer::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string hex(const AccountId& account) {
    return crypto::to_hex(account.view());
}
std::string hex(const MessageId& id) {
    return crypto::to_hex(id.bytes);
}

std::string to_line(const Json& json) {
    // Bytes that are no UTF-8 cannot get here (peer/wire refuses them); if they did, a replacement
    // character is better than an exception.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json member_json(const Member& member) {
    return {{"username", member.username},
            {"account", hex(member.account)},
            {"presence", name_of(member.presence)}};
}

Json watch_json(const DeviceWatch& watch) {
    return {{"own_list_disputed", watch.own_list_disputed},
            {"hold_new_devices", watch.hold_new_devices}};
}

Json self_json(const Self& self) {
    return {{"username", self.username},
            {"account", hex(self.account)},
            {"registered", self.registered}};
}

}  // namespace

CommandId JsonEvents::expect(std::string name, const nlohmann::json& id) {
    waiting_.emplace(++last_command_, Waiting{.name = std::move(name), .id = Json(id)});
    return last_command_;
}

std::vector<std::string> JsonEvents::lines_of(const ViewChange& change) {
    std::vector<Json> events;
    std::visit([&](const auto& value) { add(value, events); }, change);
    book_.apply(change);
    std::vector<std::string> lines;
    lines.reserve(events.size());
    for (const auto& event : events)
        lines.push_back(to_line(event));
    return lines;
}

Json JsonEvents::answer(const char* event, CommandId command) {
    Json out{{"event", event}};
    if (const auto waiting = waiting_.find(command); waiting != waiting_.end()) {
        out["command"] = waiting->second.name;
        if (!waiting->second.id.is_null()) out["id"] = waiting->second.id;
        waiting_.erase(waiting);
    }
    return out;
}

void JsonEvents::add(const CommandFailed& change, std::vector<Json>& out) {
    Json error = answer("error", change.command);
    error["code"] = name_of(change.error);
    error["message"] = sentence_of(change.error);
    if (change.retry_after_ms != 0) error["retry_after_ms"] = change.retry_after_ms;
    out.push_back(std::move(error));
}

void JsonEvents::add(const CommandDone& change, std::vector<Json>& out) {
    out.push_back(answer("done", change.command));
}

void JsonEvents::add(const VaultChanged& change, std::vector<Json>& out) {
    out.push_back({{"event", "vault"}, {"state", name_of(change.state)}});
}

void JsonEvents::add(const SelfChanged& change, std::vector<Json>& out) {
    const bool was_registered = book_.self() && book_.self()->registered;
    Json event{{"event", change.self.registered && !was_registered ? "registered" : "self"}};
    event.update(self_json(change.self));
    out.push_back(std::move(event));
}

void JsonEvents::add(const ServerStateChanged& change, std::vector<Json>& out) {
    out.push_back({{"event", "server"}, {"state", name_of(change.state)}});
}

void JsonEvents::add(const ContactChanged& change, std::vector<Json>& out) {
    const Contact& now = change.contact;
    const Contact* before = book_.contact(now.account);
    const bool is_new_state = before == nullptr || before->state != now.state;
    if (is_new_state && now.state == ContactState::request_received) {
        out.push_back({{"event", "contact_request"},
                       {"from", now.username},
                       {"account", hex(now.account)},
                       {"text", now.request_text}});
    }
    Contact quiet = now;  // what did not change silently in between
    if (before != nullptr) {
        quiet.presence = before->presence;
        quiet.path = before->path;
    }
    if (before == nullptr || !(quiet == *before)) {
        Json event{{"event", "contact"}};
        event.update(contact_json(now));
        out.push_back(std::move(event));
    }
    if (before == nullptr || before->presence != now.presence) {
        out.push_back({{"event", "presence"},
                       {"username", now.username},
                       {"account", hex(now.account)},
                       {"presence", name_of(now.presence)}});
    }
    if (before == nullptr || before->path != now.path) {
        out.push_back({{"event", "path"},
                       {"peer", now.username},
                       {"account", hex(now.account)},
                       {"path", name_of(now.path)}});
    }
}

void JsonEvents::add(const MessageAdded& change, std::vector<Json>& out) {
    Json event{{"event", "message"}};
    event.update(message_json(change.message));
    out.push_back(std::move(event));
}

void JsonEvents::add(const MessageStateChanged& change, std::vector<Json>& out) {
    Json event{{"event", "message_state"},
               {"peer", book_.name_of(change.peer)},
               {"account", hex(change.peer)},
               {"id", hex(change.id)},
               {"state", name_of(change.state)}};
    if (change.failure != MessageFailure::none) event["failure"] = name_of(change.failure);
    out.push_back(std::move(event));
}

void JsonEvents::add(const ReadUpToChanged& change, std::vector<Json>& out) {
    out.push_back({{"event", "read_up_to"},
                   {"peer", book_.name_of(change.peer)},
                   {"account", hex(change.peer)},
                   {"row", change.row}});
}

void JsonEvents::add(const TypingChanged& change, std::vector<Json>& out) {
    out.push_back({{"event", "typing"},
                   {"peer", book_.name_of(change.peer)},
                   {"account", hex(change.peer)},
                   {"typing", change.typing}});
}

void JsonEvents::add(const DirectoryPage& change, std::vector<Json>& out) {
    Json members = Json::array();
    for (const auto& member : change.members)
        members.push_back(member_json(member));
    out.push_back({{"event", "directory"},
                   {"query", change.query},
                   {"after", change.after},
                   {"members", std::move(members)},
                   {"more", change.more}});
}

void JsonEvents::add(const MemberPresenceChanged& change, std::vector<Json>& out) {
    Json event{{"event", "presence"}};
    event.update(member_json(change.member));
    out.push_back(std::move(event));
}

void JsonEvents::add(const DeviceWatchChanged& change, std::vector<Json>& out) {
    Json event{{"event", "device_watch"}};
    event.update(watch_json(change.watch));
    out.push_back(std::move(event));
}

void JsonEvents::add(const Opened& change, std::vector<Json>& out) {
    Json event{{"event", "opened"}};
    event.update(self_json(change.self));
    event["contacts"] = Json::array();
    for (const auto& contact : change.contacts)
        event["contacts"].push_back(contact_json(contact));
    book_.apply(change);  // the names below are the contacts' above
    event["conversations"] = Json::array();
    for (const auto& conversation : change.conversations) {
        Json row{{"peer", book_.name_of(conversation.peer)},
                 {"account", hex(conversation.peer)},
                 {"unread", conversation.unread}};
        if (conversation.last) row["last"] = message_json(*conversation.last);
        event["conversations"].push_back(std::move(row));
    }
    event["auto_lock"] = change.auto_lock_minutes;
    event["device_watch"] = watch_json(change.device_watch);
    event["read_receipts"] = change.read_receipts;
    event["drafts"] = Json::array();
    for (const auto& draft : change.drafts) {
        event["drafts"].push_back({{"peer", book_.name_of(draft.peer)},
                                   {"account", hex(draft.peer)},
                                   {"text", draft.text}});
    }
    out.push_back(std::move(event));
}

void JsonEvents::add(const HistoryPage& change, std::vector<Json>& out) {
    out.push_back({{"event", "history"},
                   {"peer", book_.name_of(change.peer)},
                   {"account", hex(change.peer)},
                   {"before", change.before_row},
                   {"messages", messages_json(change.messages)},
                   {"more", change.more}});
    if (change.newer > 0) out.back()["more_newer"] = change.more_newer;
}

void JsonEvents::add(const HistoryHits& change, std::vector<Json>& out) {
    out.push_back(
        {{"event", "hits"}, {"query", change.query}, {"messages", messages_json(change.messages)}});
}

Json JsonEvents::contact_json(const Contact& contact) const {
    Json out{{"username", contact.username},    {"account", hex(contact.account)},
             {"state", name_of(contact.state)}, {"verified", contact.verified},
             {"direct", contact.allow_direct},  {"presence", name_of(contact.presence)},
             {"path", name_of(contact.path)}};
    if (contact.held_devices > 0) out["held_devices"] = contact.held_devices;
    if (contact.new_key) out["new_key"] = hex(*contact.new_key);
    if (!contact.request_text.empty()) out["request_text"] = contact.request_text;
    return out;
}

Json JsonEvents::message_json(const Message& message) const {
    const std::string peer = book_.name_of(message.peer);
    const std::string own = book_.self() ? book_.self()->username : std::string();
    Json out{{"peer", peer},
             {"account", hex(message.peer)},
             {"from", message.outgoing ? own : peer},
             {"outgoing", message.outgoing},
             {"text", message.text},
             {"id", hex(message.id)},
             {"row", message.row},
             {"at_ms", message.at.ms}};
    if (message.kind != MessageKind::text) out["kind"] = name_of(message.kind);
    const bool local = message.kind == MessageKind::notice;
    if (const auto notice = local ? parse_notice(message.text) : std::nullopt) {
        out["notice"] = to_string(notice->kind);
        if (has_count(notice->kind)) out["count"] = notice->count;
        out["text"] = say_notice(Language::english, message.text, peer).value_or(message.text);
    }
    if (message.outgoing) out["state"] = name_of(message.state);
    if (!message.outgoing) out["read"] = message.read_locally;
    if (message.failure != MessageFailure::none) out["failure"] = name_of(message.failure);
    return out;
}

Json JsonEvents::messages_json(const std::vector<Message>& messages) const {
    Json out = Json::array();
    for (const auto& message : messages)
        out.push_back(message_json(message));
    return out;
}

std::string JsonEvents::refused(const CommandRefused& refused) const {
    Json out{{"event", "error"}, {"code", refused.code}, {"message", refused.message}};
    if (!refused.name.empty()) out["command"] = refused.name;
    if (!refused.id.is_null()) out["id"] = Json(refused.id);
    return to_line(out);
}

std::string JsonEvents::contacts(const ParsedCommand& command) const {
    Json contacts = Json::array();
    for (const auto& [account, contact] : book_.contacts()) {
        contacts.push_back(contact_json(contact));
    }
    Json out{{"event", "contacts"}, {"contacts", std::move(contacts)}};
    if (!command.id.is_null()) out["id"] = Json(command.id);
    return to_line(out);
}

std::string JsonEvents::status(const ParsedCommand& command) const {
    Json out{{"event", "status"},
             {"vault", book_.vault() ? name_of(*book_.vault()) : "unknown"},
             {"server", name_of(book_.server())},
             {"contacts", book_.contacts().size()}};
    if (book_.self()) out["self"] = self_json(*book_.self());
    if (!command.id.is_null()) out["id"] = Json(command.id);
    return to_line(out);
}

std::string JsonEvents::safety_number(const ParsedCommand& command, const AccountId& peer) const {
    if (!book_.self()) {
        return refused({.name = command.name,
                        .id = command.id,
                        .code = std::string(name_of(CommandError::not_unlocked)),
                        .message = std::string(sentence_of(CommandError::not_unlocked))});
    }
    Json out{{"event", "safety_number"},
             {"peer", book_.name_of(peer)},
             {"account", hex(peer)},
             {"number", crypto::grouped(crypto::safety_number(book_.self()->account, peer))}};
    if (!command.id.is_null()) out["id"] = Json(command.id);
    return to_line(out);
}

std::string JsonEvents::done(const ParsedCommand& command) const {
    Json out{{"event", "done"}, {"command", command.name}};
    if (!command.id.is_null()) out["id"] = Json(command.id);
    return to_line(out);
}

std::string JsonEvents::ready() {
    return to_line({{"event", "ready"},
                    {"version", SOTTO_VERSION},
                    {"protocol", 1},
                    {"hybrid", crypto::hybrid_available()}});
}

}  // namespace sotto::peer::cli
