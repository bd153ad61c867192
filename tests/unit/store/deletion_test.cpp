// What was deleted or replaced is gone: from the decrypted pages of the file, and from the log.
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <unordered_set>

#include "store_fixture.hpp"
#include "tests/support/byte_search.hpp"

namespace sotto::peer::store {
namespace {

// Pieces of 8 bytes of every secret that was ever written.
class Pieces {
public:
    [[nodiscard]] Bytes add(Bytes secret) {
        for (std::size_t at = 0; at + 8 <= secret.size(); at += 8)
            pieces_.insert(piece(secret, at));
        return secret;
    }
    void erase_pieces_of(ByteView secret) {
        for (std::size_t at = 0; at + 8 <= secret.size(); at += 8)
            pieces_.erase(piece(secret, at));
    }
    [[nodiscard]] std::size_t size() const { return pieces_.size(); }
    [[nodiscard]] std::size_t found_in(ByteView bytes) const {
        std::size_t found = 0;
        for (std::size_t at = 0; at + 8 <= bytes.size(); ++at) {
            found += pieces_.contains(piece(bytes, at)) ? 1 : 0;
        }
        return found;
    }

private:
    static std::uint64_t piece(ByteView bytes, std::size_t at) {
        return crypto::Reader(bytes.subspan(at, 8)).u64();
    }
    std::unordered_set<std::uint64_t> pieces_;
};

class DeletionTest : public StoreTest {
protected:
    /// Every page of the file, decrypted: what somebody with the key could find between the rows.
    [[nodiscard]] static Bytes decrypted_pages(Store& store) {
        sqlite3_int64 size = 0;
        unsigned char* pages = sqlite3_serialize(store.database().handle(), "main", &size, 0);
        crypto::ensure(pages != nullptr, "SQLite did not give its pages");
        Bytes out(pages, pages + size);
        sqlite3_free(pages);
        return out;
    }
    [[nodiscard]] Bytes log() const {
        std::ifstream stream(history_file().string() + "-wal", std::ios::binary);
        return Bytes(std::istreambuf_iterator<char>(stream), {});
    }
    // As long as a ratchet state; every 16 bytes of it stand nowhere else.
    [[nodiscard]] static Bytes state_of(std::uint32_t generation, std::size_t size) {
        Bytes out(size);
        crypto::SeededRandom(0x5EC2E7'0000 + generation).fill(out);
        return out;
    }
};

TEST_F(DeletionTest, replaced_and_deleted_secrets_are_overwritten_in_the_file) {
    Store store = open_store();
    // States of changing sizes in several rows, so that pages are split, merged and defragmented.
    constexpr std::uint32_t generations = 120;
    Pieces written;
    for (std::uint32_t generation = 0; generation < generations; ++generation) {
        SaveSession one =
            session(bob, written.add(state_of(generation, 700 + generation * 37 % 2600)));
        one.session_id = Bytes(16, static_cast<std::uint8_t>(generation % 7));
        commit(
            store,
            {one,
             SavePrekey{.kind = 1,
                        .id = generation % 5,
                        .secret = written.add(state_of(generation + 1000, 32 + generation % 64))},
             SaveSelf{.self = {.username = "alice",
                               .account = alice,
                               .device = own_device,
                               .server = {.host = "h",
                                          .port = 1,
                                          .key = crypto::OwnCurve::generate(random).public_key()},
                               .registered = false},
                      .keys = written.add(state_of(generation + 2000, 300))}});
        if (generation % 5 == 4) {
            commit(store, {DeletePrekey{.kind = 1, .id = generation % 4}});
        }
        if (generation % 11 == 10) {
            commit(store, {DeleteSession{
                              .device = their_device,
                              .session_id = Bytes(16, static_cast<std::uint8_t>(generation % 6))}});
        }
    }
    EXPECT_GT(written.found_in(decrypted_pages(store)), 100U) << "those that live are found";
    const Snapshot snapshot = load(store);
    for (const SaveSession& one : snapshot.sessions)
        written.erase_pieces_of(one.state);
    for (const SavePrekey& one : snapshot.prekeys)
        written.erase_pieces_of(one.secret);
    written.erase_pieces_of(snapshot.self->keys);
    EXPECT_GT(written.size(), 10'000U) << "pieces of dead secrets that are looked for";
    EXPECT_EQ(written.found_in(decrypted_pages(store)), 0U);
}

TEST_F(DeletionTest, maintenance_leaves_nothing_in_the_log) {
    Store store = open_store();
    EXPECT_FALSE(store.wants_maintenance());
    for (std::uint32_t i = 0; i < 50; ++i)
        commit(store, {session(bob, state_of(i, 900))});
    EXPECT_TRUE(store.wants_maintenance());
    const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
    Bytes before = log();
    EXPECT_FALSE(std::all_of(before.begin(), before.end(), is_zero));
    ASSERT_TRUE(*store.maintain());
    EXPECT_FALSE(store.wants_maintenance());
    Bytes after = log();
    EXPECT_GE(after.size(), before.size()) << "the room stays";
    EXPECT_TRUE(std::all_of(after.begin(), after.end(), is_zero));
    EXPECT_EQ(load(store).sessions.at(0).state, state_of(49, 900));
}

TEST_F(DeletionTest, a_reader_in_the_middle_of_a_page_only_puts_maintenance_off) {
    Store store = open_store();
    for (std::uint64_t row = 1; row <= 20; ++row)
        commit(store, {incoming(row, bob, "text")});
    auto reader = Database::open(
        history_file(), key,
        {.mode = Database::Mode::read_only, .durability = Database::Durability::every_commit});
    ASSERT_TRUE(reader);
    {
        Rows rows = reader->query("SELECT row FROM messages");
        ASSERT_TRUE(rows.next());
        commit(store, {incoming(21, bob, "written while somebody reads")});
        EXPECT_EQ(*store.maintain(), false);
        EXPECT_TRUE(store.wants_maintenance());
    }
    EXPECT_EQ(*store.maintain(), true);
    EXPECT_EQ(*reader->number("SELECT count(*) FROM messages"), 21);
}

// What a killed process left in the log is gone after the next opening.
TEST_F(DeletionTest, opening_empties_the_log_of_the_process_before) {
    const auto left = folder.path() / "left";
    std::filesystem::create_directory(left);
    {
        Store store = open_store();
        for (std::uint32_t i = 0; i < 30; ++i)
            commit(store, {session(bob, state_of(i, 900))});
        // As a kill would leave it: the files without the clean-up of closing.
        for (const char* name : {"history.db", "history.db-wal"}) {
            std::filesystem::copy_file(folder.path() / name, left / name);
        }
    }
    auto store = Store::open(left / "history.db", key, small_log);
    ASSERT_TRUE(store);
    EXPECT_EQ(load(*store).sessions.at(0).state, state_of(29, 900));
    std::ifstream stream(left / "history.db-wal", std::ios::binary);
    const Bytes log(std::istreambuf_iterator<char>(stream), {});
    EXPECT_EQ(log.size(), 32 + 8 * (24 + 4096)) << "cut to the room that was asked for";
    EXPECT_TRUE(std::all_of(log.begin(), log.end(), [](std::uint8_t byte) { return byte == 0; }));
}

TEST_F(DeletionTest, no_text_name_or_key_stands_in_any_file) {
    const std::string passphrase = "the passphrase of this test";
    const std::vector<std::string> needles{
        "a secret message that nobody else reads",
        "username.of.bob",
        "the text of a contact request",
        "rendezvous.example.org",
        std::string(alice.bytes().begin(), alice.bytes().end()),
        std::string(bob.bytes().begin(), bob.bytes().end()),
        [] {
            const Bytes state = state_of(1, 64);
            return std::string(state.begin(), state.end());
        }(),
        passphrase,
        "sotto_grams",
        "CREATE TABLE",
    };
    auto profile = Profile::create(folder.path() / "profile", crypto::as_bytes(passphrase),
                                   profile_options_for_tests, random);
    ASSERT_TRUE(profile);
    SaveContact friendly = contact(bob, {});
    friendly.contact.username = needles[1];
    friendly.contact.request_text = needles[2];
    commit(profile->store(),
           {SaveSelf{.self = {.username = needles[1],
                              .account = alice,
                              .device = own_device,
                              .server = {.host = needles[3],
                                         .port = 1,
                                         .key = crypto::OwnCurve::generate(random).public_key()},
                              .registered = true},
                     .keys = state_of(1, 640)},
            friendly});
    std::vector<SaveOp> messages;
    for (std::uint64_t row = 1; row <= 300; ++row) {
        messages.emplace_back(incoming(row, bob, needles[0]));
    }
    commit(profile->store(), messages);
    auto history = profile->open_history();
    ASSERT_TRUE(history);
    ASSERT_TRUE(history->index_batch());
    EXPECT_EQ(history->search("nobody else", {}, 500)->messages.size(), 300U);

    const auto check = [&](const char* when) {
        for (const auto& finding : test::search_files(folder.path(), needles)) {
            ADD_FAILURE() << when << ": " << finding.file << " has needle " << finding.needle;
        }
    };
    check("while open");
    ASSERT_TRUE(profile->store().maintain());
    check("after maintenance");
    const std::vector<std::string> canary{"SOTTOVLT"};
    EXPECT_EQ(test::search_files(folder.path(), canary).size(), 1U) << "the search itself works";
}

}  // namespace
}  // namespace sotto::peer::store
