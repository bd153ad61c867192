#include "peer/engine/contact.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "peer/engine/limits.hpp"
#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

// Whatever the order of arrival, rows end in the order of the numbers, and no row is given twice.
TEST(Arrivals, RowsFollowTheNumbers) {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::uint64_t> numbers(60);
        std::iota(numbers.begin(), numbers.end(), 1);
        std::shuffle(numbers.begin(), numbers.end(), random);
        PeerDevice device;
        PeerDevice other;  // somebody else's messages come in between
        Rows rows(1);
        std::map<std::uint64_t, std::uint64_t> by_row;
        std::uint64_t others = 0;
        for (const std::uint64_t seq : numbers) {
            const Arrival arrival = arrive(device, seq, rows);
            ASSERT_EQ(arrival.result, wire::SeqSet::Insert::added);
            ASSERT_TRUE(by_row.emplace(arrival.row, seq).second);
            EXPECT_EQ(arrive(device, seq, rows).result, wire::SeqSet::Insert::known);
            if (random() % 3 == 0) {
                ASSERT_TRUE(by_row.emplace(arrive(other, ++others, rows).row, 0).second);
            }
        }
        std::uint64_t last = 0;
        for (const auto& [row, seq] : by_row) {
            if (seq == 0) continue;
            EXPECT_EQ(seq, last + 1);
            last = seq;
        }
        EXPECT_TRUE(device.gap_rows.empty());
    }
}

// A hostile sender spreads numbers so that rows would collide: they stay unique.
TEST(Arrivals, HostileNumbersGetRowsOfTheirOwn) {
    PeerDevice device;
    Rows rows(1);
    std::set<std::uint64_t> seen;
    std::uint64_t top = 1ULL << 40U;
    for (int i = 0; i < 500; ++i) {
        const Arrival arrival = arrive(device, top, rows);
        if (arrival.result != wire::SeqSet::Insert::added) break;
        EXPECT_TRUE(seen.insert(arrival.row).second);
        top -= row_step / 3;
    }
    EXPECT_GT(seen.size(), 400U);
}

TEST(Arrivals, NewRowsAreAboveEverythingOnDisk) {
    for (const std::uint64_t next :
         std::initializer_list<std::uint64_t>{1, 2, row_step - 1, row_step, row_step + 1}) {
        Rows rows(next);
        EXPECT_GE(rows.take(), next);
    }
}

// The same copy put back twice knows the same twice, but not at the same time.
TEST(Numbers, AreNeverThoseOfAnEarlierRepair) {
    crypto::SeededRandom random(1);
    const auto at = [&](std::uint64_t ms) {
        const Turn turn{.now = {}, .believed_ms = ms, .random = random};
        return unused_number(turn, 7);
    };
    const std::uint64_t first = at(1'790'000'000'000);
    const std::uint64_t second = at(1'790'000'001'000);
    EXPECT_GT(first, 7U);
    EXPECT_GT(second, first);
    EXPECT_GT(at(0), 7U) << "a clock that was never set";
    EXPECT_LT(at(UINT64_MAX), believed_number_max) << "a clock of the year 4000";
    const Turn late{.now = {}, .believed_ms = 1'790'000'000'000, .random = random};
    EXPECT_GT(unused_number(late, second + 1'000'000), second + 1'000'000);
}

TEST(Reading, OnlyWhatWasSeenCounts) {
    PeerDevice device;
    Rows rows(1);
    std::vector<std::uint64_t> given;
    for (std::uint64_t seq = 1; seq <= 5; ++seq)
        given.push_back(arrive(device, seq, rows).row);
    EXPECT_TRUE(mark_read(device, given[2]));
    EXPECT_EQ(device.read.watermark(), 3U);
    EXPECT_FALSE(mark_read(device, given[2]));
    EXPECT_FALSE(mark_read(device, 0));
    EXPECT_TRUE(mark_read(device, given[4]));
    EXPECT_EQ(device.read.watermark(), 5U);
}

TEST(Reading, ManyUnreadAreMergedAndNeverReadTooEarly) {
    PeerDevice device;
    Rows rows(1);
    std::vector<std::uint64_t> given;
    for (std::uint64_t seq = 1; seq <= 1000; ++seq)
        given.push_back(arrive(device, seq, rows).row);
    EXPECT_LE(device.unread.size(), unread_marks_max);
    (void)mark_read(device, given[499]);
    EXPECT_LE(device.read.largest(), 500U);
    (void)mark_read(device, given[999]);
    EXPECT_EQ(device.read.watermark(), 1000U);
}

ContactRecord sample() {
    Party alice("alice", 1);
    Party bob("bob", 2);
    ContactRecord record = bob.know(alice, ContactState::accepted);
    PeerDevice& device = record.devices.begin()->second;
    Rows rows(1);
    for (const std::uint64_t seq : {1U, 2U, 5U, 9U})
        (void)arrive(device, seq, rows);
    (void)mark_read(device, row_step * 2);
    crypto::SeededRandom random(3);
    device.seal = SealKey{.target = {.device = record.devices.begin()->first,
                                     .mbk_id = 7,
                                     .mbk = crypto::OwnMbk::generate(random).public_key()},
                          .created_ms = 5,
                          .not_after_ms = 6};
    device.due = ReceiptDue::read;
    record.token_serial = 3;
    record.next_seq = 12;
    record.view.new_key = bob.id();
    record.refused_key = alice.id();
    return record;
}

TEST(ContactState, RoundTrip) {
    const ContactRecord record = sample();
    const Bytes bytes = encode_contact_state(record);
    const auto decoded = decode_contact_state(record.view, bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode_contact_state(*decoded), bytes);
    EXPECT_EQ(decoded->next_seq, 12U);
    const PeerDevice& device = decoded->devices.begin()->second;
    EXPECT_EQ(device.gap_rows, record.devices.begin()->second.gap_rows);
    EXPECT_EQ(device.unread, record.devices.begin()->second.unread);
    EXPECT_EQ(device.due, ReceiptDue::read);
}

// As version 4 wrote it: without what was seen of holes and resets.
TEST(ContactState, OfTheVersionBeforeIsRead) {
    ContactRecord record = sample();
    PeerDevice& device = record.devices.begin()->second;
    device.gaps_told_up_to = 4;
    const Bytes old_ones = encode_contact_state(record);
    device.gaps_seen_up_to = 5;
    device.gaps_seen_ms = 6;
    device.reset_ms = 7;
    Bytes bytes = encode_contact_state(record);
    const auto now = decode_contact_state(record.view, bytes);
    ASSERT_TRUE(now);
    EXPECT_EQ(now->devices.begin()->second.gaps_seen_up_to, 5U);
    EXPECT_EQ(now->devices.begin()->second.gaps_seen_ms, 6U);
    EXPECT_EQ(now->devices.begin()->second.reset_ms, 7U);
    bytes.resize(bytes.size() - 11);  // no removed devices, nothing told
    // Two keys of 33 bytes and a flag stand behind the only device, which is not held.
    const auto end = bytes.end() - 67;
    bytes.erase(end - 25, end);
    bytes[0] = 4;
    const auto old = decode_contact_state(record.view, bytes);
    ASSERT_TRUE(old);
    EXPECT_EQ(encode_contact_state(*old), old_ones);
}

TEST(ContactState, DamagedBytesAreRefusedOrMeanSomethingElse) {
    const ContactRecord record = sample();
    const Bytes good = encode_contact_state(record);
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(decode_contact_state(record.view, ByteView(good).first(size)));
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(decode_contact_state(record.view, longer));
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        bytes[at] ^= 0x40;
        const auto decoded = decode_contact_state(record.view, bytes);
        if (decoded) {
            EXPECT_EQ(encode_contact_state(*decoded), bytes) << at;
        }
    }
}

TEST(ContactState, AnotherAccountsListIsRefused) {
    ContactRecord record = sample();
    const Bytes bytes = encode_contact_state(record);
    crypto::SeededRandom random(9);
    record.view.account = AccountId::generate(random);
    EXPECT_FALSE(decode_contact_state(record.view, bytes));
}

TEST(Contacts, LimitIsLimit) {
    Timers timers;
    Contacts contacts(timers);
    crypto::SeededRandom random(4);
    for (std::size_t i = 0; i < contacts_max; ++i) {
        EXPECT_FALSE(contacts.full());
        contacts.add({.account = AccountId::generate(random),
                      .username = "x",
                      .request_text = {},
                      .changed_at = {}});
    }
    EXPECT_TRUE(contacts.full());
}

}  // namespace
}  // namespace sotto::peer::engine
