// A counter another thread can raise and a poll loop can wait on (Linux eventfd).
//
// Never blocks. Any thread may signal(); one thread waits on fd() and drains it.
#pragma once

namespace sotto::rendezvous {

class EventFd {
public:
    EventFd();  // aborts when the process has no descriptor left: nothing works without it
    ~EventFd();
    EventFd(const EventFd&) = delete;
    EventFd& operator=(const EventFd&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    void signal() const;
    void drain() const;

private:
    int fd_;
};

}  // namespace sotto::rendezvous
