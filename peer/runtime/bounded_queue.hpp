// The only thing two threads share: a queue with a limit, and a descriptor that wakes the reader.
//
// EventFd       readable from signal() until clear(); any thread.
// BoundedQueue  first in, first out; push() by any thread, take() by one. A full queue refuses and
//               the caller keeps what it has: nothing is lost silently.
#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace sotto::peer::runtime {

class EventFd {
public:
    // No descriptor left at start-up aborts: without it no thread could wake another.
    EventFd();
    EventFd(const EventFd&) = delete;
    EventFd& operator=(const EventFd&) = delete;
    ~EventFd();

    void signal() noexcept;
    void clear() noexcept;
    // Returns when signalled. For threads that have nothing else to wait for.
    void wait() noexcept;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

template <class T>
class BoundedQueue {
public:
    BoundedQueue(std::size_t limit, EventFd& wake) : limit_(limit), wake_(wake) {}

    // False: full, and `item` is untouched.
    [[nodiscard]] bool push(T&& item) {
        {
            const std::lock_guard lock(mutex_);
            if (items_.size() >= limit_) return false;
            items_.push_back(std::move(item));
        }
        wake_.signal();
        return true;
    }
    // Beyond the limit too: for a producer that asks has_room() before it starts its batch.
    void push_all(std::vector<T>&& items) {
        if (items.empty()) return;
        {
            const std::lock_guard lock(mutex_);
            items_.insert(items_.end(), std::make_move_iterator(items.begin()),
                          std::make_move_iterator(items.end()));
        }
        wake_.signal();
    }
    // Up to `max` items, the oldest first. Clear the wake-up before, never after.
    [[nodiscard]] std::vector<T> take(std::size_t max) {
        const std::lock_guard lock(mutex_);
        std::vector<T> out;
        const std::size_t count = items_.size() < max ? items_.size() : max;
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back(std::move(items_.front()));
            items_.pop_front();
        }
        return out;
    }
    template <class Judge>
    void erase_if(Judge judge) {
        const std::lock_guard lock(mutex_);
        std::erase_if(items_, judge);
    }
    [[nodiscard]] bool has_room() const {
        const std::lock_guard lock(mutex_);
        return items_.size() < limit_;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }
    [[nodiscard]] bool empty() const { return size() == 0; }

private:
    const std::size_t limit_;
    EventFd& wake_;
    mutable std::mutex mutex_;
    std::deque<T> items_;
};

}  // namespace sotto::peer::runtime
