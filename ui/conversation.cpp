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

void Conversation::take_far_page(const peer::HistoryPage& page) {
    far_page_ = 0;
    if (!loaded_ || page.messages.empty()) {
        return;
    }
    const std::uint64_t newest_known = last_row();
    for (peer::Message& message : messages_) {
        overwrite(message.text);
    }
    messages_.clear();
    for (const peer::Message& message : page.messages) {
        if (messages_.empty() || messages_.back().row < message.row) {
            messages_.push_back(shown(message));
        }
    }
    notices_.clear();
    more_ = page.more;
    newer_ = newer_ || messages_.back().row < newest_known;
    ++revision_;
}

void Conversation::add_page(const peer::HistoryPage& page) {
    if (page.before_row != 0 && page.before_row == far_page_) {
        return take_far_page(page);
    }
    const bool newest = page.before_row == 0;
    // A page below a gap would break the run: only the newest page and the one that ends where the
    // run begins connect. Others are answers to questions that no longer matter.
    if (newest ? loaded_ : (!loaded_ || page.before_row != first_row())) {
        return;
    }
    std::vector<peer::Message> run;
    run.reserve(page.messages.size() + messages_.size());
    const std::uint64_t end = newest ? UINT64_MAX : first_row();
    for (const peer::Message& message : page.messages) {
        if (message.row < end && (run.empty() || run.back().row < message.row)) {
            run.push_back(shown(message));
        }
    }
    std::move(messages_.begin(), messages_.end(), std::back_inserter(run));
    messages_ = std::move(run);
    loaded_ = true;
    more_ = page.more;
    ++revision_;
}

void Conversation::add(const peer::Message& message) {
    if (!loaded_ || (newer_ && message.row > last_row())) {
        return;
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
    const std::uint64_t next = revision_ + 1;
    *this = Conversation{};
    revision_ = next;
}

}  // namespace sotto::ui
