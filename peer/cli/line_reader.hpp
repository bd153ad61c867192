// Lines from a descriptor, each with a limit, without ever blocking.
//
// Bytes may be typed passwords, so the buffer wipes itself. A line longer than the limit is
// reported once as too long and skipped to its end; the program goes on with the next one. The last
// line counts also without a newline. Refuses nothing else: what the bytes mean is the caller's
// business.
#pragma once

#include "crypto/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sotto::peer::cli {

// The longest text (32 KiB) with every character escaped as \uXXXX, and room for the rest.
inline constexpr std::size_t line_bytes_max = 256 * 1024;

struct Line {
    crypto::SecretBytes text;  // without the newline
    bool too_long = false;     // `text` is empty then
};

class LineReader {
public:
    explicit LineReader(int descriptor) : descriptor_(descriptor) {}

    // Reads what there is now. Call when poll() says there is something.
    void fill();
    // The next complete line, nothing when there is none yet.
    [[nodiscard]] std::optional<Line> next();
    // The descriptor ended (or failed) and every line was taken.
    [[nodiscard]] bool is_over() const noexcept { return ended_ && begin_ == buffer_.size(); }

private:
    [[nodiscard]] std::optional<Line> cut(std::size_t end, std::size_t skip);

    int descriptor_;
    crypto::SecretBytes buffer_;
    std::size_t begin_ = 0;    // of the first line not taken yet
    std::size_t scanned_ = 0;  // no newline before this
    bool skipping_ = false;    // inside a line that was too long
    bool ended_ = false;
};

}  // namespace sotto::peer::cli
