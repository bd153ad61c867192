#include "peer/runtime/normalise.hpp"

#include <utf8proc.h>

#include <vector>

namespace sotto::peer::runtime {

std::optional<crypto::SecretBytes> normalise_password(crypto::ByteView utf8) {
    if (utf8.empty() || utf8.size() > password_bytes_max) return std::nullopt;
    for (const std::uint8_t byte : utf8) {
        if (byte < 0x20 || byte == 0x7f) return std::nullopt;
    }
    constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    // utf8proc_NFC() would leave copies in memory nobody wipes; so decompose into our own.
    std::vector<utf8proc_int32_t, crypto::WipingAllocator<utf8proc_int32_t>> points(
        utf8.size() * 4 + 1);  // NFD of one byte gives at most 4 characters; the last is re-used
    const auto count =
        utf8proc_decompose(utf8.data(), static_cast<utf8proc_ssize_t>(utf8.size()), points.data(),
                           static_cast<utf8proc_ssize_t>(points.size()), options);
    if (count <= 0 || static_cast<std::size_t>(count) >= points.size()) return std::nullopt;
    const auto size = utf8proc_reencode(points.data(), count, options);  // in place, as UTF-8
    if (size <= 0) return std::nullopt;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(points.data());
    return crypto::SecretBytes(bytes, bytes + size);
}

}  // namespace sotto::peer::runtime
