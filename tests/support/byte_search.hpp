// Which files below a folder contain one of some byte strings: "no plain text, no key on the disk".
//
// Looks at regular files as they are, whatever their names; also for the bytes as hex digits of
// case, which is how a key in a statement or a log would look.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace sotto::test {

struct Finding {
    std::filesystem::path file;
    std::size_t needle;  ///< its position in the list
};

inline std::string hex_digits(std::string_view bytes, const char* digits) {
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

/// Needles of 8 bytes or more; a shorter one stands in any file by accident.
inline std::vector<Finding> search_files(const std::filesystem::path& folder,
                                         std::span<const std::string> needles) {
    std::vector<Finding> findings;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(stream), {}};
        for (std::size_t i = 0; i < needles.size(); ++i) {
            const std::string& needle = needles[i];
            if (content.find(needle) != std::string::npos ||
                content.find(hex_digits(needle, "0123456789abcdef")) != std::string::npos ||
                content.find(hex_digits(needle, "0123456789ABCDEF")) != std::string::npos) {
                findings.push_back({entry.path(), i});
            }
        }
    }
    return findings;
}

}  // namespace sotto::test
