#include "peer/runtime/history_reader.hpp"

#include "peer/runtime/vault_worker.hpp"

namespace sotto::peer::runtime {

namespace {

// The values as an answer's changes: the page itself, then that the command is done.
template <class Page>
std::vector<ViewChange> to_changes(CommandId command,
                                   crypto::Result<Page, store::StoreError>&& page) {
    std::vector<ViewChange> out;
    if (page) {
        out.emplace_back(std::move(*page));
        out.emplace_back(CommandDone{.command = command});
    } else {
        out.emplace_back(
            CommandFailed{.command = command, .error = to_command_error(page.error())});
    }
    return out;
}

}  // namespace

HistoryReader::HistoryReader(store::History history, ChangeQueue& changes)
    : history_(std::move(history)),
      changes_(changes),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
    wake_.signal();  // the index may be behind from last time
}

HistoryReader::~HistoryReader() {
    thread_.request_stop();
    wake_.signal();
    thread_.join();
    for (const auto& request : requests_.take(history_requests_max))
        refuse(request);
}

void HistoryReader::refuse(const HistoryRequest& request) {
    std::vector<ViewChange> out;
    out.emplace_back(
        CommandFailed{.command = request.command, .error = CommandError::not_unlocked});
    changes_.push(std::move(out));
}

void HistoryReader::index_soon() noexcept {
    index_wanted_ = true;
    wake_.signal();
}

void HistoryReader::run(const std::stop_token& stop) {
    history_.stop_when(stop);  // a lock waits for no search
    while (!stop.stop_requested()) {
        wake_.wait();
        wake_.clear();
        for (const auto& request : requests_.take(history_requests_max)) {
            stop.stop_requested() ? refuse(request) : answer(request);
        }
        index_while_idle(stop);
    }
}

void HistoryReader::answer(const HistoryRequest& request) {
    if (const auto* load = std::get_if<LoadHistory>(&request.what)) {
        changes_.push(to_changes(request.command, history_.page_around(load->peer, load->before_row,
                                                                       load->limit, load->newer)));
    } else if (const auto* search = std::get_if<SearchHistory>(&request.what)) {
        changes_.push(to_changes(request.command,
                                 history_.search(search->query, search->peer, search->limit)));
    }
}

void HistoryReader::index_while_idle(const std::stop_token& stop) {
    if (!index_wanted_.exchange(false)) return;
    while (!stop.stop_requested() && requests_.empty()) {
        const auto more = history_.index_batch();
        if (!more || !*more)
            return;  // up to date; or the index is unusable, and search does without
    }
    index_soon();  // somebody asked for a page in between
}

}  // namespace sotto::peer::runtime
