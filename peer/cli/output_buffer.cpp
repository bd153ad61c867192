#include "peer/cli/output_buffer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace sotto::peer::cli {

bool OutputBuffer::wait_writable(int timeout_ms) const {
    pollfd item{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    return ::poll(&item, 1, timeout_ms) > 0;
}

void OutputBuffer::flush() {
    // A pipe that poll() calls writable takes PIPE_BUF bytes without blocking, not more.
    while (!empty() && !broken_ && wait_writable(0)) {
        const std::size_t count = std::min<std::size_t>(buffer_.size() - begin_, PIPE_BUF);
        const auto written = ::write(descriptor_, buffer_.data() + begin_, count);
        if (written < 0) {
            broken_ = errno != EINTR && errno != EAGAIN;
            if (broken_) begin_ = buffer_.size();
            break;
        }
        begin_ += static_cast<std::size_t>(written);
    }
    // What is written is forgotten when nothing is left, or when it would take more room than the
    // rest.
    if (empty() || begin_ > output_bytes_max) {
        crypto::wipe(std::span(buffer_).first(begin_));
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
    }
}

void OutputBuffer::finish(int patience_ms) {
    while (!empty() && !broken_ && wait_writable(patience_ms))
        flush();
}

}  // namespace sotto::peer::cli
