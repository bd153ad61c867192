#include "store_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "crypto/init.hpp"

namespace sotto::peer::store {

TempFolder::TempFolder() {
    const char* chosen = std::getenv("TMPDIR");
    std::string base = chosen != nullptr ? chosen : "/dev/shm";
    if (::access(base.c_str(), W_OK | X_OK) != 0) base = "/tmp";
    std::string pattern = base + "/sotto-store-XXXXXX";
    crypto::ensure(::mkdtemp(pattern.data()) != nullptr, "no folder for the test");
    path_ = pattern;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

StoreTest::Ready::Ready() {
    crypto::initialise();
}

Store StoreTest::open_store() const {
    auto store = Store::open(history_file(), key, small_log);
    EXPECT_TRUE(store) << (store ? "" : to_string(store.error()));
    return std::move(*store);
}

History StoreTest::open_history() const {
    auto history = History::open(history_file(), search_file(), key);
    EXPECT_TRUE(history) << (history ? "" : to_string(history.error()));
    return std::move(*history);
}

SaveMessage StoreTest::incoming(std::uint64_t row, const AccountId& peer, std::string text) {
    return {.message = {.row = row,
                        .id = {random.array<16>()},
                        .peer = peer,
                        .outgoing = false,
                        .kind = MessageKind::text,
                        .text = std::move(text),
                        .at = {1'700'000'000'000 + row},
                        .state = DeliveryState::delivered,
                        .failure = MessageFailure::none,
                        .read_locally = false},
            .sender_device = their_device,
            .sender_seq = row};
}

SaveMessage StoreTest::outgoing(std::uint64_t row, const AccountId& peer, std::string text) {
    SaveMessage save = incoming(row, peer, std::move(text));
    save.message.outgoing = true;
    save.message.state = DeliveryState::saved;
    save.sender_device = own_device;
    return save;
}

Bytes StoreTest::bytes(std::size_t size) {
    Bytes out(size);
    random.fill(out);
    return out;
}

SaveSession StoreTest::session(const AccountId& peer, Bytes state) const {
    return {.device = their_device,
            .session_id = Bytes(16, 0x5E),
            .account = peer,
            .state = std::move(state)};
}

SaveContact StoreTest::contact(const AccountId& peer, Bytes engine_state) const {
    return {.contact = {.account = peer,
                        .username = "bob",
                        .state = ContactState::accepted,
                        .request_text = "it is me",
                        .verified = true,
                        .allow_direct = true,
                        .presence = Presence::unknown,
                        .path = Path::none,
                        .changed_at = {1'700'000'000'001}},
            .engine_state = std::move(engine_state)};
}

CommitSummary commit(Store& store, const std::vector<SaveOp>& ops) {
    const auto summary = store.commit(ops);
    EXPECT_TRUE(summary) << (summary ? "" : to_string(summary.error()));
    return summary ? *summary : CommitSummary{};
}

Snapshot load(Store& store) {
    auto snapshot = store.load();
    EXPECT_TRUE(snapshot) << (snapshot ? "" : to_string(snapshot.error()));
    return snapshot ? std::move(*snapshot) : Snapshot{};
}

Bytes marker(std::uint8_t number) {
    Bytes out(48);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(number * 7 + i * 29 + 3);
    }
    return out;
}

bool contains(ByteView haystack, ByteView needle) {
    return std::search(haystack.begin(), haystack.end(), needle.begin(), needle.end()) !=
           haystack.end();
}

std::vector<std::string> texts_of(const std::vector<Message>& messages) {
    std::vector<std::string> texts;
    for (const Message& message : messages)
        texts.push_back(message.text);
    return texts;
}

}  // namespace sotto::peer::store
