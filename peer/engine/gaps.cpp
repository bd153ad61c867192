// Conversation, second part: messages of a contact that have not come.
#include "peer/engine/conversation.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {

// A hole is told of an hour after it was seen, and once. Numbers that jump leave a hole nobody ever
// wrote into (docs/protocol-envelope.md, "Sent again").
void Conversation::gaps_due(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    PeerDevice* device = contacts_.find(peer);
    if (device == nullptr) return;
    const std::uint64_t seen_up_to = std::exchange(device->gaps_seen_up_to, 0);
    if (record->view.state != ContactState::accepted) return;
    std::uint64_t missing = 0;
    std::uint64_t follows = 1;  // the number after the range before
    for (const wire::SeqRange& range : device->received.ranges()) {
        const std::uint64_t hole = range.first - follows;
        const bool news = range.first > device->gaps_told_up_to && range.first <= seen_up_to;
        if (news && hole < row_step / 2) missing += hole;
        follows = range.last + 1;
    }
    device->gaps_told_up_to = std::max(device->gaps_told_up_to, seen_up_to);
    contacts_.touch(*record);
    if (missing > 0) notice(turn, *record, {.kind = NoticeKind::missing, .count = missing});
    watch_gaps(turn, *device, peer);
}

void Conversation::watch_gaps(Turn& turn, PeerDevice& device, const DeviceAddress& peer) {
    const auto& ranges = device.received.ranges();
    const bool hole =
        !ranges.empty() && ranges.back().first > 1 && ranges.back().first > device.gaps_told_up_to;
    const TimerId id = timer(TimerKind::gaps, peer);
    if (timers_.running(id)) return;
    if (!hole) {
        device.gaps_seen_up_to = 0;  // it was filled, perhaps in another process
        return;
    }
    if (device.gaps_seen_up_to == 0) {
        device.gaps_seen_up_to = ranges.back().first;
        device.gaps_seen_ms = turn.believed_ms;
        contacts_.touch(*contacts_.find(peer.account));
    }
    timers_.set(id, turn.after(gap_patience_ms));
}

void Conversation::hurry_gaps(Turn& turn) {
    for (const auto& [account, record] : contacts_.all()) {
        for (const auto& [id, device] : record.devices) {
            const TimerId due = timer(TimerKind::gaps, {.account = account, .device = id});
            if (device.gaps_seen_up_to == 0 || !timers_.running(due)) continue;
            const std::uint64_t seen_ms = std::min(device.gaps_seen_ms, turn.believed_ms);
            const std::uint64_t age_ms = std::min(turn.believed_ms - seen_ms, gap_patience_ms);
            timers_.set_by(due, turn.after(std::max(gap_patience_ms - age_ms, gap_settle_ms)));
        }
    }
}

}  // namespace sotto::peer::engine
