#include "peer/engine/outbox.hpp"

#include <gtest/gtest.h>

#include "peer/engine/limits.hpp"

namespace sotto::peer::engine {
namespace {

class OutboxTest : public testing::Test {
protected:
    crypto::SeededRandom random{1};
    Outbox outbox;
    AccountId account = AccountId::generate(random);
    DeviceId device = DeviceId::generate(random);

    Turn turn() {
        return {.now = {.mono = {1000}, .wall = {2000}}, .believed_ms = 2000, .random = random};
    }
    Entry text(std::uint64_t seq) {
        return {.envelope = {random.array<16>()},
                .message = {random.array<16>()},
                .account = account,
                .device = device,
                .cargo = Cargo::text,
                .seq = seq,
                .plain = Bytes(100)};
    }
    static SaveOutbox row_of(const Entry& entry) {
        return {.envelope = entry.envelope,
                .message = entry.message,
                .account = entry.account,
                .device = entry.device.value_or(no_device),
                .entry = encode_entry(entry)};
    }
};

TEST_F(OutboxTest, EntryRoundTrip) {
    Entry entry = text(7);
    entry.order = 3;
    entry.created_ms = 99;
    for (const Stage stage : {Stage::waiting, Stage::with_server, Stage::failed}) {
        entry.stage = stage;
        for (const bool sealed : {false, true}) {
            entry.sealed.reset();
            if (sealed) {
                entry.sealed = Encrypted{.kind = crypto::SealedKind::init,
                                         .session = crypto::SessionId::generate(random),
                                         .payload = Bytes(512, 7)};
            }
            const auto decoded = decode_entry(row_of(entry));
            ASSERT_TRUE(decoded);
            EXPECT_EQ(encode_entry(*decoded), encode_entry(entry));
            EXPECT_EQ(decoded->device, entry.device);
        }
    }
    entry.device.reset();
    EXPECT_EQ(decode_entry(row_of(entry))->device, std::nullopt);
}

// Whether something was sent under its number is known of what waits to be encrypted, too; rows of
// the version before tell it by the rest.
TEST_F(OutboxTest, WhatWasSentUnderItsNumberIsSaved) {
    Entry entry = text(7);
    for (const bool spoken : {false, true}) {
        entry.spoken = spoken;
        EXPECT_EQ(decode_entry(row_of(entry))->spoken, spoken);
    }
    const auto older = [&](Stage stage) {
        entry.stage = stage;
        SaveOutbox row = row_of(entry);
        row.entry.pop_back();
        row.entry[0] = 1;
        const auto decoded = decode_entry(row);
        return decoded && decoded->spoken;
    };
    EXPECT_FALSE(older(Stage::waiting));
    EXPECT_TRUE(older(Stage::with_server));
    entry.stage = Stage::waiting;
    entry.sealed = Encrypted{.session = crypto::SessionId::generate(random), .payload = {}};
    EXPECT_TRUE(older(Stage::waiting));
}

TEST_F(OutboxTest, DamagedEntriesAreRefused) {
    const SaveOutbox good = row_of(text(7));
    for (std::size_t size = 0; size < good.entry.size(); ++size) {
        SaveOutbox row = good;
        row.entry.resize(size);
        EXPECT_FALSE(decode_entry(row));
    }
    for (std::size_t at = 0; at < 32; ++at) {
        SaveOutbox row = good;
        row.entry[at] ^= 0x80;
        const auto decoded = decode_entry(row);
        if (decoded) {
            EXPECT_EQ(encode_entry(*decoded), row.entry);
        }
    }
}

TEST_F(OutboxTest, NotDurableCargoIsNeverSaved) {
    auto t = turn();
    Entry entry = text(0);
    entry.cargo = Cargo::receipt;
    entry.message = {};
    outbox.add(t, std::move(entry));
    outbox.flush(t);
    EXPECT_TRUE(t.out.saves.empty());
    EXPECT_FALSE(outbox.empty());
}

TEST_F(OutboxTest, TouchedOftenSavedOnce) {
    auto t = turn();
    Entry& entry = outbox.add(t, text(1));
    outbox.touch(entry);
    outbox.touch(entry);
    outbox.flush(t);
    EXPECT_EQ(t.out.saves.size(), 1U);
    outbox.flush(t);
    EXPECT_EQ(t.out.saves.size(), 1U);
}

TEST_F(OutboxTest, AnEntryThatWasNeverSavedIsNotDeleted) {
    auto t = turn();
    const std::uint64_t order = outbox.add(t, text(1)).order;
    outbox.erase(t, order);
    outbox.flush(t);
    EXPECT_TRUE(t.out.saves.empty());
    EXPECT_TRUE(outbox.empty());
}

TEST_F(OutboxTest, LimitsOfEntriesAndBytesOfOneAccount) {
    constexpr std::size_t entries_max = outbox_entries_max / outbox_share;
    constexpr std::size_t bytes_max = outbox_bytes_max / outbox_share;
    auto t = turn();
    EXPECT_TRUE(outbox.has_room(account, entries_max, 0));
    EXPECT_FALSE(outbox.has_room(account, entries_max + 1, 0));
    EXPECT_TRUE(outbox.has_room(account, 1, bytes_max));
    EXPECT_FALSE(outbox.has_room(account, 1, bytes_max + 1));
    const std::uint64_t order = outbox.add(t, text(1)).order;
    EXPECT_FALSE(outbox.has_room(account, entries_max, 0));
    EXPECT_FALSE(outbox.has_room(account, 1, bytes_max));
    EXPECT_TRUE(outbox.has_room(AccountId::generate(random), entries_max, 0));
    outbox.erase(t, order);
    EXPECT_TRUE(outbox.has_room(account, entries_max, bytes_max));
}

TEST_F(OutboxTest, LoadPutsEntriesWhereTheyWere) {
    Outbox loaded;
    std::uint64_t order = 1;
    for (const Stage stage :
         {Stage::waiting, Stage::with_server, Stage::delivered, Stage::failed}) {
        Entry entry = text(order);
        entry.order = order++;
        entry.stage = stage;
        ASSERT_TRUE(loaded.load(row_of(entry)));
    }
    Entry waiting = text(9);
    waiting.order = order;
    waiting.device.reset();
    ASSERT_TRUE(loaded.load(row_of(waiting)));
    const Lane& lane = loaded.lane({.account = account, .device = device});
    EXPECT_EQ(lane.to_send.size(), 1U);
    EXPECT_EQ(lane.parked.size(), 1U);
    EXPECT_EQ(lane.awaiting_read.size(), 1U);
    EXPECT_EQ(lane.undelivered.size(), 3U);
    EXPECT_EQ(loaded.undirected(account).size(), 1U);
}

}  // namespace
}  // namespace sotto::peer::engine
