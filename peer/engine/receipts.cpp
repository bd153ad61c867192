// Conversation, second part: who is told what was received and read (docs/protocol-envelope.md,
// "Receipts"; docs/decisions/0175).
#include "peer/engine/conversation.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {
namespace {

constexpr std::string_view receipts_setting = "engine.read_receipts";

}  // namespace

void Conversation::mark_read(Turn& turn, const MarkRead& input) {
    ContactRecord* record = contacts_.find(input.peer);
    if (record == nullptr) return turn.failed(input.command, CommandError::not_a_contact);
    // Nobody has seen what is not there yet: a row beyond the last would make all to come "read".
    const std::uint64_t row = std::min(input.row, rows_.last());
    turn.save(SaveReadUpTo{.peer = input.peer, .row = row});
    turn.show(ReadUpToChanged{.peer = input.peer, .row = row});
    turn.done(input.command);
    for (auto& [id, device] : record->devices) {
        if (!read_receipts_) {
            if (forget_unread(device, row)) contacts_.touch(*record);
            continue;
        }
        if (!engine::mark_read(device, row)) continue;
        contacts_.touch(*record);
        owe_receipt(turn, device, {.account = input.peer, .device = id}, ReceiptDue::read);
    }
}

// u8 on || u64 the last row when it was switched on. What is no such value keeps silent.
void Conversation::load(const SaveSetting& setting) {
    if (setting.name != receipts_setting || setting.value.empty()) return;
    crypto::Reader in(setting.value);
    const bool on = in.u8() == 1;
    receipts_on_since_ = in.u64();
    read_receipts_ = on && in.finished();
}

void Conversation::set_read_receipts(Turn& turn, const SetReadReceipts& input) {
    if (input.on != read_receipts_) {
        read_receipts_ = input.on;
        receipts_on_since_ = rows_.last();
        crypto::Writer out(9);
        out.u8(input.on ? 1 : 0).u64(receipts_on_since_);
        turn.save(
            SaveSetting{.name = std::string(receipts_setting), .value = std::move(out).take()});
        for (auto& [account, record] : contacts_.all()) {
            if (input.on) break;
            for (auto& [id, device] : record.devices)
                take_back_read(turn, record, device, {.account = account, .device = id});
        }
    }
    turn.done(input.command);
}

// Of an older message only the database knows that it was read, and not whether others may know.
bool Conversation::tells_of_reading(std::uint64_t row) const {
    return read_receipts_ && row > receipts_on_since_;
}

// What was read and perhaps not told yet will not be told: not now, and not when somebody switches
// receipts on again. That the texts have arrived is said instead.
void Conversation::take_back_read(Turn& turn, const ContactRecord& record, PeerDevice& device,
                                  const DeviceAddress& peer) {
    const bool on_its_way = delivery_.take_back(turn, peer, Cargo::receipt);
    if (!device.read.empty()) contacts_.touch(record);
    device.read = {};
    if (!on_its_way && device.due == ReceiptDue::none) return;
    device.due = ReceiptDue::delivered;
    contacts_.touch(record);
    owe_receipt(turn, device, peer, ReceiptDue::delivered);
}

// Who tells nobody is told by nobody, also not later.
void Conversation::take_read(Turn& turn, const DeviceAddress& from,
                             const wire::ReadReceipt& receipt) {
    if (read_receipts_) return delivery_.receipt(turn, from, receipt.delivered, receipt.read);
    delivery_.receipt(turn, from, receipt.delivered, {});
    delivery_.forget_read(turn, from, receipt.read);
}

// Everything received and read is said again each time, so a lost receipt repairs itself.
void Conversation::owe_receipt(Turn& turn, PeerDevice& device, const DeviceAddress& peer,
                               ReceiptDue due) {
    device.due = std::max(device.due, due);
    device.news_since_receipt = true;
    const std::uint64_t delay_ms =
        links_.live(peer) ? direct_receipt_delay_ms : turn.below(mailbox_receipt_delay_max_ms + 1);
    timers_.set_by(timer(TimerKind::receipt, peer), turn.after(delay_ms));
}

void Conversation::receipt_due(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    PeerDevice* device = contacts_.find(peer);
    if (device == nullptr || record->view.state != ContactState::accepted) return;
    if (device->received.empty()) return;
    if (!delivery_.has_room(*record, 256)) {
        return timers_.set_by(timer(TimerKind::receipt, peer), turn.after(resend_max_ms));
    }
    device->news_since_receipt = false;
    wire::Body body = wire::DeliveredReceipt{.delivered = device->received};
    if (read_receipts_ && !device->read.empty()) {
        body = wire::ReadReceipt{.delivered = device->received, .read = device->read};
    }
    delivery_.send(turn, *record,
                   {.cargo = Cargo::receipt, .body = std::move(body), .device = peer.device});
}

void Conversation::repeat_receipt(Turn& turn, const DeviceAddress& peer) {
    PeerDevice* device = contacts_.find(peer);
    if (device == nullptr || device->received.empty()) return;
    owe_receipt(turn, *device, peer, ReceiptDue::delivered);
}

void Conversation::resume(Turn& turn) {
    for (auto& [account, record] : contacts_.all()) {
        for (auto& [id, device] : record.devices) {
            watch_gaps(turn, device, {.account = account, .device = id});
            if (device.due == ReceiptDue::none) continue;
            owe_receipt(turn, device, {.account = account, .device = id}, device.due);
        }
    }
}

}  // namespace sotto::peer::engine
