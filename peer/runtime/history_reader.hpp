// Reads history for the front end, and keeps the search index up to date, beside the peer's thread.
//
// A thread of its own with a database connection of its own: a search over a million messages
// delays no message. Answers go straight into the queue of changes, page before CommandDone. Lives
// exactly as long as the vault is open, and must be gone before the Profile.
#pragma once

#include "peer/input.hpp"
#include "peer/output.hpp"
#include "peer/runtime/bounded_queue.hpp"
#include "peer/runtime/change_queue.hpp"
#include "peer/store/history.hpp"

#include <atomic>
#include <stop_token>
#include <thread>
#include <variant>

namespace sotto::peer::runtime {

// Pages asked for and not read yet; a person scrolls through one or two.
inline constexpr std::size_t history_requests_max = 64;

struct HistoryRequest {
    CommandId command = 0;
    std::variant<LoadHistory, SearchHistory> what;
};

class HistoryReader {
public:
    HistoryReader(store::History history, ChangeQueue& changes);
    HistoryReader(const HistoryReader&) = delete;
    HistoryReader& operator=(const HistoryReader&) = delete;
    ~HistoryReader();

    // False: too many wait already; the request is untouched.
    [[nodiscard]] bool ask(HistoryRequest&& request) { return requests_.push(std::move(request)); }
    // There are messages the index does not know yet: it takes them in when nothing else is asked.
    void index_soon() noexcept;

private:
    void run(const std::stop_token& stop);
    void answer(const HistoryRequest& request);
    void refuse(const HistoryRequest& request);
    void index_while_idle(const std::stop_token& stop);

    store::History history_;
    ChangeQueue& changes_;
    EventFd wake_;
    BoundedQueue<HistoryRequest> requests_{history_requests_max, wake_};
    std::atomic<bool> index_wanted_{true};
    std::jthread thread_;  // last: starts when everything else is there
};

}  // namespace sotto::peer::runtime
