// All nouns of the engine in the order in which they may know each other, and who is told what.
//
// Dispatch only: an input goes to the noun it is about, and what that noun learnt goes to the ones
// above it. Not copied, not moved: the nouns hold references to those below.
#pragma once

#include "peer/engine/conversation.hpp"
#include "peer/engine/directory.hpp"
#include "peer/engine/engine.hpp"
#include "peer/engine/reachability.hpp"

namespace sotto::peer::engine {

struct Engine::Core {
    explicit Core(const ServerAddress& server, std::uint64_t next_row);
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() = default;

    /// False: a damaged row without which nothing works.
    [[nodiscard]] bool load(const Snapshot& snapshot);
    void load(const SaveSetting& setting);

    // One per alternative of Input.
    void on(Turn& turn, const RegisterAccount& input);
    void on(Turn& turn, const ProvePassword& input);
    void on(Turn& turn, const ReplaceLoginKey& input);
    void on(Turn& turn, const GoOnline& input);
    void on(Turn& turn, const GoOffline& input);
    void on(Turn& turn, const Tick& input);
    void on(Turn& turn, const SendContactRequest& input);
    void on(Turn& turn, const AcceptContact& input);
    void on(Turn& turn, const IgnoreContact& input);
    void on(Turn& turn, const BlockContact& input);
    void on(Turn& turn, const VerifyContact& input);
    void on(Turn& turn, const AcceptKey& input);
    void on(Turn& turn, const SetAllowDirect& input);
    void on(Turn& turn, const SetHoldNewDevices& input);
    void on(Turn& turn, const AllowDevices& input);
    void on(Turn& turn, const SettleOwnList& input);
    void on(Turn& turn, const SendText& input);
    void on(Turn& turn, const RetryMessage& input);
    void on(Turn& turn, const MarkRead& input);
    void on(Turn& turn, const RestartSession& input);
    void on(Turn& turn, const SetReadReceipts& input);
    void on(Turn& turn, const SetTyping& input);
    void on(Turn& turn, const SearchDirectory& input);
    void on(Turn& turn, const SetListed& input);
    void on(Turn& turn, const RepeatChecked& input);
    void on(Turn& turn, const ServerUp& input);
    void on(Turn& turn, const ServerDown& input);
    void on(Turn& turn, const ServerFrame& input);
    void on(Turn& turn, const ListenerReady& input);
    void on(Turn& turn, const PeerLinkUp& input);
    void on(Turn& turn, const PeerLinkDown& input);
    void on(Turn& turn, const PeerFrame& input);

    /// Before the first input, and after each.
    void begin(Turn& turn);
    void finish(Turn& turn);

    // What came from the rendezvous.
    void push(Turn& turn, const rendezvous::Reply& reply);
    void mail(Turn& turn, const rendezvous::Mail& mail);
    void dispatch(Turn& turn, const Answer& answer);
    void hand_out(Turn& turn, const Answer& answer);
    void dispatch_lost(Turn& turn);
    void react(Turn& turn, ServerSession::Event event);
    void logged_in(Turn& turn);
    void publish_prekeys(Turn& turn, std::size_t left_at_server);
    void publish_token(Turn& turn);
    void publish_list(Turn& turn);
    void list_answered(Turn& turn, std::uint64_t seq, const Answer& answer);
    [[nodiscard]] bool withhold(const Turn& turn, std::uint64_t row, const Received& received);
    [[nodiscard]] bool can_take_withheld(const Turn& turn) const;
    void acknowledge_mail(Turn& turn);
    /// What the server refused or never answered is asked again, later each time.
    void again_later(Turn& turn, TimerKind what, const Answer& answer);
    void bundle_refused(Turn& turn, const AccountId& account, const Answer& answer);

    // What came from contacts.
    void took(Turn& turn, const Received& received);
    void link_message(Turn& turn, LinkId id, const wire::LinkMessage& message);
    void reset_if_lost(Turn& turn, Link& link, const Received& received, ByteView payload);
    /// A new session in place of the old, after a random delay of at most so much. False: not now.
    bool restart_session(Turn& turn, const DeviceAddress& peer,
                         const crypto::SessionId& old_session, std::uint64_t delay_max_ms);
    void reset_due(Turn& turn, const DeviceAddress& peer);
    void heed_silence(Turn& turn);
    void check_withheld(Turn& turn, const AccountId& account);
    void bundle_arrived(Turn& turn, const AccountId& account);
    void contact_changed(Turn& turn, const AccountId& account);
    void links_changed(const AccountId& account);

    void timer_due(Turn& turn, const TimerId& id);
    void maintain(Turn& turn);
    /// What goes by date: at each start, with the first log-in, and each hour.
    void sweep(Turn& turn);
    void load_sweep(const SaveSetting& setting);
    [[nodiscard]] bool dates_hold(const Now& now) const;
    void recover_from_rollback(Turn& turn);
    void skip_numbers(Turn& turn, ContactRecord& record, std::uint64_t used_up_to);
    void recover_contact(Turn& turn, ContactRecord& record, std::uint64_t used_up_to);
    void ask_own_record(Turn& turn);
    void own_record_answered(Turn& turn, const Answer& answer);
    void prekeys_answered(Turn& turn, const ForPrekeys& asked, const Answer& answer);
    /// Contacts whose row did not decode: what can be had again is asked for.
    void recover_damaged(Turn& turn);
    /// What was found about device lists becomes lines in conversations.
    void tell_findings(Turn& turn);
    /// Devices their accounts have removed: nothing is heard from or sent to them any more.
    void forget_removed(Turn& turn);

    Counters counters;
    Timers timers;
    Rows rows;
    Account account;
    Requests requests;
    ServerSession server;
    Contacts contacts;
    Sessions sessions;
    Gossip gossip;
    Links links;
    Bundles bundles;
    Outbox outbox;
    Delivery delivery;
    ContactGate gate;
    Conversation conversation;
    Reachability reachability;
    Directory directory;

    bool rolled_back = false;
    // Nothing is encrypted before the server has our new keys. Saved.
    bool publish_first = false;
    void set_publish_first(Turn& turn, bool value);
    // One-time prekeys the server said it has; and when we last made some.
    std::size_t one_time_left = crypto::one_time_prekeys_published;
    std::optional<Instant> one_time_made_at;
    bool prekeys_unanswered = false;
    bool list_unanswered = false;
    // Mail that is not acknowledged, and what it waits for; at most mail_withheld_max.
    enum class Lack : std::uint8_t { right_clock, handshake_room, request_room };
    std::map<std::uint64_t, Lack> rows_withheld;
    std::set<std::uint64_t> rows_to_acknowledge;
    std::map<TimerKind, unsigned> failures;  // in a row, of what again_later() asks again
    // Devices that are to get a new session: the one they still use, and ours when that was wished.
    struct Reset {
        crypto::SessionId old_session;
        std::optional<crypto::SessionId> active;
    };
    std::map<DeviceAddress, Reset> resets;
    // Saved. When dates last held, and when what earlier processes had sent was last offered again.
    std::uint64_t dated_ms = 0;
    std::uint64_t reoffered_ms = 0;
    std::optional<Instant> swept_at;  // with a clock the server agreed to
    std::map<AccountId, Instant> typing_at;
};

}  // namespace sotto::peer::engine
