// A folder that goes with the test, a seeded generator, and short ways to make rows.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "peer/output.hpp"
#include "peer/store/history.hpp"
#include "peer/store/profile.hpp"
#include "peer/store/store.hpp"

namespace sotto::peer::store {

/// Quick to open.
inline constexpr StoreOptions small_log{.log_room_pages = 8};

/// In memory where the system has such a file system: the tests are about content, not about speed.
class TempFolder {
public:
    TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder();
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

class StoreTest : public ::testing::Test {
protected:
    [[nodiscard]] std::filesystem::path history_file() const {
        return folder.path() / "history.db";
    }
    [[nodiscard]] std::filesystem::path search_file() const { return folder.path() / "search.db"; }
    /// Opens history.db; a failure ends the test program.
    [[nodiscard]] Store open_store() const;
    [[nodiscard]] History open_history() const;

    [[nodiscard]] SaveMessage incoming(std::uint64_t row, const AccountId& peer, std::string text);
    [[nodiscard]] SaveMessage outgoing(std::uint64_t row, const AccountId& peer, std::string text);
    [[nodiscard]] Bytes bytes(std::size_t size);
    [[nodiscard]] SaveSession session(const AccountId& peer, Bytes state) const;
    [[nodiscard]] SaveContact contact(const AccountId& peer, Bytes engine_state) const;

    struct Ready {
        Ready();
    } ready;  // before the first key
    TempFolder folder;
    crypto::SeededRandom random{7};
    crypto::DatabaseKey key = crypto::DatabaseKey::generate(random);
    AccountId alice = AccountId::generate(random);
    AccountId bob = AccountId::generate(random);
    DeviceId own_device = DeviceId::generate(random);
    DeviceId their_device = DeviceId::generate(random);
};

/// Commits and expects success.
CommitSummary commit(Store& store, const std::vector<SaveOp>& ops);
[[nodiscard]] Snapshot load(Store& store);

/// A range of one known byte pattern that cannot stand in a file by accident.
[[nodiscard]] Bytes marker(std::uint8_t number);
[[nodiscard]] bool contains(ByteView haystack, ByteView needle);

[[nodiscard]] std::vector<std::string> texts_of(const std::vector<Message>& messages);

}  // namespace sotto::peer::store
