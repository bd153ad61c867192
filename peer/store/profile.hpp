// A profile folder: whose it is, under which passphrase, and that only one process has it open.
//
//   vault.hdr   the database key under the passphrase, and the state epoch (docs/protocol.md 2.15)
//   history.db  everything the engine and the person need (store.hpp)
//   search.db   the search index, can be made again (search_index.hpp)
//   lock        held while a process has the profile open
// Owned by the thread of the Store. Creating and opening take the password hash's time (0.4 s).
// Promises: at any crash point the old or the new passphrase opens it; a put-back old copy of
// history.db is noticed (Snapshot::rolled_back). What it does not understand it leaves as it is.
#pragma once

#include <filesystem>
#include <optional>

#include "crypto/password.hpp"
#include "crypto/vault_header.hpp"
#include "peer/store/files.hpp"
#include "peer/store/history.hpp"
#include "peer/store/store.hpp"

namespace sotto::peer::store {

enum class ProfileError : std::uint8_t {
    absent,            ///< no profile in this folder
    exists,            ///< there is one already: it is not overwritten
    in_use,            ///< another process has it open
    wrong_passphrase,  ///< or vault.hdr was changed: the two cannot be told apart
    header_missing,    ///< history.db without vault.hdr: without a copy of it nothing opens
    header_damaged,
    cost_refused,  ///< the header asks for a password hash outside the limits
    database_missing,
    database_damaged,
    newer_version,  ///< written by a newer Sotto
    not_ours,       ///< folder or file of another user, or something else in its place
    disk_full,
    out_of_memory,
    io,
};
[[nodiscard]] std::string_view to_string(ProfileError error) noexcept;

enum class ProfileState : std::uint8_t { absent, locked };

struct ProfileOptions {
    crypto::PasswordCost cost;          ///< for new headers
    crypto::PasswordCostLimits limits;  ///< for headers that are read
    StoreOptions store;
};
inline constexpr ProfileOptions profile_options_default{
    .cost = crypto::password_cost_default, .limits = crypto::password_cost_limits, .store = {}};
/// Milliseconds instead of seconds. A profile made with it does not open with the default options.
inline constexpr ProfileOptions profile_options_for_tests{
    .cost = crypto::password_cost_for_tests,
    .limits = crypto::password_cost_limits_for_tests,
    .store = {.log_room_pages = 8}};

class Profile {
public:
    /// Whether there is something to unlock. Errors: header_missing.
    [[nodiscard]] static Result<ProfileState, ProfileError> look(
        const std::filesystem::path& folder);

    /// Passphrases are UTF-8 in NFC. Errors: exists, in_use, not_ours, disk_full, ...
    [[nodiscard]] static Result<Profile, ProfileError> create(const std::filesystem::path& folder,
                                                              ByteView passphrase,
                                                              const ProfileOptions& options,
                                                              crypto::RandomSource& random);
    /// Errors: everything but exists. Nothing is changed by a failure.
    [[nodiscard]] static Result<Profile, ProfileError> open(const std::filesystem::path& folder,
                                                            ByteView passphrase,
                                                            const ProfileOptions& options);

    [[nodiscard]] Store& store() noexcept { return *store_; }
    /// A reader for another thread. It must be gone before the Profile.
    [[nodiscard]] Result<History, ProfileError> open_history() const;

    /// Nothing changed on wrong_passphrase; after any other error the old or the new one holds.
    [[nodiscard]] Result<void, ProfileError> change_passphrase(ByteView old_passphrase,
                                                               ByteView new_passphrase,
                                                               const ProfileOptions& options,
                                                               crypto::RandomSource& random);
    /// The same with a new database key: who has an old copy of vault.hdr and its passphrase opens
    /// nothing that is in the profile from now on. Copies history.db (some seconds for a million
    /// messages, and as much room again); no History may be open. Nothing changed on
    /// wrong_passphrase and disk_full; a crash at any point leaves the old or the new passphrase.
    [[nodiscard]] Result<void, ProfileError> change_key(ByteView old_passphrase,
                                                        ByteView new_passphrase,
                                                        const ProfileOptions& options,
                                                        crypto::RandomSource& random);
    /// For a change of passphrase on another thread: there crypto::change_passphrase(header(), ..),
    /// then here adopt_header() of what it gave.
    [[nodiscard]] const Bytes& header() const noexcept { return header_; }
    /// Replaces the header by another one of the same key, with the epoch of today. Errors:
    /// header_damaged (it is of another key; nothing changed), disk_full, io.
    [[nodiscard]] Result<void, ProfileError> adopt_header(ByteView header);
    /// Moves the mark that an older copy of history.db is known by; hourly. About 1 ms.
    [[nodiscard]] Result<void, ProfileError> advance_epoch();

private:
    Profile(std::filesystem::path folder, File lock, Bytes header,
            crypto::DatabaseKey key) noexcept;
    [[nodiscard]] static Result<File, ProfileError> lock(const std::filesystem::path& folder);
    [[nodiscard]] static Result<void, ProfileError> settle_new_key(
        const std::filesystem::path& folder, const crypto::DatabaseKey& key);
    [[nodiscard]] Result<void, ProfileError> open_store(const StoreOptions& options);
    [[nodiscard]] Result<void, ProfileError> write_header(Bytes header);
    [[nodiscard]] Result<void, ProfileError> check_epoch(std::uint64_t header_epoch);
    [[nodiscard]] Result<void, ProfileError> write_epoch(std::uint64_t epoch);

    std::filesystem::path folder_;
    File lock_;  // released last: members go in reverse order
    Bytes header_;
    crypto::DatabaseKey key_;
    std::optional<Store> store_;  // there once create() or open() returned
};

}  // namespace sotto::peer::store
