// The few things a profile folder needs of the file system, each with its crash behaviour.
//
// A file that replace_file() writes has its old or its new content after a crash or a power cut,
// never a mixture, never nothing. Everything is for the owner alone (folder 0700, files 0600).
// Symbolic links are not followed for the files themselves. Error texts carry no paths: a log may
// be shared.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "crypto/bytes.hpp"
#include "crypto/result.hpp"

namespace sotto::peer::store {

enum class FileError : std::uint8_t {
    not_found,
    too_big,
    not_ours,  ///< belongs to another user, or is not of the expected kind
    disk_full,
    io,
};
[[nodiscard]] constexpr std::string_view to_string(FileError error) noexcept {
    switch (error) {
        case FileError::not_found:
            return "no such file";
        case FileError::too_big:
            return "the file is too big";
        case FileError::not_ours:
            return "the file belongs to somebody else";
        case FileError::disk_full:
            return "the disk is full";
        case FileError::io:
            return "the file system refused";
    }
    return "unknown";
}

/// A file descriptor, closed with its owner.
class File {
public:
    explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

/// Makes the folder and its parents, or takes from an own one every right of others.
[[nodiscard]] crypto::Result<void, FileError> make_private_folder(
    const std::filesystem::path& folder);

/// The whole file, which has at most `size_max` bytes.
[[nodiscard]] crypto::Result<crypto::Bytes, FileError> read_file(const std::filesystem::path& file,
                                                                 std::size_t size_max);

/// Writes NAME.new, syncs it, renames it to NAME, syncs the folder: on the disk when it returns.
[[nodiscard]] crypto::Result<void, FileError> replace_file(const std::filesystem::path& folder,
                                                           std::string_view name,
                                                           crypto::ByteView content);

/// Gives a file that is complete the name of another one, which is gone then; both, and the name,
/// are on the disk when it returns.
[[nodiscard]] crypto::Result<void, FileError> put_in_place(const std::filesystem::path& folder,
                                                           std::string_view from,
                                                           std::string_view to);

/// Locks `file` for this process until the result goes, also when the process is killed. Nothing:
/// another one has it.
[[nodiscard]] crypto::Result<std::optional<File>, FileError> try_lock_file(
    const std::filesystem::path& file);

}  // namespace sotto::peer::store
