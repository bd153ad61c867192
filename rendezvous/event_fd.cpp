#include "rendezvous/event_fd.hpp"

#include "crypto/result.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace sotto::rendezvous {

EventFd::EventFd() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    crypto::ensure(fd_ >= 0, "an eventfd could be made");
}

EventFd::~EventFd() {
    close(fd_);
}

void EventFd::signal() const {
    // Fails only when the counter is full, and then the reader wakes up anyway.
    [[maybe_unused]] const int result = eventfd_write(fd_, 1);
}

void EventFd::drain() const {
    eventfd_t value = 0;
    [[maybe_unused]] const int result = eventfd_read(fd_, &value);  // EAGAIN: nothing was raised
}

}  // namespace sotto::rendezvous
