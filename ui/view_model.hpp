// What the desktop knows: the sum of all ViewChanges so far, ready to be drawn.
//
// apply() is the only way it changes, and it is a pure function of (model, change, wall clock): no
// ImGui, no clock, no runtime. Names and texts of others are sanitised here, once, so that a view
// cannot forget to. Unknown or late changes are harmless: a change about an account the model does
// not know is ignored. The model never decides; commands are the views' business.
#pragma once

#include "peer/model.hpp"
#include "peer/output.hpp"
#include "ui/conversation.hpp"
#include "ui/message_hits.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sotto::ui {

// A contact with the head of its conversation: one row of the home list.
struct ContactEntry {
    explicit ContactEntry(const peer::Contact& shown) : contact(shown) {}
    peer::Contact contact;  // username and request_text sanitised
    std::string folded;     // username as the search box compares it
    std::optional<peer::Message> last;
    std::string preview;  // of `last`, one line
    std::uint32_t unread = 0;
    bool typing = false;
    std::uint64_t typing_until_ms = 0;  // wall clock: forgotten then, unless it was told again

    // When something last happened: orders the list.
    [[nodiscard]] std::uint64_t activity_ms() const;
};

// What the rendezvous said about its members, as far as it was asked.
struct Directory {
    static constexpr std::size_t members_max = 10'000;  // 1 MB; a larger community is searched
    std::string query;
    std::vector<peer::Member> members;  // in the server's order (by name)
    bool more = false;
    bool asked = false;  // an answer has arrived since the server was last reached
    std::uint64_t revision = 0;
};

struct ViewModel {
    peer::VaultState vault = peer::VaultState::absent;
    bool vault_known = false;  // nothing is shown before the runtime said how the profile stands
    std::optional<peer::Self> self;  // while the vault is open
    peer::ServerState server = peer::ServerState::offline;
    crypto::GossipMark own_list{};        // part of one's own verification code
    std::uint32_t auto_lock_minutes = 0;  // 0: never
    peer::DeviceWatch device_watch{};
    bool read_receipts = true;

    std::map<peer::AccountId, ContactEntry> contacts;
    // Contacts by activity, newest first; requests waiting for an answer are in `requests` instead.
    std::vector<peer::AccountId> order;
    std::vector<peer::AccountId> requests;
    std::uint64_t order_revision = 0;  // changes with either list or with a name

    // Only conversations that were opened; see open_conversation().
    std::map<peer::AccountId, Conversation> conversations;
    Directory directory;
    MessageHits hits;

    [[nodiscard]] const ContactEntry* contact(const peer::AccountId& account) const;
    [[nodiscard]] const ContactEntry* contact_named(const std::string& username) const;
    [[nodiscard]] const Conversation* conversation(const peer::AccountId& account) const;
    [[nodiscard]] std::uint32_t unread_total() const;
    [[nodiscard]] const std::string& own_name() const;  // empty until registered
    [[nodiscard]] bool ready() const;                   // unlocked and registered: home is shown
};

void apply(ViewModel& model, const peer::ViewChange& change, peer::WallTime now);

// "typing" is told again every 4 s while somebody writes; the word that it ended may get lost. This
// is two of these times, and slack for a slow relay.
inline constexpr std::uint64_t typing_lasts_ms = 10'000;
// Forgets what is too old. Answers after how many milliseconds to ask again; 0: nobody types.
[[nodiscard]] std::uint64_t forget_typing(ViewModel& model, peer::WallTime now);

// Starts keeping this conversation's messages. False when it was kept already.
bool open_conversation(ViewModel& model, const peer::AccountId& account);
// At most this many conversations stay in memory; the least recently opened go (views pass those).
inline constexpr std::size_t conversations_max = 16;
void close_conversation(ViewModel& model, const peer::AccountId& account);

// The vault was locked: overwrites every text and forgets everybody.
void forget_everything(ViewModel& model);

}  // namespace sotto::ui
