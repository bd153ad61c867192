#include <algorithm>
#include <fstream>

#include "peer/store/gram_tokenizer.hpp"
#include "peer/store/search.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

struct Word {
    std::string_view written;
    std::string_view folded;
};
// How people write, and what must find it.
constexpr std::array words{
    Word{"Élève", "eleve"},
    Word{"ÉTÉ", "ete"},
    Word{"été", "ete"},
    Word{"naïve", "naive"},
    Word{"cœur", "coeur"},
    Word{"l’amour", "l'amour"},
    Word{"Straße", "strasse"},
    Word{"Łódź", "lodz"},
    Word{"İzmir", "izmir"},
    Word{"Ωμέγα", "ωμεγα"},
    Word{"Ёжик", "ежик"},
    Word{"日本語", "日本語"},
    Word{"日曜日", "日曜日"},
    Word{"本を読む", "本を読む"},
    Word{"한국어", "한국어"},
    Word{"👍", "👍"},
    Word{"👍🏽", "👍🏽"},
    Word{"❤\uFE0F", "❤"},
    Word{"\"quoted\"", "\"quoted\""},
    Word{"it's", "it's"},
    Word{"100%", "100%"},
    Word{"a_b", "a_b"},
    Word{"NEAR(x", "near(x"},
    Word{"AND", "and"},
    Word{"the", "the"},
    Word{"then", "then"},
    Word{"meeting", "meeting"},
    Word{"tomorrow", "tomorrow"},
    Word{"at", "at"},
    Word{"noon", "noon"},
    Word{"coffee", "coffee"},
    Word{"ab", "ab"},
    Word{"aba", "aba"},
    Word{"ababab", "ababab"},
    Word{"xyzzy", "xyzzy"},
    Word{"col:umn", "col:umn"},
};

class SearchTest : public StoreTest {
protected:
    /// Messages of random words; remembers what each folds to.
    void fill(Store& store, std::uint64_t rows) {
        std::vector<SaveOp> ops;
        for (std::uint64_t row = 1; row <= rows; ++row) {
            std::string written;
            std::string folded;
            for (std::uint32_t n = 1 + draw(6); n > 0; --n) {
                const Word& word = words[draw(words.size())];
                written += std::string(written.empty() ? "" : " ") + std::string(word.written);
                folded += std::string(folded.empty() ? "" : " ") + std::string(word.folded);
            }
            SaveMessage save = incoming(row, draw(4) == 0 ? alice : bob, written);
            if (draw(20) == 0) save.message.kind = MessageKind::notice;
            known.push_back(
                {row, save.message.peer, folded, save.message.kind == MessageKind::text});
            ops.emplace_back(std::move(save));
        }
        commit(store, ops);
    }
    [[nodiscard]] std::uint32_t draw(std::size_t below) {
        const auto four = random.array<4>();
        return crypto::Reader(four).u32() % static_cast<std::uint32_t>(below);
    }
    [[nodiscard]] std::vector<std::uint64_t> expected(const std::string& folded,
                                                      const std::optional<AccountId>& peer,
                                                      std::size_t limit) const {
        std::vector<std::uint64_t> rows;
        for (auto it = known.rbegin(); it != known.rend() && rows.size() < limit; ++it) {
            const bool hit = it->text && it->folded.find(folded) != std::string::npos;
            if (hit && (!peer || *peer == it->peer)) rows.push_back(it->row);
        }
        return rows;
    }
    void expect(History& history, const std::string& query, const std::string& folded) {
        for (const auto& peer : {std::optional<AccountId>(), std::optional(alice)}) {
            const auto hits = history.search(query, peer, 100);
            ASSERT_TRUE(hits) << query << ": " << to_string(hits.error());
            std::vector<std::uint64_t> rows;
            for (const Message& message : hits->messages)
                rows.push_back(message.row);
            ASSERT_EQ(rows, expected(folded, peer, 100)) << "'" << query << "'";
        }
    }
    /// Every word as written and as folded, pieces of texts, and two words in a row.
    void expect_all(History& history) {
        for (const Word& word : words) {
            expect(history, std::string(word.written), std::string(word.folded));
            expect(history, std::string(word.folded), std::string(word.folded));
        }
        expect_pieces(history, 40);
    }
    void expect_pieces(History& history, int count) {
        for (int i = 0; i < count; ++i) {
            const std::string& text = known[draw(known.size())].folded;
            std::vector<std::size_t> starts;
            for (std::size_t at = 0; at < text.size();) {
                starts.push_back(at);
                (void)next_code_point(text, at);
            }
            const std::size_t from = draw(starts.size());
            const std::size_t to = std::min<std::size_t>(from + 1 + draw(24), starts.size());
            const std::size_t end = to < starts.size() ? starts[to] : text.size();
            std::string piece = text.substr(starts[from], end - starts[from]);
            while (!piece.empty() && piece.front() == ' ')
                piece.erase(0, 1);
            while (!piece.empty() && piece.back() == ' ')
                piece.pop_back();
            if (!piece.empty()) expect(history, piece, piece);
        }
    }
    void index_all(History& history) {
        for (bool more = true; more;) {
            const auto done = history.index_batch();
            ASSERT_TRUE(done);
            more = *done;
        }
    }

    struct Known {
        std::uint64_t row;
        AccountId peer;
        std::string folded;
        bool text;
    };
    std::vector<Known> known;
};

TEST_F(SearchTest, finds_the_same_with_no_a_partial_and_a_full_index) {
    Store store = open_store();
    fill(store, 10'000);
    History history = open_history();
    expect_pieces(history, 10);
    for (int batch = 0; batch < 30; ++batch) {
        ASSERT_TRUE(*history.index_batch());
    }
    expect_all(history);
    index_all(history);
    expect_all(history);
}

TEST_F(SearchTest, what_a_person_types_is_text_whatever_it_looks_like) {
    const std::vector<std::string> hostile{
        "\"",
        "'",
        "*",
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(a b)",
        "a AND",
        "^abc",
        "col : x",
        "text:abc",
        "-abc",
        "abc*",
        "\"abc",
        "a\"\"b",
        "( )",
        ")(",
        "%",
        "_",
        "\\",
        "; DROP TABLE messages",
        "'); --",
        "\x01"
        "1",
        "\x02",
        "?1",
        "x'00'",
        "{a}",
        "+a +b",
        "\u202E\u202D",
        "\u200D",
        "🇫🇷",
        "ﷺ",
        "\uFFFD",
        "rowid",
        "NULL",
        std::string(3000, '"'),
    };
    Store store = open_store();
    std::vector<SaveOp> ops;
    std::uint64_t row = 0;
    for (const std::string& text : hostile)
        ops.emplace_back(incoming(++row, bob, "<" + text + ">"));
    while (row < 2 * index_batch_size)
        ops.emplace_back(incoming(++row, bob, "filler"));
    commit(store, ops);
    History history = open_history();
    for (int indexed = 0; indexed < 2; ++indexed) {
        for (const std::string& text : hostile) {
            const auto hits = history.search("<" + text + ">", {}, 500);
            ASSERT_TRUE(hits) << text;
            EXPECT_GE(hits->messages.size(), 1U) << text;
            EXPECT_LE(hits->messages.size(), 4U) << text;
            EXPECT_EQ(hits->query, "<" + text + ">");
            EXPECT_TRUE(history.search(text, bob, 500)) << text;
        }
        for (const std::string bytes : {"\xFF", "\xC3", "\xF0\x9F\x91", "abc\xE2\x82"}) {
            EXPECT_TRUE(history.search(bytes, {}, 500)) << "broken UTF-8";
        }
        EXPECT_TRUE(history.search(std::string("a\0b", 3), {}, 500));
        index_all(history);
    }
}

// One or two letters are looked for among the newest rows first, then in the index: nothing may
// fall between the two, and the end of a text has fewer than three letters left.
TEST_F(SearchTest, rare_letters_are_found_however_old_at_the_end_and_at_the_seam) {
    Store store = open_store();
    std::vector<SaveOp> ops;
    const std::uint64_t rows = 12 * index_batch_size;
    const std::uint64_t seam = rows - short_scan_rows;
    for (std::uint64_t row = 1; row <= rows; ++row) {
        std::string text = "filler";
        if (row == 1) text = "at the very end qz";
        if (row == 2) text = "qz";
        if (row == 3) text = "middle qz middle";
        if (row == 4) text = "🦄";
        if (row + 3 > seam && row < seam + 5) text = "near the seam: xj";
        known.push_back({row, bob, text, true});
        ops.emplace_back(incoming(row, bob, std::move(text)));
    }
    commit(store, ops);
    History history = open_history();
    index_all(history);
    ASSERT_EQ(SearchIndex::open(search_file(), key)->progress(), rows);
    for (const std::string query : {"qz", "z", "q", "🦄", "xj", "j", "x", "d q", "end qz"}) {
        expect(history, query, query);
    }
    EXPECT_EQ(history.search("qz", {}, 50)->messages.size(), 3U);
    EXPECT_EQ(history.search("xj", {}, 50)->messages.size(), 7U);
}

TEST_F(SearchTest, nothing_is_found_by_nothing) {
    Store store = open_store();
    fill(store, 600);
    History history = open_history();
    index_all(history);
    for (const std::string query : {"", " ", " \n\t ", "\u200B", "\u00A0"}) {
        EXPECT_TRUE(history.search(query, {}, 50)->messages.empty());
    }
    EXPECT_TRUE(history.search("the", {}, 0)->messages.empty());
    EXPECT_TRUE(history.search("the", AccountId::generate(random), 50)->messages.empty());
    EXPECT_TRUE(history.search(std::string(100'000, 'a'), {}, 50)->messages.empty());
}

TEST_F(SearchTest, the_index_waits_for_a_whole_batch) {
    Store store = open_store();
    fill(store, index_batch_size + 10);
    History history = open_history();
    EXPECT_TRUE(*history.index_batch());
    EXPECT_FALSE(*history.index_batch());
    expect(history, "the", "the");
}

TEST_F(SearchTest, goes_on_where_it_was_after_a_restart) {
    Store store = open_store();
    fill(store, 3 * index_batch_size);
    {
        History history = open_history();
        ASSERT_TRUE(*history.index_batch());
    }
    auto index = SearchIndex::open(search_file(), key);
    ASSERT_TRUE(index);
    EXPECT_EQ(index->progress(), index_batch_size);
    History history = open_history();
    index_all(history);
    expect_all(history);
}

// An index that knows other messages would hide some of these for ever.
TEST_F(SearchTest, an_index_of_another_history_is_emptied) {
    {
        Store store = open_store();
        fill(store, 2 * index_batch_size);
        History history = open_history();
        index_all(history);
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(history_file().string() + suffix);
    }
    known.clear();
    Store store = open_store();
    fill(store, 3 * index_batch_size);
    History history = open_history();
    expect(history, "coffee", "coffee");
    index_all(history);
    expect_all(history);
}

TEST_F(SearchTest, damage_of_the_index_costs_time_and_nothing_else) {
    Store store = open_store();
    fill(store, 8 * index_batch_size);
    {
        History history = open_history();
        index_all(history);
    }
    const auto size = std::filesystem::file_size(search_file());
    for (std::uintmax_t offset = 20; offset < size; offset += 4096) {
        const auto copy = folder.path() / "copy.db";
        std::filesystem::copy_file(search_file(), copy,
                                   std::filesystem::copy_options::overwrite_existing);
        {
            std::ofstream stream(copy, std::ios::in | std::ios::out | std::ios::binary);
            stream.seekp(static_cast<std::streamoff>(offset));
            stream << "damage";
        }
        auto history = History::open(history_file(), copy, key);
        ASSERT_TRUE(history);
        expect(*history, "meeting", "meeting");
        expect(*history, "ab", "ab");
        EXPECT_TRUE(history->index_batch());
        expect(*history, "tomorrow at", "tomorrow at");
    }
}

TEST_F(SearchTest, searching_goes_on_when_the_index_can_be_neither_read_nor_made) {
    Store store = open_store();
    fill(store, 2 * index_batch_size);
    std::filesystem::create_directory(search_file());  // in its place
    auto history = History::open(history_file(), search_file(), key);
    ASSERT_TRUE(history);
    expect(*history, "coffee", "coffee");
    EXPECT_EQ(*history->index_batch(), false);
}

TEST_F(SearchTest, a_search_that_nobody_wants_any_more_ends_soon_and_costs_nothing) {
    Store store = open_store();
    fill(store, 5000);
    {
        History history = open_history();
        for (bool more = true; more;) {
            const auto batch = history.index_batch();
            ASSERT_TRUE(batch);
            more = *batch;
        }
        std::stop_source stop;
        history.stop_when(stop.get_token());
        EXPECT_TRUE(history.search("xyzzy", std::nullopt, 10));
        stop.request_stop();
        const auto indexed = history.search("meeting tomorrow at", std::nullopt, 500);
        // The index may have had the answer before the first look.
        EXPECT_TRUE(indexed || indexed.error() == StoreError::stopped);
        const auto batch = history.index_batch();
        EXPECT_TRUE(batch || batch.error() == StoreError::stopped);
    }
    EXPECT_TRUE(std::filesystem::exists(search_file())) << "nothing was wrong with it";
    std::filesystem::remove(search_file());
    History without = open_history();
    std::stop_source stop;
    stop.request_stop();
    without.stop_when(stop.get_token());
    const auto hits = without.search("nowhere to be found", std::nullopt, 10);
    ASSERT_FALSE(hits);
    EXPECT_EQ(hits.error(), StoreError::stopped);
}

}  // namespace
}  // namespace sotto::peer::store
