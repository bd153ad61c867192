#include "peer/wire/ranges.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

using sotto::crypto::Bytes;
using sotto::crypto::Reader;
using sotto::crypto::Writer;
using sotto::peer::wire::read_ranges;
using sotto::peer::wire::SeqRange;
using sotto::peer::wire::SeqSet;
using sotto::peer::wire::write_ranges;

TEST(SeqSet, MergesNeighbours) {
    SeqSet set;
    EXPECT_EQ(set.watermark(), 0U);
    for (const std::uint64_t seq : {2U, 4U, 1U, 3U}) {
        EXPECT_EQ(set.insert(seq), SeqSet::Insert::added);
    }
    EXPECT_EQ(set.insert(3), SeqSet::Insert::known);
    EXPECT_EQ(set.ranges(), (std::vector<SeqRange>{{.first = 1, .last = 4}}));
    EXPECT_EQ(set.watermark(), 4U);
    EXPECT_EQ(set.insert(9), SeqSet::Insert::added);
    EXPECT_EQ(set.watermark(), 4U);
    EXPECT_EQ(set.largest(), 9U);
}

TEST(SeqSet, AgreesWithASetForRandomChanges) {
    std::mt19937 random(7);
    SeqSet set;
    std::set<std::uint64_t> model;
    for (int i = 0; i < 5000; ++i) {
        const std::uint64_t seq = 1 + random() % 700;
        EXPECT_EQ(set.insert(seq) == SeqSet::Insert::added, model.insert(seq).second);
        const std::uint64_t out = 1 + random() % 1400;
        set.erase(out);
        model.erase(out);
    }
    for (std::uint64_t seq = 1; seq <= 702; ++seq)
        EXPECT_EQ(set.contains(seq), model.contains(seq));
    EXPECT_EQ(SeqSet::from(set.ranges()), set);
}

TEST(SeqSet, LimitAndLimitPlusOne) {
    SeqSet set;
    for (std::size_t i = 0; i < SeqSet::max_ranges; ++i) {
        ASSERT_EQ(set.insert(1 + 2 * i), SeqSet::Insert::added);
    }
    const SeqSet before = set;
    EXPECT_EQ(set.insert(1 + 2 * SeqSet::max_ranges), SeqSet::Insert::full);
    EXPECT_EQ(set, before);
    EXPECT_EQ(set.insert(2), SeqSet::Insert::added);  // closing a hole is always possible
    EXPECT_EQ(set.ranges().size(), SeqSet::max_ranges - 1);
}

TEST(SeqSet, RefusesRangesThatAreNotInOneForm) {
    EXPECT_FALSE(SeqSet::from({{.first = 0, .last = 3}}));
    EXPECT_FALSE(SeqSet::from({{.first = 3, .last = 2}}));
    EXPECT_FALSE(SeqSet::from({{.first = 1, .last = 2}, {.first = 3, .last = 4}}));
    EXPECT_FALSE(SeqSet::from({{.first = 5, .last = 6}, {.first = 1, .last = 2}}));
    EXPECT_FALSE(SeqSet::from({{.first = 5, .last = ~0ULL}}));
    EXPECT_TRUE(SeqSet::from({{.first = 1, .last = 2}, {.first = 4, .last = 4}}));
    EXPECT_FALSE(SeqSet::from(std::vector<SeqRange>(SeqSet::max_ranges + 1)));
}

TEST(SeqSet, CodecIsStrict) {
    SeqSet set;
    for (const std::uint64_t seq : {1U, 2U, 7U})
        (void)set.insert(seq);
    Writer out;
    write_ranges(out, set);
    const Bytes bytes = std::move(out).take();
    Reader in(bytes);
    EXPECT_EQ(read_ranges(in), set);
    EXPECT_TRUE(in.finished());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Reader cut(sotto::crypto::ByteView(bytes).first(size));
        EXPECT_FALSE(read_ranges(cut) && cut.finished());
    }
    const Bytes huge{0xff, 0xff, 0, 0};
    Reader announced(huge);
    EXPECT_FALSE(read_ranges(announced));
}
