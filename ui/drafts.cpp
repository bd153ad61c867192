#include "ui/drafts.hpp"

#include <algorithm>

namespace sotto::ui {
namespace {

// A commit for each pause in the typing, not for each letter.
constexpr double pause_s = 1.0;

void post_draft(UiState& ui, const AccountId& account, Thread& thread) {
    DraftState& draft = thread.draft;
    draft.posted = thread.composer.buffer().revision();
    draft.saving = true;
    draft.refused.reset();
    ui.post({.purpose = Purpose::draft, .account = account, .text = {}},
            peer::SaveDraft{.peer = account, .text = thread.composer.text()});
}

// Emptied before the disk heard of it: there is nothing to tell.
void settle_empty(Thread& thread) {
    if (thread.composer.buffer().empty() && !thread.draft.stored && !thread.draft.saving) {
        thread.draft.saved = thread.composer.buffer().revision();
    }
}

}  // namespace

bool is_unsaved(const Thread& thread) {
    return thread.draft.saved != thread.composer.buffer().revision();
}

double follow_drafts(UiState& ui, double now_s) {
    double wake_s = 0.0;
    for (auto& [account, thread] : ui.threads) {
        DraftState& draft = thread->draft;
        const std::size_t revision = thread->composer.buffer().revision();
        settle_empty(*thread);
        if (draft.seen != revision) {
            draft.seen = revision;
            draft.changed_at_s = now_s;
        }
        if (!is_unsaved(*thread) || draft.saving || draft.refused == revision) {
            continue;
        }
        const double left_s = draft.changed_at_s + pause_s - now_s;
        if (left_s <= 0.0) {
            post_draft(ui, account, *thread);
        } else {
            wake_s = wake_s == 0.0 ? left_s : std::min(wake_s, left_s);
        }
    }
    return wake_s;
}

void save_drafts_now(UiState& ui) {
    for (auto& [account, thread] : ui.threads) {
        settle_empty(*thread);
        const std::size_t revision = thread->composer.buffer().revision();
        const bool under_way = thread->draft.saving && thread->draft.posted == revision;
        if (is_unsaved(*thread) && !under_way) {
            post_draft(ui, account, *thread);
        }
    }
}

void restore_draft(UiState& ui, const AccountId& account, std::string_view text) {
    Thread& thread = ui.thread(account);
    thread.composer.buffer().set_text(text);
    thread.draft.stored = true;
    thread.draft.saved = thread.composer.buffer().revision();
    thread.draft.seen = thread.draft.saved;
}

void draft_saved(UiState& ui, const AccountId& account) {
    Thread* thread = ui.find_thread(account);
    if (thread == nullptr) {
        return;
    }
    thread->draft.saving = false;
    thread->draft.saved = thread->draft.posted;
    thread->draft.stored = true;
}

void draft_not_saved(UiState& ui, const AccountId& account) {
    Thread* thread = ui.find_thread(account);
    if (thread == nullptr) {
        return;
    }
    thread->draft.saving = false;
    thread->draft.refused = thread->draft.posted;
}

LastDrafts last_drafts(const UiState& ui) {
    LastDrafts out = LastDrafts::saved;
    for (const auto& [account, thread] : ui.threads) {
        if (!is_unsaved(*thread)) {
            continue;
        }
        if (!thread->draft.saving) {
            return LastDrafts::lost;
        }
        out = LastDrafts::under_way;
    }
    return out;
}

}  // namespace sotto::ui
