#include "peer/store/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace sotto::peer::store {
namespace {

using crypto::Result;
using crypto::Unexpected;

FileError error_of_system(int code) {
    switch (code) {
        case ENOENT:
            return FileError::not_found;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return FileError::disk_full;
        case ELOOP:
        case ENOTDIR:
        case EISDIR:
        case EACCES:
        case EPERM:
            return FileError::not_ours;
        default:
            return FileError::io;
    }
}
Unexpected<FileError> system_failure() {
    return Unexpected(error_of_system(errno));
}

// The umask takes rights away and never gives any, so the modes here are what the files get at
// most.
constexpr mode_t file_mode = 0600;
constexpr mode_t folder_mode = 0700;

Result<File, FileError> open_file(const std::filesystem::path& file, int flags) {
    const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, file_mode);
    if (descriptor < 0) return system_failure();
    return File(descriptor);
}

Result<void, FileError> write_all(const File& file, crypto::ByteView content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file.descriptor(), content.data(), content.size());
        if (written >= 0) {
            content = content.subspan(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            return system_failure();
        }
    }
    return {};
}

Result<void, FileError> sync(const File& file) {
    if (::fsync(file.descriptor()) != 0) return system_failure();
    return {};
}

}  // namespace

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
File& File::operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}
File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void, FileError> make_private_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    if (folder.has_parent_path()) {
        std::filesystem::create_directories(folder.parent_path(), failed);
        if (failed) return Unexpected(error_of_system(failed.value()));
    }
    if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) return system_failure();
    // The last component may be a link: people move their profile to another disk.
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_failure();
    const File opened(descriptor);
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return system_failure();
    if (status.st_uid != ::geteuid()) return Unexpected(FileError::not_ours);
    if ((status.st_mode & 0777) != folder_mode && ::fchmod(descriptor, folder_mode) != 0) {
        return system_failure();
    }
    return {};
}

Result<crypto::Bytes, FileError> read_file(const std::filesystem::path& file,
                                           std::size_t size_max) {
    // NONBLOCK: a pipe put in its place must not hold us up.
    const auto opened = open_file(file, O_RDONLY | O_NONBLOCK);
    if (!opened) return Unexpected(opened.error());
    struct stat status {};
    if (::fstat(opened->descriptor(), &status) != 0) return system_failure();
    if (!S_ISREG(status.st_mode)) return Unexpected(FileError::not_ours);
    crypto::Bytes content(size_max + 1);
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t got =
            ::read(opened->descriptor(), content.data() + size, content.size() - size);
        if (got == 0) break;
        if (got > 0) {
            size += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            return system_failure();
        }
    }
    if (size > size_max) return Unexpected(FileError::too_big);
    content.resize(size);
    return content;
}

Result<void, FileError> replace_file(const std::filesystem::path& folder, std::string_view name,
                                     crypto::ByteView content) {
    const std::filesystem::path target = folder / name;
    const std::filesystem::path fresh = folder / (std::string(name) + ".new");
    {
        const auto file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file) return Unexpected(file.error());
        // Before the rename: else a power cut could leave the new name with no content.
        if (auto written = write_all(*file, content); !written) return written;
        if (auto synced = sync(*file); !synced) return synced;
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) return system_failure();
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_failure();
    return sync(File(descriptor));
}

Result<void, FileError> put_in_place(const std::filesystem::path& folder, std::string_view from,
                                     std::string_view to) {
    {
        const auto file = open_file(folder / from, O_RDWR);
        if (!file) return Unexpected(file.error());
        if (auto synced = sync(*file); !synced) return synced;
    }
    if (::rename((folder / from).c_str(), (folder / to).c_str()) != 0) return system_failure();
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_failure();
    return sync(File(descriptor));
}

Result<std::optional<File>, FileError> try_lock_file(const std::filesystem::path& file) {
    auto opened = open_file(file, O_RDWR | O_CREAT);
    if (!opened) return Unexpected(opened.error());
    if (::flock(opened->descriptor(), LOCK_EX | LOCK_NB) == 0) {
        return std::optional<File>(std::move(*opened));
    }
    if (errno == EWOULDBLOCK) return std::optional<File>();
    return system_failure();
}

}  // namespace sotto::peer::store
