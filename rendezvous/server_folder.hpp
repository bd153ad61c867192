// The server's folder: configuration, secret key, database, and the lock that keeps a second
// process out. All files are the owner's only.
#pragma once

#include "crypto/curve.hpp"
#include "rendezvous/config.hpp"

#include <filesystem>
#include <optional>

namespace sotto::rendezvous {

// Where a package's service keeps its server.
inline constexpr const char* service_folder = "/var/lib/sotto-rendezvous";

// That of the installed service where this user may look into it (root and the service itself),
// else $XDG_DATA_HOME/sotto-rendezvous, or the usual place without it; empty without a home.
[[nodiscard]] std::filesystem::path default_folder();

class ServerFolder {
public:
    explicit ServerFolder(std::filesystem::path path) : path_(std::move(path)) {}

    [[nodiscard]] std::filesystem::path config_file() const { return path_ / "rendezvous.toml"; }
    [[nodiscard]] std::filesystem::path key_file() const { return path_ / "server.key"; }
    [[nodiscard]] std::filesystem::path database_file() const { return path_ / "rendezvous.db"; }
    [[nodiscard]] std::filesystem::path admin_socket() const { return path_ / "admin.sock"; }

    // The folder itself, mode 0700; no harm when it is there.
    [[nodiscard]] crypto::Result<void, ConfigError> make() const;
    // A new file that only the folder's owner can read, on the disk when this returns.
    [[nodiscard]] bool write_file(const std::filesystem::path& file, crypto::ByteView bytes) const;
    // What root makes in the folder is its owner's.
    [[nodiscard]] bool give_to_owner(int fd) const;
    // Makes the folder, the key (0600) and the configuration, on the disk when this returns, or
    // leaves none of them. Never overwrites: a new key would lock every client out. Refuses a
    // folder with other files in it. The error is a sentence.
    [[nodiscard]] crypto::Result<void, ConfigError> create(const Config& config,
                                                           const crypto::OwnCurve& key) const;
    // Refuses a key file that others may read.
    [[nodiscard]] crypto::Result<crypto::OwnCurve, ConfigError> read_key() const;
    // Holds until the process ends; false when another process has it.
    [[nodiscard]] bool lock();

private:
    [[nodiscard]] bool sync() const;

    std::filesystem::path path_;
    int lock_fd_ = -1;  // closed, and so released, by the end of the process
};

}  // namespace sotto::rendezvous
