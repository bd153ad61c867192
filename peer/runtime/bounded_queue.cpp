#include "peer/runtime/bounded_queue.hpp"

#include "crypto/result.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace sotto::peer::runtime {

EventFd::EventFd() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    crypto::ensure(descriptor_ >= 0, "an event descriptor");
}

EventFd::~EventFd() {
    ::close(descriptor_);
}

void EventFd::signal() noexcept {
    const std::uint64_t one = 1;
    // Fails only when the counter is full: then it is readable already.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof(one));
}

void EventFd::clear() noexcept {
    std::uint64_t count = 0;
    // Fails only when it was not signalled.
    [[maybe_unused]] const auto got = ::read(descriptor_, &count, sizeof(count));
}

void EventFd::wait() noexcept {
    pollfd item{.fd = descriptor_, .events = POLLIN, .revents = 0};
    while (::poll(&item, 1, -1) < 0 && errno == EINTR) {
    }
}

}  // namespace sotto::peer::runtime
