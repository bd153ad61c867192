#include "peer/cli/line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sotto::peer::cli {

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;  // a pipe's own size: one read empties it

}  // namespace

void LineReader::fill() {
    // Everything before begin_ was taken: move the rest to the front, so the buffer stays bounded.
    const auto taken = static_cast<std::ptrdiff_t>(begin_);
    buffer_.erase(buffer_.begin(), buffer_.begin() + taken);
    scanned_ -= begin_;
    begin_ = 0;

    const std::size_t old_size = buffer_.size();
    buffer_.resize(old_size + chunk_bytes);
    const auto got = ::read(descriptor_, buffer_.data() + old_size, chunk_bytes);
    buffer_.resize(old_size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const bool try_again = got < 0 && (errno == EINTR || errno == EAGAIN);
    if (got <= 0 && !try_again) ended_ = true;
}

std::optional<Line> LineReader::cut(std::size_t end, std::size_t skip) {
    const bool drop = std::exchange(skipping_, false);
    const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
    const auto last = buffer_.begin() + static_cast<std::ptrdiff_t>(end);
    Line line;
    line.too_long = !drop && end - begin_ > line_bytes_max;
    if (!drop && !line.too_long) line.text.assign(first, last);
    // It may have been a password or a text: the buffer lives on, the line in it does not.
    crypto::wipe(std::span(buffer_).subspan(begin_, end - begin_));
    begin_ = end + skip;
    scanned_ = begin_;
    return drop ? next() : std::optional(std::move(line));
}

std::optional<Line> LineReader::next() {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(scanned_);
    const auto newline = std::find(from, buffer_.end(), std::uint8_t{'\n'});
    if (newline != buffer_.end()) {
        return cut(static_cast<std::size_t>(newline - buffer_.begin()), 1);
    }
    scanned_ = buffer_.size();
    if (ended_ && begin_ < buffer_.size()) return cut(buffer_.size(), 0);
    if (buffer_.size() - begin_ <= line_bytes_max) return std::nullopt;
    // Too long already: say so once, forget it, and skip what still comes of it.
    begin_ = scanned_ = buffer_.size();
    if (std::exchange(skipping_, true)) return std::nullopt;
    return Line{.text = {}, .too_long = true};
}

}  // namespace sotto::peer::cli
