#include "peer/store/store.hpp"

#include <map>

#include "peer/store/transaction.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class StoreOpsTest : public StoreTest {};

crypto::CurvePublic curve_key(crypto::RandomSource& random) {
    return crypto::OwnCurve::generate(random).public_key();
}

TEST_F(StoreOpsTest, a_new_store_is_empty) {
    Store store = open_store();
    const Snapshot snapshot = load(store);
    EXPECT_FALSE(snapshot.self);
    EXPECT_TRUE(snapshot.contacts.empty());
    EXPECT_TRUE(snapshot.outbox.empty());
    EXPECT_EQ(snapshot.next_row, 1U);
    EXPECT_FALSE(snapshot.rolled_back);
}

TEST_F(StoreOpsTest, gives_back_self_settings_and_contacts) {
    const Self self{.username = "alice",
                    .account = alice,
                    .device = own_device,
                    .server = {.host = "::1", .port = 65535, .key = curve_key(random)},
                    .registered = true};
    const SaveContact friendly = contact(bob, bytes(900));
    {
        Store store = open_store();
        commit(store, {SaveSelf{.self = self, .keys = marker(1)},
                       SaveSetting{.name = "devlist.seq", .value = Bytes{1, 2, 3}},
                       SaveSetting{.name = "empty", .value = {}}, friendly});
        commit(store, {SaveSelf{.self = self, .keys = marker(2)},
                       SaveSetting{.name = "devlist.seq", .value = Bytes{9}}});
    }
    Store store = open_store();
    const Snapshot snapshot = load(store);
    ASSERT_TRUE(snapshot.self);
    EXPECT_EQ(snapshot.self->self, self);
    EXPECT_EQ(snapshot.self->keys, marker(2));
    ASSERT_EQ(snapshot.settings.size(), 2U);
    EXPECT_EQ(snapshot.settings[0].name, "devlist.seq");
    EXPECT_EQ(snapshot.settings[0].value, Bytes{9});
    EXPECT_EQ(snapshot.settings[1].value, Bytes());
    ASSERT_EQ(snapshot.contacts.size(), 1U);
    EXPECT_EQ(snapshot.contacts[0].contact, friendly.contact);
    EXPECT_EQ(snapshot.contacts[0].engine_state, friendly.engine_state);
}

TEST_F(StoreOpsTest, presence_and_path_are_not_stored) {
    Store store = open_store();
    SaveContact save = contact(bob, {});
    save.contact.presence = Presence::online;
    save.contact.path = Path::direct;
    commit(store, {save});
    const Snapshot snapshot = load(store);
    EXPECT_EQ(snapshot.contacts.at(0).contact.presence, Presence::unknown);
    EXPECT_EQ(snapshot.contacts.at(0).contact.path, Path::none);
}

TEST_F(StoreOpsTest, a_message_without_a_contact_makes_no_contact) {
    Store store = open_store();
    commit(store, {incoming(1, bob, "hello")});
    EXPECT_TRUE(load(store).contacts.empty());
    commit(store, {contact(bob, marker(3))});
    EXPECT_EQ(load(store).contacts.size(), 1U);
    EXPECT_EQ(open_history().summaries()->at(0).unread, 1U)
        << "the contact's row kept its counters";
}

TEST_F(StoreOpsTest, sessions_prekeys_and_handshakes_come_and_go) {
    Store store = open_store();
    SaveSession other = session(alice, marker(2));
    other.session_id = Bytes(16, 0x77);
    commit(
        store,
        {session(bob, marker(1)), other, session(bob, marker(3)),
         SavePrekey{.kind = 1, .id = 7, .secret = marker(4)},
         SavePrekey{.kind = 2, .id = 7, .secret = marker(5)},
         SavePrekey{.kind = 2, .id = UINT32_MAX, .secret = marker(6)},
         SaveHandshakeSeen{
             .transcript_hash = Bytes(64, 1), .session_id = Bytes(16, 2), .signed_prekey_id = 3},
         SaveHandshakeSeen{
             .transcript_hash = Bytes(64, 4), .session_id = Bytes(16, 5), .signed_prekey_id = 6}});
    Snapshot snapshot = load(store);
    ASSERT_EQ(snapshot.sessions.size(), 2U);
    EXPECT_EQ(snapshot.sessions[0].state, marker(3));
    EXPECT_EQ(snapshot.sessions[1].account, alice);
    ASSERT_EQ(snapshot.prekeys.size(), 3U);
    EXPECT_EQ(snapshot.prekeys[2].id, UINT32_MAX);
    EXPECT_EQ(snapshot.handshakes.size(), 2U);

    commit(store, {DeleteSession{.device = their_device, .session_id = Bytes(16, 0x77)},
                   DeletePrekey{.kind = 2, .id = 7}, DeleteHandshakesSeen{.signed_prekey_id = 3},
                   DeletePrekey{.kind = 9, .id = 9}});
    snapshot = load(store);
    ASSERT_EQ(snapshot.sessions.size(), 1U);
    EXPECT_EQ(snapshot.sessions[0].session_id, Bytes(16, 0x5E));
    ASSERT_EQ(snapshot.prekeys.size(), 2U);
    EXPECT_EQ(snapshot.prekeys[0].secret, marker(4));
    EXPECT_EQ(snapshot.prekeys[1].secret, marker(6));
    ASSERT_EQ(snapshot.handshakes.size(), 1U);
    EXPECT_EQ(snapshot.handshakes[0].session_id, Bytes(16, 5));
}

TEST_F(StoreOpsTest, the_outbox_keeps_its_order_over_updates_and_restarts) {
    std::vector<SaveOutbox> entries;
    for (std::uint8_t i = 0; i < 5; ++i) {
        entries.push_back({.envelope = {random.array<16>()},
                           .message = {random.array<16>()},
                           .account = bob,
                           .device = their_device,
                           .entry = marker(i)});
    }
    const auto envelopes = [](const Snapshot& snapshot) {
        std::vector<EnvelopeId> out;
        for (const SaveOutbox& entry : snapshot.outbox)
            out.push_back(entry.envelope);
        return out;
    };
    {
        Store store = open_store();
        commit(store, {entries[0], entries[1], entries[2]});
        commit(store, {DeleteOutbox{.envelope = entries[1].envelope}});
        entries[0].entry = bytes(70'000);
        commit(store, {entries[0], entries[3]});
    }
    Store store = open_store();
    commit(store, {entries[4]});
    const Snapshot snapshot = load(store);
    EXPECT_EQ(envelopes(snapshot), (std::vector{entries[0].envelope, entries[2].envelope,
                                                entries[3].envelope, entries[4].envelope}));
    EXPECT_EQ(snapshot.outbox[0].entry, entries[0].entry);
    EXPECT_EQ(snapshot.outbox[0].message, entries[0].message);
}

TEST_F(StoreOpsTest, two_envelopes_of_the_same_number_are_refused_not_mixed_up) {
    Store store = open_store();
    SaveOutbox first{.envelope = {random.array<16>()},
                     .message = {},
                     .account = bob,
                     .device = their_device,
                     .entry = marker(1)};
    SaveOutbox second = first;
    second.envelope.bytes[15] ^= 1;
    commit(store, {first});
    const auto refused = store.commit(std::vector<SaveOp>{second});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), StoreError::conflict);
    commit(store, {DeleteOutbox{.envelope = second.envelope}});
    EXPECT_EQ(load(store).outbox.size(), 1U);
}

// --- messages ----------------------------------------------------------------------------------

TEST_F(StoreOpsTest, a_message_comes_back_as_it_was_saved) {
    Store store = open_store();
    SaveMessage save = outgoing(41, bob, "quotes ' \" ; -- \xF0\x9F\x98\x80 \n new line");
    save.message.state = DeliveryState::failed;
    save.message.failure = MessageFailure::refused;
    SaveMessage odd = incoming(42, bob, "");
    odd.message.kind = MessageKind::unsupported;
    odd.message.at = {UINT64_MAX};
    odd.message.read_locally = true;
    odd.sender_seq = UINT64_MAX;
    commit(store, {save, odd});
    const auto page = open_history().page(bob, 0, 10);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->messages.size(), 2U);
    EXPECT_EQ(page->messages[0], save.message);
    EXPECT_EQ(page->messages[1], odd.message);
    EXPECT_EQ(load(store).next_row, 43U);
}

TEST_F(StoreOpsTest, says_which_messages_were_duplicates_and_changes_nothing_for_them) {
    Store store = open_store();
    const SaveMessage first = incoming(1, bob, "first");
    SaveMessage again = first;
    again.message.row = 2;
    again.message.text = "same id, other text";
    const SaveMessage next = incoming(3, bob, "next");
    EXPECT_TRUE(commit(store, {first}).duplicates.empty());
    const CommitSummary summary =
        commit(store, {session(bob, marker(1)), again, next, session(bob, marker(2)), next});
    ASSERT_EQ(summary.duplicates.size(), 2U);
    EXPECT_EQ(summary.duplicates[0].position, 1U);
    EXPECT_EQ(summary.duplicates[0].row, 1U);
    EXPECT_EQ(summary.duplicates[1].position, 4U);
    EXPECT_EQ(summary.duplicates[1].row, 3U);
    EXPECT_FALSE(summary.duplicates[1].read);
    const SaveReadUpTo seen{.peer = bob, .row = 1};
    EXPECT_TRUE(commit(store, {seen, again}).duplicates.at(0).read);
    EXPECT_FALSE(commit(store, {next}).duplicates.at(0).read);
    History history = open_history();
    EXPECT_EQ(texts_of(history.page(bob, 0, 10)->messages),
              (std::vector<std::string>{"first", "next"}));
    EXPECT_EQ(*history.unread(bob), 1U);
    EXPECT_EQ(load(store).sessions.at(0).state, marker(2)) << "the rest of the batch counts";
}

// Who sends under the id of somebody else's message must not make that one a duplicate.
TEST_F(StoreOpsTest, the_same_id_of_another_sender_or_conversation_is_another_message) {
    Store store = open_store();
    const SaveMessage first = incoming(1, bob, "bob's");
    SaveMessage other_device = first;
    other_device.message.row = 2;
    other_device.sender_device = own_device;
    SaveMessage other_peer = first;
    other_peer.message.row = 3;
    other_peer.message.peer = alice;
    EXPECT_TRUE(commit(store, {first, other_device, other_peer}).duplicates.empty());
}

TEST_F(StoreOpsTest, a_delivery_state_never_touches_an_incoming_message) {
    Store store = open_store();
    const SaveMessage sent = outgoing(1, bob, "mine");
    SaveMessage echoed = incoming(2, bob, "theirs, under the id of mine");
    echoed.message.id = sent.message.id;
    commit(store, {sent, echoed});
    commit(store, {SaveMessageState{.id = sent.message.id,
                                    .state = DeliveryState::read,
                                    .failure = MessageFailure::none},
                   SaveMessageState{.id = {random.array<16>()},
                                    .state = DeliveryState::failed,
                                    .failure = MessageFailure::expired}});
    const auto page = open_history().page(bob, 0, 10);
    EXPECT_EQ(page->messages.at(0).state, DeliveryState::read);
    EXPECT_EQ(page->messages.at(1), echoed.message);
}

TEST_F(StoreOpsTest, a_row_that_is_taken_or_impossible_refuses_the_whole_batch) {
    Store store = open_store();
    commit(store, {incoming(1, bob, "one")});
    for (const std::uint64_t row : {std::uint64_t{1}, std::uint64_t{0}, UINT64_MAX}) {
        const auto refused =
            store.commit(std::vector<SaveOp>{session(bob, marker(1)), incoming(row, bob, "two")});
        ASSERT_FALSE(refused) << row;
        EXPECT_EQ(refused.error(), StoreError::conflict) << row;
    }
    EXPECT_TRUE(load(store).sessions.empty());
    commit(store, {incoming(2, bob, "two")});
    EXPECT_EQ(open_history().page(bob, 0, 10)->messages.size(), 2U);
}

// Numbers of peers and devices are remembered; those of a batch that failed must not be.
TEST_F(StoreOpsTest, a_peer_first_seen_in_a_failed_batch_can_be_stored_later) {
    Store store = open_store();
    commit(store, {incoming(1, bob, "one")});
    SaveMessage stranger = incoming(2, alice, "from a new peer and device");
    stranger.sender_device = DeviceId::generate(random);
    ASSERT_FALSE(store.commit(std::vector<SaveOp>{stranger, incoming(1, bob, "taken")}));
    commit(store, {stranger});
    EXPECT_EQ(open_history().page(alice, 0, 10)->messages.size(), 1U);
}

TEST_F(StoreOpsTest, the_read_mark_moves_forward_only_and_never_beyond_the_last_message) {
    Store store = open_store();
    SaveMessage notice = incoming(4, bob, "contact accepted");
    notice.message.kind = MessageKind::notice;
    commit(store, {incoming(1, bob, "a"), outgoing(2, bob, "b"), incoming(3, bob, "c"), notice,
                   incoming(5, bob, "d"), incoming(6, alice, "x")});
    History history = open_history();
    EXPECT_EQ(*history.unread(bob), 3U) << "own messages and notices do not count";
    EXPECT_EQ(*history.unread(alice), 1U);
    EXPECT_EQ(*history.unread(AccountId::generate(random)), 0U);

    const auto read_up_to = [&](std::uint64_t row) {
        commit(store, {SaveReadUpTo{.peer = bob, .row = row}});
        return *history.unread(bob);
    };
    EXPECT_EQ(read_up_to(1), 2U);
    EXPECT_EQ(read_up_to(0), 2U) << "not backwards";
    const auto page = history.page(bob, 0, 10);
    EXPECT_TRUE(page->messages.at(0).read_locally);
    EXPECT_FALSE(page->messages.at(1).read_locally) << "own messages have no such mark";
    EXPECT_FALSE(page->messages.at(2).read_locally);
    EXPECT_EQ(read_up_to(UINT64_MAX), 0U);
    commit(store, {incoming(7, bob, "later")});
    EXPECT_EQ(*history.unread(bob), 1U);
    EXPECT_FALSE(history.page(bob, 0, 1)->messages.at(0).read_locally)
        << "a mark beyond the end would have hidden it";
    commit(store, {SaveReadUpTo{.peer = AccountId::generate(random), .row = 9}});
    EXPECT_EQ(*history.unread(alice), 1U);
}

TEST_F(StoreOpsTest, an_empty_batch_is_no_commit) {
    Store store = open_store();
    EXPECT_TRUE(commit(store, {}).duplicates.empty());
    EXPECT_FALSE(store.wants_maintenance());
}

// --- the whole against a model -----------------------------------------------------------------

TEST_F(StoreOpsTest, random_batches_with_restarts_and_failures_match_a_model) {
    std::map<std::uint32_t, Bytes> prekeys;
    std::map<std::array<std::uint8_t, 16>, Bytes> outbox;
    std::vector<EnvelopeId> envelopes;
    std::uint64_t rows = 0;
    auto store = std::make_unique<Store>(open_store());
    const auto draw = [&](std::uint32_t below) {
        const auto four = random.array<4>();
        return crypto::Reader(four).u32() % below;
    };
    for (int turn = 0; turn < 150; ++turn) {
        auto new_prekeys = prekeys;
        auto new_outbox = outbox;
        std::uint64_t new_rows = rows;
        std::vector<SaveOp> ops;
        for (std::uint32_t n = 1 + draw(6); n > 0; --n) {
            const std::uint32_t id = draw(12);
            switch (draw(5)) {
                case 0:
                    new_prekeys[id] = bytes(draw(5000));
                    ops.emplace_back(SavePrekey{.kind = 1, .id = id, .secret = new_prekeys[id]});
                    break;
                case 1:
                    new_prekeys.erase(id);
                    ops.emplace_back(DeletePrekey{.kind = 1, .id = id});
                    break;
                case 2: {
                    if (envelopes.size() < 8) envelopes.push_back({random.array<16>()});
                    const EnvelopeId& envelope = envelopes[id % envelopes.size()];
                    new_outbox[envelope.bytes] = bytes(draw(9000));
                    ops.emplace_back(SaveOutbox{.envelope = envelope,
                                                .message = {},
                                                .account = bob,
                                                .device = their_device,
                                                .entry = new_outbox[envelope.bytes]});
                    break;
                }
                case 3:
                    if (envelopes.empty()) break;
                    new_outbox.erase(envelopes[id % envelopes.size()].bytes);
                    ops.emplace_back(DeleteOutbox{.envelope = envelopes[id % envelopes.size()]});
                    break;
                default:
                    ops.emplace_back(incoming(++new_rows, bob, "text"));
            }
        }
        const bool spoilt = rows > 0 && draw(4) == 0;
        if (spoilt) ops.emplace_back(incoming(rows, bob, "a row that is taken"));
        const bool done = store->commit(ops).has_value();
        EXPECT_EQ(done, !spoilt);
        if (done) {
            prekeys = new_prekeys;
            outbox = new_outbox;
            rows = new_rows;
        }
        if (draw(10) == 0) (void)store->maintain().has_value();
        if (draw(10) == 0) {
            store.reset();
            store = std::make_unique<Store>(open_store());
        }
        const Snapshot snapshot = load(*store);
        std::map<std::uint32_t, Bytes> stored_prekeys;
        for (const SavePrekey& prekey : snapshot.prekeys)
            stored_prekeys[prekey.id] = prekey.secret;
        std::map<std::array<std::uint8_t, 16>, Bytes> stored_outbox;
        for (const SaveOutbox& entry : snapshot.outbox) {
            stored_outbox[entry.envelope.bytes] = entry.entry;
        }
        ASSERT_EQ(stored_prekeys, prekeys) << "turn " << turn;
        ASSERT_EQ(stored_outbox, outbox) << "turn " << turn;
        ASSERT_EQ(snapshot.next_row, rows + 1) << "turn " << turn;
    }
}

}  // namespace
}  // namespace sotto::peer::store
