// Changes on their way to the front end: never lost, and never more than the front end can take.
//
// Producers (the peer's thread, the history reader) append whole turns; the peer's thread asks
// has_room() before it begins one, and stops reading the network when there is none. The one reader
// drains; draining makes room and wakes the peer's thread.
#pragma once

#include "peer/output.hpp"
#include "peer/runtime/bounded_queue.hpp"

#include <functional>
#include <vector>

namespace sotto::peer::runtime {

// A front end that is this far behind has stopped looking: about a minute of a busy conversation.
inline constexpr std::size_t changes_max = 8192;

class ChangeQueue {
public:
    // `room` is signalled when a full queue was drained; `on_changes` is called after each push.
    ChangeQueue(EventFd& room, std::function<void()> on_changes)
        : room_(room), on_changes_(std::move(on_changes)) {}

    void push(std::vector<ViewChange>&& changes) {
        if (changes.empty()) return;
        queue_.push_all(std::move(changes));
        if (on_changes_) on_changes_();
    }
    [[nodiscard]] bool has_room() const { return queue_.has_room(); }

    // The vault locked by itself and nobody has looked: what the front end was to show goes, so
    // that no text stays in memory. Answers and states of the vault stay; all else is told anew by
    // Opened.
    void forget_shown() {
        queue_.erase_if([](const ViewChange& change) {
            return !std::holds_alternative<CommandDone>(change) &&
                   !std::holds_alternative<CommandFailed>(change) &&
                   !std::holds_alternative<VaultChanged>(change);
        });
    }

    [[nodiscard]] std::vector<ViewChange> drain(std::size_t max) {
        wake_.clear();
        auto out = queue_.take(max);
        const std::size_t rest = queue_.size();
        if (rest != 0) wake_.signal();  // the reader took less than there is
        // It was full when we took, if not before: the producer may sleep. Asking before taking
        // would miss a batch pushed in between.
        if (rest + out.size() >= changes_max) room_.signal();
        return out;
    }
    [[nodiscard]] int descriptor() const noexcept { return wake_.descriptor(); }

private:
    EventFd& room_;
    std::function<void()> on_changes_;
    EventFd wake_;
    BoundedQueue<ViewChange> queue_{changes_max, wake_};
};

}  // namespace sotto::peer::runtime
