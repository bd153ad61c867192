#include "ui/edit_buffer.hpp"

#include "ui/utf8.hpp"

#include <string.h>
#include <algorithm>
#include <utility>

namespace sotto::ui {

namespace {

// More history than a person remembers, little enough to forget about its memory.
constexpr std::size_t changes_max = 300;

[[nodiscard]] bool is_acceptable(const Decoded& d) {
    const char32_t c = d.code_point;
    return d.well_formed && (c == '\n' || (c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0)));
}

// Calls `take` for each stretch of text without control characters and broken bytes.
template <class Take>
void for_each_clean_run(std::string_view text, Take take) {
    std::size_t run = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Decoded d = decode_utf8(text, at);
        if (!is_acceptable(d)) {
            take(text.substr(run, at - run));
            if (d.code_point == '\t') {
                take(" ");
            }
            run = at + d.length;
        }
        at += d.length;
    }
    take(text.substr(run));
}

}  // namespace

EditBuffer::EditBuffer(std::size_t bytes_max, Secrecy secrecy)
    : bytes_max_(bytes_max), secrecy_(secrecy) {
    if (secret()) {
        text_.reserve(bytes_max + 1);  // never moves again: no copy is left behind
    }
}

EditBuffer::~EditBuffer() {
    if (secret()) {
        text_.clear();
        wipe_unused();
    }
}

void EditBuffer::wipe_unused() {
    if (secret()) {
        // Bytes between size and capacity belong to the string; resizing makes touching them legal.
        const std::size_t used = text_.size();
        text_.resize(text_.capacity());
        explicit_bzero(text_.data() + used, text_.size() - used);
        text_.resize(used);
    }
}

TextSpan EditBuffer::selection() const {
    return {static_cast<std::uint32_t>(std::min(caret_, anchor_)),
            static_cast<std::uint32_t>(std::max(caret_, anchor_))};
}

std::string_view EditBuffer::selected() const {
    const TextSpan s = selection();
    return secret() ? std::string_view{} : text().substr(s.begin, s.end - s.begin);
}

void EditBuffer::set_text(std::string_view text) {
    text_.clear();
    undo_.clear();
    redo_.clear();
    caret_ = 0;
    anchor_ = 0;
    typing_ = false;
    insert(text);
    undo_.clear();
    typing_ = false;
    wipe_unused();
    ++revision_;
}

bool EditBuffer::insert(std::string_view text) {
    std::size_t length = 0;
    for_each_clean_run(text, [&](std::string_view run) { length += run.size(); });
    const TextSpan span = selection();
    if (length == 0 && !text.empty()) {
        return true;  // nothing but control characters
    }
    if (text_.size() - (span.end - span.begin) + length > bytes_max_) {
        return false;
    }
    if (secret()) {
        replace(span.begin, span.end, {});
        for_each_clean_run(text, [&](std::string_view run) { replace(caret_, caret_, run); });
        return true;
    }
    std::string clean;
    clean.reserve(length);
    for_each_clean_run(text, [&](std::string_view run) { clean += run; });
    replace(span.begin, span.end, clean);
    return true;
}

bool EditBuffer::replace(std::size_t begin, std::size_t end, std::string_view with) {
    if (begin == end && with.empty()) {
        return false;
    }
    if (!secret()) {
        remember({begin, text_.substr(begin, end - begin), std::string(with), caret_, anchor_});
    }
    text_.replace(begin, end - begin, with);
    wipe_unused();
    caret_ = begin + with.size();
    anchor_ = caret_;
    ++revision_;
    return true;
}

void EditBuffer::remember(Change change) {
    redo_.clear();
    const bool typed = change.removed.empty() && change.inserted != "\n" &&
                       next_grapheme(change.inserted, 0) == change.inserted.size();
    if (typed && typing_ && !undo_.empty()) {
        Change& last = undo_.back();
        const bool adjacent = last.at + last.inserted.size() == change.at;
        const bool new_word = last.inserted.ends_with(' ') && change.inserted != " ";
        if (adjacent && !new_word) {
            last.inserted += change.inserted;
            return;
        }
    }
    typing_ = typed;
    undo_.push_back(std::move(change));
    if (undo_.size() > changes_max) {
        undo_.erase(undo_.begin());
    }
}

void EditBuffer::apply(const Change& change, bool forward) {
    const std::string& out = forward ? change.removed : change.inserted;
    const std::string& in = forward ? change.inserted : change.removed;
    text_.replace(change.at, out.size(), in);
    if (forward) {
        caret_ = change.at + in.size();
        anchor_ = caret_;
    } else {
        caret_ = change.caret_before;
        anchor_ = change.anchor_before;
    }
    typing_ = false;
    ++revision_;
}

void EditBuffer::undo() {
    if (can_undo()) {
        redo_.push_back(std::move(undo_.back()));
        undo_.pop_back();
        apply(redo_.back(), false);
    }
}

void EditBuffer::redo() {
    if (can_redo()) {
        undo_.push_back(std::move(redo_.back()));
        redo_.pop_back();
        apply(undo_.back(), true);
    }
}

void EditBuffer::erase_selection() {
    const TextSpan s = selection();
    replace(s.begin, s.end, {});
}

void EditBuffer::erase_backward() {
    if (has_selection()) {
        erase_selection();
    } else {
        replace(previous_grapheme(text_, caret_), caret_, {});
    }
}

void EditBuffer::erase_forward() {
    if (has_selection()) {
        erase_selection();
    } else if (caret_ < text_.size()) {
        replace(caret_, next_grapheme(text_, caret_), {});
    }
}

void EditBuffer::erase_word_backward() {
    if (!has_selection()) {
        // Word borders of a password would tell something about it.
        anchor_ = secret() ? 0 : previous_word(text_, caret_);
    }
    erase_selection();
}

void EditBuffer::erase_word_forward() {
    if (!has_selection()) {
        anchor_ = secret() ? text_.size() : next_word(text_, caret_);
    }
    erase_selection();
}

std::size_t EditBuffer::snap(std::size_t offset) const {
    if (offset == 0 || offset >= text_.size()) {
        return std::min(offset, text_.size());
    }
    const std::size_t before = previous_grapheme(text_, offset);
    return next_grapheme(text_, before) == offset ? offset : before;
}

void EditBuffer::move_to(std::size_t offset, Select select) {
    caret_ = snap(offset);
    if (select == Select::no) {
        anchor_ = caret_;
    }
    typing_ = false;
}

void EditBuffer::move_forward(Select select) {
    if (select == Select::no && has_selection()) {
        move_to(selection().end, select);
    } else if (caret_ < text_.size()) {
        move_to(next_grapheme(text_, caret_), select);
    }
}

void EditBuffer::move_backward(Select select) {
    if (select == Select::no && has_selection()) {
        move_to(selection().begin, select);
    } else {
        move_to(previous_grapheme(text_, caret_), select);
    }
}

void EditBuffer::move_word_forward(Select select) {
    move_to(secret() ? text_.size() : next_word(text_, caret_), select);
}

void EditBuffer::move_word_backward(Select select) {
    move_to(secret() ? 0 : previous_word(text_, caret_), select);
}

void EditBuffer::select_all() {
    anchor_ = 0;
    caret_ = text_.size();
    typing_ = false;
}

void EditBuffer::select_word_at(std::size_t offset) {
    if (secret()) {
        select_all();
        return;
    }
    const TextSpan span = word_at(text_, offset);
    anchor_ = span.begin;
    caret_ = span.end;
    typing_ = false;
}

}  // namespace sotto::ui
