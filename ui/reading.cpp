#include "ui/reading.hpp"

#include <imgui.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sotto::ui {
namespace {

constexpr float jump_shown_at = 0.4F;     // a message that was found, with what was said before
constexpr float marker_shown_at = 0.25F;  // of the viewport, when a conversation opens at it

bool is_watched(const UiState& ui) {
    return ui.focused && ui.visible && ui.dialog == Dialog::none;
}

std::optional<std::uint64_t> first_unseen(const Conversation& conversation,
                                          std::uint64_t seen_row) {
    for (const peer::Message& message : conversation.messages()) {
        if (!message.outgoing && !message.read_locally && message.row > seen_row) {
            return message.row;
        }
    }
    return std::nullopt;
}

void apply_diff(Thread& thread, const std::vector<TimelineRow>& rows) {
    const RowDiff diff = diff_rows(thread.rows, rows);
    if (diff.erased > 0) {
        thread.list.rows_erased(diff.at, diff.erased);
    }
    if (diff.inserted > 0) {
        thread.list.rows_inserted(diff.at, diff.inserted);
    }
    for (const std::size_t row : diff.changed) {
        thread.list.row_changed(row);
    }
}

void rebuild_rows(const UiState& ui, const TimelineScene& scene) {
    Thread& thread = scene.thread;
    const std::uint64_t revision = scene.conversation.revision();
    const bool same = thread.rows_revision == revision && thread.rows_day == ui.today.day_number &&
                      thread.rows_unread_from == thread.unread_from &&
                      thread.rows_typing == scene.entry.typing;
    if (same) {
        return;
    }
    std::vector<TimelineRow> rows = build_timeline(
        scene.conversation, {.unread_from = thread.unread_from, .typing = scene.entry.typing},
        [](peer::WallTime at) { return local_time(at).day_number; });
    if (thread.rows.empty() || thread.list.heights().size() != thread.rows.size()) {
        thread.list.reset();
    } else {
        if (thread.rows_end_in_past) {
            thread.list.scroll_by(0.0);  // else it would follow page after page to the newest
        }
        apply_diff(thread, rows);
    }
    thread.rows_end_in_past = scene.conversation.newer();
    thread.rows = std::move(rows);
    thread.rows_revision = revision;
    thread.rows_day = ui.today.day_number;
    thread.rows_unread_from = thread.unread_from;
    thread.rows_typing = scene.entry.typing;
}

void scroll_to_marker(Thread& thread) {
    const auto at = std::find_if(thread.rows.begin(), thread.rows.end(), [](const TimelineRow& r) {
        return r.kind == RowKind::unread_marker;
    });
    if (at != thread.rows.end()) {
        thread.list.scroll_to_row(static_cast<std::size_t>(at - thread.rows.begin()),
                                  marker_shown_at);
    }
}

void follow_jump(Thread& thread) {
    if (thread.jump_row == 0) {
        return;
    }
    const auto at = std::find_if(thread.rows.begin(), thread.rows.end(), [&](const TimelineRow& r) {
        return r.kind == RowKind::message && r.key == thread.jump_row;
    });
    if (at == thread.rows.end()) {
        return;  // its page is on the way
    }
    thread.list.scroll_to_row(static_cast<std::size_t>(at - thread.rows.begin()), jump_shown_at);
    thread.flash_row = std::exchange(thread.jump_row, 0);
    thread.flash_since_s = ImGui::GetTime();
}

// Where the "new messages" line stands. It appears when a conversation is opened or while nobody
// looks, and stays until the person answers or leaves.
void place_marker(const UiState& ui, const TimelineScene& scene) {
    Thread& thread = scene.thread;
    const std::vector<peer::Message>& messages = scene.conversation.messages();
    const bool watched = is_watched(ui);
    if (!thread.entered && scene.conversation.loaded()) {
        thread.entered = true;
        thread.unread_from = first_unseen(scene.conversation, thread.seen_row);
        rebuild_rows(ui, scene);
        scroll_to_marker(thread);
    }
    if (thread.watched && !watched && thread.seen_row >= scene.conversation.last_row()) {
        thread.unread_from.reset();  // all was seen: the next one is the first new one
    }
    const bool looking_at_end = watched && thread.list.at_end();
    if (!thread.unread_from && !looking_at_end) {
        thread.unread_from = first_unseen(scene.conversation, thread.seen_row);
    }
    if (thread.unread_from && !messages.empty() && messages.back().outgoing &&
        messages.back().row > *thread.unread_from) {
        thread.unread_from.reset();  // they answered
    }
    thread.watched = watched;
}

}  // namespace

std::size_t count_unseen(const Conversation& conversation, std::uint64_t seen_row) {
    const std::vector<peer::Message>& messages = conversation.messages();
    return static_cast<std::size_t>(std::count_if(
        messages.begin(), messages.end(),
        [&](const peer::Message& message) { return !message.outgoing && message.row > seen_row; }));
}

void follow_reading(const UiState& ui, const TimelineScene& scene) {
    place_marker(ui, scene);
    rebuild_rows(ui, scene);
    follow_jump(scene.thread);
}

void note_what_was_seen(UiState& ui, const TimelineScene& scene) {
    Thread& thread = scene.thread;
    if (!is_watched(ui) || thread.rows.empty()) {
        return;
    }
    const std::size_t last = std::min(thread.list.last_visible(), thread.rows.size() - 1);
    for (std::size_t i = last + 1; i-- > 0;) {
        if (thread.rows[i].kind == RowKind::message) {
            thread.seen_row = std::max(thread.seen_row, thread.rows[i].key);
            break;
        }
    }
    const std::vector<peer::Message>& messages = scene.conversation.messages();
    const auto unread = std::find_if(messages.rbegin(), messages.rend(), [&](const auto& message) {
        return message.row <= thread.seen_row && !message.outgoing;
    });
    const bool news =
        unread != messages.rend() && !unread->read_locally && unread->row > thread.marked_row;
    // To someone who was not accepted, nothing is said about what was read here; the engine knows.
    if (news) {
        thread.marked_row = unread->row;
        ui.post({}, peer::MarkRead{
                        .peer = scene.entry.contact.account, .row = unread->row, .command = 0});
    }
}

}  // namespace sotto::ui
