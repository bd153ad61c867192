#include "rendezvous/server_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sotto::rendezvous {

namespace {

using Failed = crypto::Unexpected<ConfigError>;

// What a server's folder may hold before it is made: its own names, and nothing else.
bool holds_other_files(const std::filesystem::path& folder) {
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
        const std::string name = entry.path().filename().string();
        const bool own = name.starts_with("rendezvous.") || name == "server.key" ||
                         name == "admin.sock" ||
                         name == "lost+found";  // of a disk that is mounted here
        if (!own) return true;
    }
    return false;
}

}  // namespace

std::filesystem::path default_folder() {
    // The service a package installed: its own user and root see the folder, others find their own.
    const std::filesystem::path service = service_folder;
    if (access((service / "rendezvous.toml").c_str(), F_OK) == 0) return service;
    const char* data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && data[0] == '/') {
        return std::filesystem::path(data) / "sotto-rendezvous";
    }
    const char* home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/') return {};
    return std::filesystem::path(home) / ".local/share/sotto-rendezvous";
}

bool ServerFolder::give_to_owner(int fd) const {
    struct stat info {};
    if (geteuid() != 0) return true;
    return stat(path_.c_str(), &info) == 0 && fchown(fd, info.st_uid, info.st_gid) == 0;
}

bool ServerFolder::write_file(const std::filesystem::path& file, crypto::ByteView bytes) const {
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    bool good = give_to_owner(fd);
    while (good && !bytes.empty()) {
        const ssize_t written = write(fd, bytes.data(), bytes.size());
        good = written > 0;
        if (good) bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    good = fsync(fd) == 0 && good;
    close(fd);
    return good;
}

crypto::Result<void, ConfigError> ServerFolder::make() const {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) return Failed({"cannot make the folder " + path_.string() + ": " + error.message()});
    // Also where the folder was there before: it is going to hold the key.
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
    return {};
}

crypto::Result<void, ConfigError> ServerFolder::create(const Config& config,
                                                       const crypto::OwnCurve& key) const {
    // Somebody's home, say: its mode would change, and its files would seem to be the server's.
    if (holds_other_files(path_)) {
        return Failed({path_.string() + " is not empty; choose a folder for the server alone"});
    }
    if (const auto made = make(); !made) return Failed(made.error());
    for (const auto& file : {config_file(), key_file(), database_file()}) {
        if (std::filesystem::exists(file)) {
            return Failed({file.string() + " exists already; nothing was changed"});
        }
    }
    const crypto::SecretBytes secret = crypto::secret_to_z85(key);
    // Without the terminating zero.
    if (!write_file(key_file(), {secret.data(), crypto::z85_key_size}) ||
        !write_file(config_file(), crypto::as_bytes(config_text(config))) || !sync()) {
        // Half of a server would be refused by the next try.
        unlink(config_file().c_str());
        unlink(key_file().c_str());
        return Failed({"cannot write into " + path_.string() + " (is the disk full?)"});
    }
    return {};
}

bool ServerFolder::sync() const {
    const int fd = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool good = fsync(fd) == 0;
    close(fd);
    return good;
}

crypto::Result<crypto::OwnCurve, ConfigError> ServerFolder::read_key() const {
    const std::string name = key_file().string();
    const int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return Failed({"cannot read " + name + "; was \"init\" run for this folder?"});
    struct stat info {};
    const bool ours = fstat(fd, &info) == 0 && (info.st_mode & 077U) == 0;
    crypto::SecretBytes text(crypto::z85_key_size + 1);
    const ssize_t size = ours ? read(fd, text.data(), text.size()) : -1;
    close(fd);
    if (!ours) return Failed({name + " can be read by others; run: chmod 600 " + name});
    if (size != static_cast<ssize_t>(crypto::z85_key_size)) return Failed({name + " is damaged"});
    // A view, so that the secret stays in memory that is wiped.
    const std::string_view view(reinterpret_cast<const char*>(text.data()), crypto::z85_key_size);
    const auto key = crypto::own_curve_from_z85(view);
    if (!key) return Failed({name + " is damaged"});
    return *key;
}

bool ServerFolder::lock() {
    const auto file = path_ / "rendezvous.lock";
    lock_fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return lock_fd_ >= 0 && give_to_owner(lock_fd_) && flock(lock_fd_, LOCK_EX | LOCK_NB) == 0;
}

}  // namespace sotto::rendezvous
