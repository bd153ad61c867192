#include "crypto/signatures.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

DevListEntry entry(std::uint8_t number) {
    return {.device = DeviceId(ByteArray<16>{number}),
            .cert = CertHash(ByteArray<32>{number}),
            .primary = number == 1};
}
std::vector<DevListEntry> entries(std::uint8_t count) {
    std::vector<DevListEntry> out;
    for (std::uint8_t i = count; i > 0; --i)
        out.push_back(entry(i));  // not sorted: first() sorts
    return out;
}

class DevListTest : public ::testing::Test {
protected:
    SeededRandom random_{1};
    OwnAccountKey amk_ = OwnAccountKey::generate(random_);
    DevList one_ = DevList::first(amk_, entries(1), now_ms);
    DevList two_ = DevList::successor(amk_, one_, entries(2), now_ms + 1);
    DevList three_ = DevList::successor(amk_, two_, entries(1), now_ms + 2);

    /// List one with its body changed and signed again.
    template <class Change>
    [[nodiscard]] Result<DevList, RecordError> resigned(const DevList& list, Change change) const {
        Bytes body(list.encoded().begin(), list.encoded().end() - 64);
        change(body);
        const Signature signature = sign_dev_list(amk_, body);
        body.insert(body.end(), signature.view().begin(), signature.view().end());
        return DevList::decode(body);
    }
};

TEST_F(DevListTest, RoundTripFromOneToEightDevices) {
    for (std::uint8_t count = 1; count <= devices_max; ++count) {
        const DevList list = DevList::first(amk_, entries(count), now_ms);
        const auto decoded = DevList::decode(list.encoded());
        ASSERT_TRUE(decoded) << int{count};
        EXPECT_EQ(*decoded, list);
        EXPECT_EQ(decoded->hash(), list.hash());
        EXPECT_EQ(decoded->entries().size(), count);
        EXPECT_EQ(decoded->entries(), list.entries());
        EXPECT_EQ(decoded->account(), amk_.public_key());
        EXPECT_EQ(decoded->seq(), 1U);
        EXPECT_EQ(decoded->issued_ms(), now_ms);
        EXPECT_EQ(decoded->not_after_ms(), now_ms + dev_list_validity_ms);
        EXPECT_TRUE(decoded->find(entry(1).device)->primary);
        EXPECT_EQ(decoded->find(DeviceId(ByteArray<16>{99})), nullptr);
    }
}

TEST_F(DevListTest, NineDevicesOrNoneAreOurOwnBug) {
    EXPECT_DEATH((void)DevList::first(amk_, entries(9), now_ms), "1..8");
    EXPECT_DEATH((void)DevList::first(amk_, {}, now_ms), "1..8");
    EXPECT_DEATH((void)DevList::first(amk_, {entry(1), entry(1)}, now_ms), "1..8");
}

TEST_F(DevListTest, RefusesWhatIsOutOfRangeEvenWhenSigned) {
    constexpr std::size_t seq = 33;
    constexpr std::size_t issued = seq + 8;
    constexpr std::size_t not_after = issued + 8;
    constexpr std::size_t previous = not_after + 8;
    constexpr std::size_t count = previous + 32;
    constexpr std::size_t first_entry = count + 1;
    EXPECT_TRUE(resigned(two_, [](Bytes&) {}));
    struct Case {
        const char* what;
        const DevList* list;
        std::size_t at;
        std::uint8_t value;
    };
    const Case table[] = {{"version", &two_, 0, 2},
                          {"seq 0", &one_, seq, 0},
                          {"seq 1 with a list before it", &two_, seq, 1},
                          {"seq 2 without", &one_, seq, 2},
                          {"no device", &two_, count, 0},
                          {"fewer than are there", &two_, count, 1},
                          {"more than are there", &two_, count, 3},
                          {"nine", &two_, count, 9},
                          {"255", &two_, count, 255},
                          {"the same device twice", &two_, first_entry, 2},
                          {"out of order", &two_, first_entry, 3},
                          {"unknown flag", &two_, first_entry + 48, 2},
                          {"valid for ages", &two_, not_after + 6, 0xff}};
    for (const Case& c : table) {
        const auto decoded = resigned(*c.list, [&](Bytes& b) { b[c.at] = c.value; });
        ASSERT_FALSE(decoded) << c.what;
        EXPECT_EQ(decoded.error(), RecordError::malformed) << c.what;
    }
    const auto ends_at_once =
        resigned(two_, [](Bytes& b) { std::copy_n(b.begin() + issued, 8, b.begin() + not_after); });
    EXPECT_FALSE(ends_at_once);
}

TEST_F(DevListTest, OnlyTheAccountItselfCanSign) {
    const OwnAccountKey other = OwnAccountKey::generate(random_);
    const DevList foreign = DevList::first(other, entries(1), now_ms);
    Bytes mixed(foreign.encoded().begin(), foreign.encoded().end());
    std::copy_n(amk_.public_key().view().begin(), 32, mixed.begin() + 1);
    const auto decoded = DevList::decode(mixed);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), RecordError::bad_signature);
}

TEST_F(DevListTest, OrderOfLists) {
    const auto compare = [](const std::optional<DevListMark>& held, const DevList& incoming) {
        return compare_dev_lists(held, incoming);
    };
    EXPECT_EQ(*compare({}, two_), DevListOrder::first_seen);
    EXPECT_EQ(*compare(mark_of(one_), one_), DevListOrder::same);
    EXPECT_EQ(*compare(mark_of(one_), two_), DevListOrder::newer);
    EXPECT_EQ(*compare(mark_of(one_), three_), DevListOrder::newer);  // a gap cannot be checked
    EXPECT_EQ(compare(mark_of(two_), one_).error(), DevListError::rollback);
    const DevList fork = DevList::successor(amk_, one_, entries(3), now_ms);
    EXPECT_EQ(compare(mark_of(two_), fork).error(), DevListError::fork);
    const DevList after_fork = DevList::successor(amk_, fork, entries(3), now_ms);
    EXPECT_EQ(compare(mark_of(two_), after_fork).error(), DevListError::broken_chain);
}

TEST_F(DevListTest, GossipTellsWhoIsBehind) {
    const GossipMark two = gossip_of(mark_of(two_));
    EXPECT_EQ(compare_gossip(mark_of(two_), two), GossipVerdict::agree);
    EXPECT_EQ(compare_gossip(mark_of(three_), two), GossipVerdict::they_are_behind);
    EXPECT_EQ(compare_gossip(mark_of(one_), two), GossipVerdict::we_are_behind);
    GossipMark other = two;
    other.hash8[7] ^= 1;
    EXPECT_EQ(compare_gossip(mark_of(two_), other), GossipVerdict::fork);
}

TEST_F(DevListTest, ExpiresWithTolerance) {
    const std::uint64_t end = one_.not_after_ms();
    EXPECT_FALSE(one_.expired(end + clock_tolerance_ms));
    EXPECT_TRUE(one_.expired(end + clock_tolerance_ms + 1));
    EXPECT_FALSE(one_.expired(0));
    EXPECT_TRUE(one_.expired(~0ULL));
}

TEST(DevListMembership, IsByCertificateHash) {
    const Party p = make_party(1, Suite::classical);
    const Party q = make_party(2, Suite::classical);
    EXPECT_TRUE(p.dev_list.contains(p.cert));
    EXPECT_FALSE(p.dev_list.contains(q.cert));
    const Cert renewed = Cert::create(p.amk, p.dsk,
                                      {.device = p.device,
                                       .dik = p.dik.public_key(),
                                       .suites = SuiteSet(1),
                                       .min_suite = 1,
                                       .created_ms = now_ms});
    EXPECT_FALSE(p.dev_list.contains(renewed));
}

}  // namespace
}  // namespace sotto::crypto
