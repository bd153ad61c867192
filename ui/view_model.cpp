#include "ui/view_model.hpp"

#include "ui/sanitise.hpp"

#include <algorithm>
#include <variant>

namespace sotto::ui {
namespace {

// Longer than any list row is wide; the rest of a message is not worth shaping for a preview.
constexpr std::size_t preview_code_points_max = 120;
// The wire allows 300 characters; a hostile store row may claim more.
constexpr std::size_t request_text_bytes_max = 300 * 4;

using peer::AccountId;

bool is_request(const ContactEntry& entry) {
    return entry.contact.state == peer::ContactState::request_received;
}

// Newest first; equal times by account, so that the order is total.
bool comes_before(const ContactEntry& a, const ContactEntry& b) {
    const std::uint64_t time_a = a.activity_ms();
    const std::uint64_t time_b = b.activity_ms();
    if (time_a != time_b) {
        return time_a > time_b;
    }
    return a.contact.account < b.contact.account;
}

void take_out(std::vector<AccountId>& list, const AccountId& account) {
    const auto at = std::find(list.begin(), list.end(), account);
    if (at != list.end()) {
        list.erase(at);
    }
}

// Call after anything that moves the entry; the lists are correct but for this one.
void place(ViewModel& model, const ContactEntry& entry) {
    const AccountId& account = entry.contact.account;
    take_out(model.order, account);
    take_out(model.requests, account);
    std::vector<AccountId>& list = is_request(entry) ? model.requests : model.order;
    const auto at = std::lower_bound(list.begin(), list.end(), account,
                                     [&](const AccountId& a, const AccountId&) {
                                         return comes_before(model.contacts.at(a), entry);
                                     });
    list.insert(at, account);
    ++model.order_revision;
}

void sort_all(ViewModel& model) {
    model.order.clear();
    model.requests.clear();
    for (const auto& [account, entry] : model.contacts) {
        (is_request(entry) ? model.requests : model.order).push_back(account);
    }
    const auto by_activity = [&](const AccountId& a, const AccountId& b) {
        return comes_before(model.contacts.at(a), model.contacts.at(b));
    };
    std::sort(model.order.begin(), model.order.end(), by_activity);
    std::sort(model.requests.begin(), model.requests.end(), by_activity);
    ++model.order_revision;
}

ContactEntry* find(ViewModel& model, const AccountId& account) {
    const auto at = model.contacts.find(account);
    return at == model.contacts.end() ? nullptr : &at->second;
}

Conversation* find_conversation(ViewModel& model, const AccountId& account) {
    const auto at = model.conversations.find(account);
    return at == model.conversations.end() ? nullptr : &at->second;
}

// A contact from a QR code has no name before their first answer: the beginning of the account id
// stands in for it.
std::string shown_name(const peer::Contact& contact) {
    std::string name = sanitise_name(contact.username);
    return name.empty() ? crypto::to_hex(contact.account.view().first<4>()) : name;
}

void set_contact(ContactEntry& entry, const peer::Contact& contact) {
    entry.contact = contact;
    entry.contact.username = shown_name(contact);
    entry.contact.request_text =
        sanitise_message(std::string_view(contact.request_text).substr(0, request_text_bytes_max));
    entry.folded = fold_for_search(entry.contact.username);
}

void set_last(ContactEntry& entry, const peer::Message& message) {
    overwrite(entry.preview);
    entry.last = message;
    entry.preview = sanitise_name(message.text, preview_code_points_max);
    overwrite(entry.last->text);  // the preview is all that is shown of it
}

// --- one function per change

struct Reducer {
    ViewModel& model;
    peer::WallTime now;

    void operator()(const peer::CommandFailed&) const {}  // the views' business (ui/pending.hpp)
    void operator()(const peer::CommandDone&) const {}
    void operator()(const peer::HistoryHits& hits) const { model.hits.take(hits); }

    void operator()(const peer::VaultChanged& change) const {
        model.vault_known = true;
        model.vault = change.state;
        if (change.state == peer::VaultState::absent || change.state == peer::VaultState::locked) {
            forget_everything(model);
        }
    }

    void operator()(const peer::SelfChanged& change) const {
        model.self = change.self;
        model.self->username = sanitise_name(change.self.username);
        model.own_list = change.own_list;
    }

    void operator()(const peer::DeviceWatchChanged& change) const {
        model.device_watch = change.watch;
    }

    void operator()(const peer::ServerStateChanged& change) const {
        model.server = change.state;
        if (change.state != peer::ServerState::online) {
            model.directory.asked = false;  // ask anew, because presence may have changed meanwhile
            for (peer::Member& member : model.directory.members) {
                member.presence = peer::Presence::unknown;
            }
        }
    }

    void operator()(const peer::ContactChanged& change) const {
        const AccountId& account = change.contact.account;
        const auto [at, added] = model.contacts.try_emplace(account, change.contact);
        ContactEntry& entry = at->second;
        const peer::Presence before = added ? peer::Presence::unknown : entry.contact.presence;
        const bool moved = added || entry.contact.state != change.contact.state ||
                           entry.contact.changed_at != change.contact.changed_at ||
                           entry.contact.username != change.contact.username;
        set_contact(entry, change.contact);
        if (change.contact.presence == peer::Presence::offline) {
            entry.typing = false;
        }
        if (moved) {
            place(model, entry);
        }
        note_presence(entry, before);
    }

    void note_presence(const ContactEntry& entry, peer::Presence before) const {
        const peer::Presence after = entry.contact.presence;
        Conversation* conversation = find_conversation(model, entry.contact.account);
        if (conversation == nullptr || before == after || before == peer::Presence::unknown ||
            after == peer::Presence::unknown) {
            return;  // "unknown" is about our own link, not about them
        }
        conversation->add_notice({.at = now, .online = after == peer::Presence::online});
    }

    void operator()(const peer::MessageAdded& change) const {
        const peer::Message& message = change.message;
        ContactEntry* entry = find(model, message.peer);
        if (entry == nullptr) {
            return;
        }
        const bool known = entry->last && message.row <= entry->last->row;
        if (!known) {
            if (!message.outgoing && !message.read_locally) {
                ++entry->unread;
            }
            if (!message.outgoing) {
                entry->typing = false;
            }
            set_last(*entry, message);
            place(model, *entry);
        }
        if (Conversation* conversation = find_conversation(model, message.peer)) {
            conversation->add(message);
        }
    }

    void operator()(const peer::MessageStateChanged& change) const {
        if (ContactEntry* entry = find(model, change.peer);
            entry != nullptr && entry->last && entry->last->id == change.id) {
            entry->last->state = change.state;
            entry->last->failure = change.failure;
        }
        if (Conversation* conversation = find_conversation(model, change.peer)) {
            conversation->set_state(change);
        }
    }

    void operator()(const peer::ReadUpToChanged& change) const {
        ContactEntry* entry = find(model, change.peer);
        if (entry == nullptr) {
            return;
        }
        Conversation* conversation = find_conversation(model, change.peer);
        if (conversation != nullptr) {
            conversation->read_up_to(change.row);
        }
        if (!entry->last || entry->last->row <= change.row) {
            entry->unread = 0;
        } else if (conversation != nullptr && conversation->loaded()) {
            entry->unread = conversation->unread();
        }
    }

    void operator()(const peer::TypingChanged& change) const {
        if (ContactEntry* entry = find(model, change.peer)) {
            entry->typing = change.typing;
            entry->typing_until_ms = now.ms + typing_lasts_ms;
        }
    }

    void operator()(const peer::DirectoryPage& page) const {
        Directory& directory = model.directory;
        const bool continues = !page.after.empty() && page.query == directory.query &&
                               !directory.members.empty() &&
                               directory.members.back().username == page.after;
        if (!page.after.empty() && !continues) {
            return;  // the rest of a search that is no longer on the screen
        }
        if (!continues) {
            directory.members.clear();
        }
        directory.query = page.query;
        directory.asked = true;
        directory.more = page.more;
        for (const peer::Member& member : page.members) {
            if (directory.members.size() == Directory::members_max) {
                directory.more = false;
                break;
            }
            directory.members.push_back(member);
            directory.members.back().username = sanitise_name(member.username);
        }
        ++directory.revision;
    }

    void operator()(const peer::MemberPresenceChanged& change) const {
        Directory& directory = model.directory;
        const peer::Member& member = change.member;
        const auto known =
            std::find_if(directory.members.begin(), directory.members.end(),
                         [&](const peer::Member& one) { return one.account == member.account; });
        if (known != directory.members.end()) {
            known->presence = member.presence;
        } else if (!add_newcomer(directory, member)) {
            return;
        }
        ++directory.revision;
    }

    // Somebody who registered after the list was fetched takes the place the list would give them.
    static bool add_newcomer(Directory& directory, const peer::Member& member) {
        std::vector<peer::Member>& members = directory.members;
        const std::string name = sanitise_name(member.username);
        const bool fits = directory.asked && !name.empty() &&
                          name.find(directory.query) != std::string::npos &&
                          members.size() < Directory::members_max;
        const auto at = std::lower_bound(
            members.begin(), members.end(), name,
            [](const peer::Member& one, const std::string& other) { return one.username < other; });
        if (!fits || (directory.more && at == members.end())) {
            return false;  // no match, or on a page that was not asked for yet
        }
        members.insert(at, member)->username = name;
        return true;
    }

    void operator()(const peer::Opened& opened) const {
        forget_everything(model);
        model.vault_known = true;
        model.vault = peer::VaultState::open;
        operator()(peer::SelfChanged{.self = opened.self, .own_list = opened.own_list});
        model.auto_lock_minutes = opened.auto_lock_minutes;
        model.device_watch = opened.device_watch;
        model.read_receipts = opened.read_receipts;
        for (const peer::Contact& contact : opened.contacts) {
            set_contact(model.contacts.try_emplace(contact.account, contact).first->second,
                        contact);
        }
        for (const peer::ConversationSummary& summary : opened.conversations) {
            ContactEntry* entry = find(model, summary.peer);
            if (entry == nullptr) {
                continue;
            }
            entry->unread = summary.unread;
            if (summary.last) {
                set_last(*entry, *summary.last);
            }
        }
        sort_all(model);
    }

    void operator()(const peer::HistoryPage& page) const {
        if (Conversation* conversation = find_conversation(model, page.peer)) {
            conversation->add_page(page);
        }
    }
};

}  // namespace

std::uint64_t ContactEntry::activity_ms() const {
    return last ? std::max(last->at.ms, contact.changed_at.ms) : contact.changed_at.ms;
}

const ContactEntry* ViewModel::contact(const peer::AccountId& account) const {
    const auto at = contacts.find(account);
    return at == contacts.end() ? nullptr : &at->second;
}

const ContactEntry* ViewModel::contact_named(const std::string& username) const {
    const auto at = std::find_if(contacts.begin(), contacts.end(), [&](const auto& entry) {
        return entry.second.contact.username == username;
    });
    return at == contacts.end() ? nullptr : &at->second;
}

const Conversation* ViewModel::conversation(const peer::AccountId& account) const {
    const auto at = conversations.find(account);
    return at == conversations.end() ? nullptr : &at->second;
}

std::uint32_t ViewModel::unread_total() const {
    std::uint32_t total = 0;
    for (const auto& [account, entry] : contacts) {
        total += entry.unread;
    }
    return total;
}

const std::string& ViewModel::own_name() const {
    static const std::string nobody;
    return self ? self->username : nobody;
}

bool ViewModel::ready() const {
    return vault == peer::VaultState::open && self && self->registered;
}

void apply(ViewModel& model, const peer::ViewChange& change, peer::WallTime now) {
    std::visit(Reducer{model, now}, change);
}

std::uint64_t forget_typing(ViewModel& model, peer::WallTime now) {
    std::uint64_t again_ms = 0;
    for (auto& [account, entry] : model.contacts) {
        if (!entry.typing) {
            continue;
        }
        const std::uint64_t left_ms =
            entry.typing_until_ms > now.ms ? entry.typing_until_ms - now.ms : 0;
        if (left_ms == 0 || left_ms > typing_lasts_ms) {  // or the clock was set back
            entry.typing = false;
        } else if (again_ms == 0 || left_ms < again_ms) {
            again_ms = left_ms;
        }
    }
    return again_ms;
}

bool open_conversation(ViewModel& model, const peer::AccountId& account) {
    return model.conversations.try_emplace(account).second;
}

void close_conversation(ViewModel& model, const peer::AccountId& account) {
    if (Conversation* conversation = find_conversation(model, account)) {
        conversation->forget();
        model.conversations.erase(account);
    }
}

void forget_everything(ViewModel& model) {
    for (auto& [account, entry] : model.contacts) {
        overwrite(entry.preview);
        overwrite(entry.contact.request_text);
    }
    for (auto& [account, conversation] : model.conversations) {
        conversation.forget();
    }
    model.contacts.clear();
    model.order.clear();
    model.requests.clear();
    model.conversations.clear();
    model.directory = Directory{};
    model.hits.forget();
    model.self.reset();
    model.server = peer::ServerState::offline;
    ++model.order_revision;
}

}  // namespace sotto::ui
