#include "ui/conversation.hpp"

#include "ui/sanitise.hpp"

#include <algorithm>
#include <iterator>

namespace sotto::ui {
namespace {

peer::Message shown(peer::Message message) {
    message.text = sanitise_message(message.text);
    return message;
}

bool before(const peer::Message& message, std::uint64_t row) {
    return message.row < row;
}

}  // namespace

void overwrite(std::string& text) {
    volatile char* bytes = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) {
        bytes[i] = 0;
    }
    text.clear();
}

std::uint64_t Conversation::last_row() const {
    return messages_.empty() ? 0 : messages_.back().row;
}

std::uint64_t Conversation::first_row() const {
    return messages_.empty() ? 0 : messages_.front().row;
}

std::uint32_t Conversation::unread() const {
    return static_cast<std::uint32_t>(std::count_if(
        messages_.begin(), messages_.end(),
        [](const peer::Message& message) { return !message.outgoing && !message.read_locally; }));
}

bool Conversation::has_row(std::uint64_t row) const {
    const auto at = std::lower_bound(messages_.begin(), messages_.end(), row, before);
    return at != messages_.end() && at->row == row;
}

void Conversation::append(const peer::HistoryPage& page) {
    for (const peer::Message& message : page.messages) {
        if (message.row > last_row()) {
            messages_.push_back(shown(message));
        }
    }
}

void Conversation::append_unless_there(const std::vector<peer::Message>& messages) {
    for (const peer::Message& message : messages) {
        if (message.row > last_row()) {
            messages_.push_back(message);
        }
    }
}

void Conversation::take_far_page(const peer::HistoryPage& page) {
    far_page_ = 0;
    if (!loaded_ || page.messages.empty()) {
        return;
    }
    std::vector<peer::Message> before_it = std::move(messages_);
    messages_.clear();
    append(page);
    // A page that reaches the newest message continues with what has arrived since it was read.
    if (!page.more_newer && !newer_) {
        append_unless_there(before_it);
    }
    for (peer::Message& message : before_it) {
        overwrite(message.text);
    }
    notices_.clear();
    more_ = page.more;
    newer_ = page.more_newer;
    ++revision_;
}

// Follows the run that ends in the past.
void Conversation::take_newer_page(const peer::HistoryPage& page) {
    if (!newer_ || page.before_row != last_row() + 1) {
        return;
    }
    append(page);
    newer_ = page.more_newer;
    drop_oldest();
    ++revision_;
}

void Conversation::take_newest_page(const peer::HistoryPage& page) {
    append(page);
    append_unless_there(early_);
    for (peer::Message& message : early_) {
        overwrite(message.text);
    }
    early_.clear();
    loaded_ = true;
    more_ = page.more;
    ++revision_;
}

void Conversation::take_older_page(const peer::HistoryPage& page) {
    std::vector<peer::Message> run;
    run.reserve(page.messages.size() + messages_.size());
    for (const peer::Message& message : page.messages) {
        if (message.row < first_row() && (run.empty() || run.back().row < message.row)) {
            run.push_back(shown(message));
        }
    }
    std::move(messages_.begin(), messages_.end(), std::back_inserter(run));
    messages_ = std::move(run);
    more_ = page.more;
    ++revision_;
}

// A page beside a gap would break the run: only the newest page and those that begin or end where
// the run does connect. Others are answers to questions that no longer matter.
void Conversation::add_page(const peer::HistoryPage& page) {
    if (page.before_row != 0 && page.before_row == far_page_) {
        return take_far_page(page);
    }
    if (page.before_row == 0) {
        if (!loaded_) take_newest_page(page);
        return;
    }
    if (!loaded_) {
        return;
    }
    if (page.newer > 0) {
        take_newer_page(page);
    } else if (page.before_row == first_row()) {
        take_older_page(page);
    }
}

void Conversation::add(const peer::Message& message) {
    if (!loaded_) {
        if (early_.size() < early_max) early_.push_back(shown(message));
        return;
    }
    if (newer_ && message.row > last_row()) {
        return;  // on the disk, below the end of the run
    }
    const auto at = std::lower_bound(messages_.begin(), messages_.end(), message.row, before);
    if (at == messages_.begin() && more_ && !messages_.empty() && at->row != message.row) {
        return;  // older than the run: it belongs to a page that was not fetched yet
    }
    if (at != messages_.end() && at->row == message.row) {
        *at = shown(message);
    } else {
        messages_.insert(at, shown(message));
        drop_oldest();
    }
    ++revision_;
}

void Conversation::drop_oldest() {
    if (messages_.size() <= messages_max) {
        return;
    }
    const auto end = messages_.begin() + static_cast<std::ptrdiff_t>(messages_dropped);
    messages_.erase(messages_.begin(), end);
    more_ = true;
}

const peer::Message* Conversation::set_state(const peer::MessageStateChanged& change) {
    const auto at =
        std::find_if(messages_.rbegin(), messages_.rend(),
                     [&](const peer::Message& message) { return message.id == change.id; });
    if (at == messages_.rend()) {
        return nullptr;
    }
    at->state = change.state;
    at->failure = change.failure;
    ++revision_;
    return &*at;
}

void Conversation::read_up_to(std::uint64_t row) {
    for (peer::Message& message : messages_) {
        if (message.row <= row && !message.outgoing) {
            message.read_locally = true;
        }
    }
    ++revision_;
}

void Conversation::add_notice(PresenceNotice notice) {
    if (!loaded_ || newer_) {
        return;
    }
    notice.after_row = last_row();
    // Coming and going without a word in between: only how it ended matters.
    if (!notices_.empty() && notices_.back().after_row == notice.after_row) {
        notices_.pop_back();
    }
    if (notices_.size() == notices_max) {
        notices_.erase(notices_.begin());
    }
    notices_.push_back(notice);
    ++revision_;
}

void Conversation::forget() {
    for (peer::Message& message : messages_) {
        overwrite(message.text);
    }
    for (peer::Message& message : early_) {
        overwrite(message.text);
    }
    const std::uint64_t next = revision_ + 1;
    *this = Conversation{};
    revision_ = next;
}

}  // namespace sotto::ui
