#include "peer/store/profile.hpp"

#include <initializer_list>

#include "peer/store/database.hpp"

namespace sotto::peer::store {
namespace {

constexpr const char* header_name = "vault.hdr";
constexpr const char* history_name = "history.db";
// Under a key that vault.hdr has not, or has not for long: see change_key().
constexpr const char* rekeyed_name = "history.db.new";
constexpr const char* search_name = "search.db";
constexpr const char* lock_name = "lock";

bool is_there(const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::symlink_status(file, ignored));
}

// A database with what SQLite has beside it.
void remove_files(const std::filesystem::path& file, std::initializer_list<const char*> suffixes) {
    for (const char* suffix : suffixes) {
        std::filesystem::path part = file;
        std::error_code ignored;  // what stays is found and removed by the next opening
        std::filesystem::remove(part += suffix, ignored);
    }
}

ProfileError error_of(FileError error) {
    switch (error) {
        case FileError::not_found:
            return ProfileError::absent;
        case FileError::too_big:
            return ProfileError::header_damaged;
        case FileError::not_ours:
            return ProfileError::not_ours;
        case FileError::disk_full:
            return ProfileError::disk_full;
        case FileError::io:
            break;
    }
    return ProfileError::io;
}

ProfileError error_of(crypto::VaultError error) {
    switch (error) {
        case crypto::VaultError::wrong_passphrase:
            return ProfileError::wrong_passphrase;
        case crypto::VaultError::cost_refused:
            return ProfileError::cost_refused;
        case crypto::VaultError::out_of_memory:
            return ProfileError::out_of_memory;
        case crypto::VaultError::malformed:
        case crypto::VaultError::epoch_forged:
            break;
    }
    return ProfileError::header_damaged;
}

// The key is right (the header is authentic), so what it does not open is damaged.
ProfileError error_of(StoreError error) {
    switch (error) {
        case StoreError::disk_full:
            return ProfileError::disk_full;
        case StoreError::busy:
            return ProfileError::in_use;
        case StoreError::newer_version:
            return ProfileError::newer_version;
        case StoreError::out_of_memory:
            return ProfileError::out_of_memory;
        case StoreError::wrong_key:
        case StoreError::corrupt:
        case StoreError::conflict:
        case StoreError::too_big:
            return ProfileError::database_damaged;
        case StoreError::stopped:
        case StoreError::io:
            break;
    }
    return ProfileError::io;
}

}  // namespace

std::string_view to_string(ProfileError error) noexcept {
    switch (error) {
        case ProfileError::absent:
            return "there is no profile here";
        case ProfileError::exists:
            return "there is a profile here already";
        case ProfileError::in_use:
            return "another Sotto has this profile open";
        case ProfileError::wrong_passphrase:
            return "wrong passphrase";
        case ProfileError::header_missing:
            return "vault.hdr is missing: put it back from a copy of the profile";
        case ProfileError::header_damaged:
            return "vault.hdr is damaged: put it back from a copy of the profile";
        case ProfileError::cost_refused:
            return "vault.hdr asks for a password hash that is too cheap or too costly";
        case ProfileError::database_missing:
            return "history.db is missing: put it back from a copy of the profile";
        case ProfileError::database_damaged:
            return "history.db is damaged";
        case ProfileError::newer_version:
            return "the profile was written by a newer version";
        case ProfileError::not_ours:
            return "the profile folder belongs to somebody else";
        case ProfileError::disk_full:
            return "the disk is full";
        case ProfileError::out_of_memory:
            return "out of memory";
        case ProfileError::io:
            return "the file system refused";
    }
    return "unknown";
}

Profile::Profile(std::filesystem::path folder, File lock, Bytes header,
                 crypto::DatabaseKey key) noexcept
    : folder_(std::move(folder)),
      lock_(std::move(lock)),
      header_(std::move(header)),
      key_(std::move(key)) {}

Result<ProfileState, ProfileError> Profile::look(const std::filesystem::path& folder) {
    if (is_there(folder / header_name)) return ProfileState::locked;
    if (is_there(folder / history_name)) return Unexpected(ProfileError::header_missing);
    return ProfileState::absent;
}

Result<File, ProfileError> Profile::lock(const std::filesystem::path& folder) {
    auto locked = try_lock_file(folder / lock_name);
    if (!locked) return Unexpected(error_of(locked.error()));
    if (!*locked) return Unexpected(ProfileError::in_use);
    return std::move(**locked);
}

// The header comes first: a crash before the database is there leaves a header of epoch 0, which
// open() completes. So a database without a header is never a half-made profile.
Result<Profile, ProfileError> Profile::create(const std::filesystem::path& folder,
                                              ByteView passphrase, const ProfileOptions& options,
                                              crypto::RandomSource& random) {
    if (auto made = make_private_folder(folder); !made) return Unexpected(error_of(made.error()));
    auto locked = lock(folder);
    if (!locked) return Unexpected(locked.error());
    const auto state = look(folder);
    if (!state) return Unexpected(state.error());
    if (*state != ProfileState::absent) return Unexpected(ProfileError::exists);

    auto vault = crypto::create_vault(passphrase, options.cost, options.limits, random);
    if (!vault) return Unexpected(error_of(vault.error()));
    Profile profile(folder, std::move(*locked), {}, std::move(vault->key));
    if (auto written = profile.write_header(std::move(vault->header)); !written) {
        return Unexpected(written.error());
    }
    if (auto opened = profile.open_store(options.store); !opened) return Unexpected(opened.error());
    if (auto marked = profile.write_epoch(1); !marked) return Unexpected(marked.error());
    return profile;
}

Result<Profile, ProfileError> Profile::open(const std::filesystem::path& folder,
                                            ByteView passphrase, const ProfileOptions& options) {
    const auto state = look(folder);
    if (!state) return Unexpected(state.error());
    if (*state == ProfileState::absent) return Unexpected(ProfileError::absent);
    if (auto made = make_private_folder(folder); !made) return Unexpected(error_of(made.error()));
    auto locked = lock(folder);
    if (!locked) return Unexpected(locked.error());
    auto header = read_file(folder / header_name, crypto::vault_header_size);
    if (!header) return Unexpected(error_of(header.error()));

    auto vault = crypto::open_vault(*header, passphrase, options.limits);
    if (!vault) return Unexpected(error_of(vault.error()));
    if (auto settled = settle_new_key(folder, vault->key); !settled) {
        return Unexpected(settled.error());
    }
    if (vault->state_epoch > 0 && !is_there(folder / history_name)) {
        return Unexpected(ProfileError::database_missing);
    }
    Profile profile(folder, std::move(*locked), std::move(*header), std::move(vault->key));
    if (auto opened = profile.open_store(options.store); !opened) return Unexpected(opened.error());
    if (auto checked = profile.check_epoch(vault->state_epoch); !checked) {
        return Unexpected(checked.error());
    }
    return profile;
}

Result<void, ProfileError> Profile::open_store(const StoreOptions& options) {
    auto opened = Store::open(folder_ / history_name, key_, options);
    if (!opened) return Unexpected(error_of(opened.error()));
    store_.emplace(std::move(*opened));
    return {};
}

Result<History, ProfileError> Profile::open_history() const {
    auto history = History::open(folder_ / history_name, folder_ / search_name, key_);
    if (!history) return Unexpected(error_of(history.error()));
    return std::move(*history);
}

// --- state epoch -------------------------------------------------------------------------------

Result<void, ProfileError> Profile::check_epoch(std::uint64_t header_epoch) {
    const auto epoch = store_->epoch();
    if (!epoch) return Unexpected(error_of(epoch.error()));
    if (*epoch >= header_epoch) {
        const auto written = write_epoch(*epoch + 1);
        // A full disk must not keep a person from reading: the mark stays where it was.
        if (!written && written.error() != ProfileError::disk_full) return written;
        return {};
    }
    const auto marked = store_->mark_rolled_back(header_epoch);
    if (!marked) return Unexpected(error_of(marked.error()));
    return {};
}

Result<void, ProfileError> Profile::advance_epoch() {
    const auto epoch = store_->epoch();
    if (!epoch) return Unexpected(error_of(epoch.error()));
    return write_epoch(*epoch + 1);
}

// The database goes first: a crash in between leaves it ahead of the header, which is no rollback.
Result<void, ProfileError> Profile::write_epoch(std::uint64_t epoch) {
    if (auto set = store_->set_epoch(epoch); !set) return Unexpected(error_of(set.error()));
    auto header = crypto::with_state_epoch(header_, key_, epoch);
    if (!header) return Unexpected(error_of(header.error()));
    return write_header(std::move(*header));
}

Result<void, ProfileError> Profile::write_header(Bytes header) {
    const auto replaced = replace_file(folder_, header_name, header);
    if (replaced) {
        header_ = std::move(header);
        return {};
    }
    // It may have failed before or after the rename: go on with what is there.
    if (auto current = read_file(folder_ / header_name, crypto::vault_header_size)) {
        header_ = std::move(*current);
    }
    return Unexpected(error_of(replaced.error()));
}

Result<void, ProfileError> Profile::change_passphrase(ByteView old_passphrase,
                                                      ByteView new_passphrase,
                                                      const ProfileOptions& options,
                                                      crypto::RandomSource& random) {
    auto header = crypto::change_passphrase(header_, old_passphrase, new_passphrase, options.cost,
                                            options.limits, random);
    if (!header) return Unexpected(error_of(header.error()));
    return adopt_header(*header);
}

// The epoch may have moved while the password hash was at work elsewhere.
Result<void, ProfileError> Profile::adopt_header(ByteView header) {
    const auto epoch = store_->epoch();
    if (!epoch) return Unexpected(error_of(epoch.error()));
    auto adopted = crypto::with_state_epoch(header, key_, *epoch);
    if (!adopted) return Unexpected(error_of(adopted.error()));
    return write_header(std::move(*adopted));
}

// --- another database key ------------------------------------------------------------------------

// The copy under the new key first, complete and on the disk; then the header, which decides; then
// the copy gets its name. In between the header's key tells whose turn it is: settle_new_key().
Result<void, ProfileError> Profile::change_key(ByteView old_passphrase, ByteView new_passphrase,
                                               const ProfileOptions& options,
                                               crypto::RandomSource& random) {
    const auto old_vault = crypto::open_vault(header_, old_passphrase, options.limits);
    if (!old_vault) return Unexpected(error_of(old_vault.error()));
    auto fresh = crypto::create_vault(new_passphrase, options.cost, options.limits, random);
    if (!fresh) return Unexpected(error_of(fresh.error()));
    const auto epoch = store_->epoch();
    if (!epoch) return Unexpected(error_of(epoch.error()));
    const auto header = crypto::with_state_epoch(fresh->header, fresh->key, *epoch);
    if (!header) return Unexpected(error_of(header.error()));

    const auto copy = folder_ / rekeyed_name;
    remove_files(copy, {"", "-wal", "-shm", "-journal"});
    if (auto copied = store_->database().copy_to(copy, fresh->key); !copied) {
        remove_files(copy, {"", "-wal", "-shm", "-journal"});
        return Unexpected(error_of(copied.error()));
    }
    store_.reset();  // its log goes into the old file
    const auto written = write_header(*header);
    if (header_ == *header) key_ = std::move(fresh->key);  // also when only the last sync failed
    const auto settled = settle_new_key(folder_, key_);
    if (auto opened = open_store(options.store); !opened) return opened;
    if (!written) return written;
    return settled;
}

namespace {

// Whether there is a database of this key. Every key opens an empty file, which is what is left of
// a copy that had just begun: such a one has no schema.
Result<bool, StoreError> is_whole(const std::filesystem::path& file,
                                  const crypto::DatabaseKey& key) {
    auto opened = Database::open(file, key, {});
    if (!opened && opened.error() == StoreError::wrong_key) return false;
    if (!opened) return Unexpected(opened.error());
    const auto version = opened->number("PRAGMA user_version");
    if (!version) return Unexpected(version.error());
    return *version > 0;
}

}  // namespace

// A copy that the header's key opens is the database: a crash kept it from its name. Any other one
// was never finished.
Result<void, ProfileError> Profile::settle_new_key(const std::filesystem::path& folder,
                                                   const crypto::DatabaseKey& key) {
    const auto copy = folder / rekeyed_name;
    if (!is_there(copy)) return {};
    const auto finished = is_whole(copy, key);
    if (!finished) return Unexpected(error_of(finished.error()));
    if (!*finished) {
        remove_files(copy, {"", "-wal", "-shm", "-journal"});
        return {};
    }
    remove_files(folder / history_name, {"-wal", "-shm"});  // the old file's, which has everything
    if (auto placed = put_in_place(folder, rekeyed_name, history_name); !placed) {
        return Unexpected(error_of(placed.error()));
    }
    remove_files(folder / search_name, {"", "-wal", "-shm"});  // of the old key; made anew
    return {};
}

}  // namespace sotto::peer::store
