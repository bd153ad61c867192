#include "peer/engine/conversation.hpp"

#include "peer/engine/limits.hpp"
#include "peer/wire/utf8.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {
namespace {

// The author's clock, as far as it can be true (docs/protocol.md 2.8).
WallTime clamped(WallTime at, WallTime now) {
    constexpr std::uint64_t past_ms = 14ULL * 24 * 3600 * 1000;
    constexpr std::uint64_t future_ms = 5ULL * 60 * 1000;
    const std::uint64_t earliest = now.ms > past_ms ? now.ms - past_ms : 0;
    return {std::clamp(at.ms, earliest, now.ms + future_ms)};
}

MessageTail tail_of(ByteView payload) {
    MessageTail tail{};
    const std::size_t size = std::min(payload.size(), tail.size());
    std::copy(payload.end() - static_cast<std::ptrdiff_t>(size), payload.end(), tail.begin());
    return tail;
}

bool is_receipt(const wire::Body& body) {
    return std::holds_alternative<wire::DeliveredReceipt>(body) ||
           std::holds_alternative<wire::ReadReceipt>(body);
}

}  // namespace

void Conversation::send_text(Turn& turn, const SendText& input) {
    ContactRecord* record = contacts_.find(input.to);
    const bool writable = record != nullptr && (record->view.state == ContactState::accepted ||
                                                record->view.state == ContactState::request_sent);
    if (!writable) return turn.failed(input.command, CommandError::not_a_contact);
    if (record->view.new_key) return turn.failed(input.command, CommandError::key_changed);
    if (input.text.empty()) return turn.failed(input.command, CommandError::text_empty);
    if (input.text.size() > wire::max_text_bytes || !wire::utf8_length(input.text)) {
        return turn.failed(input.command, CommandError::text_too_long);
    }
    if (!delivery_.has_room(*record, input.text.size())) {
        return turn.failed(input.command, CommandError::list_full);
    }
    const std::uint64_t seq = record->next_seq++;
    contacts_.touch(*record);
    const Message message{.row = rows_.take(),
                          .id = {turn.random.array<16>()},
                          .peer = input.to,
                          .outgoing = true,
                          .kind = MessageKind::text,
                          .text = input.text,
                          .at = turn.now.wall,
                          .state = DeliveryState::saved,
                          .failure = MessageFailure::none,
                          .read_locally = true};
    turn.save(SaveMessage{
        .message = message, .sender_device = account_.self().device, .sender_seq = seq});
    turn.show(MessageAdded{.message = message});
    turn.done(input.command);
    delivery_.send(turn, *record,
                   {.cargo = Cargo::text,
                    .body = wire::Text{.text = input.text},
                    .message = message.id,
                    .seq = seq});
}

void Conversation::retry(Turn& turn, const RetryMessage& input) {
    if (!delivery_.retry(turn, input.id)) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    turn.done(input.command);
}

void Conversation::notice(Turn& turn, const ContactRecord& record, const Notice& what) {
    const Message message{.row = rows_.take(),
                          .id = {turn.random.array<16>()},
                          .peer = record.view.account,
                          .outgoing = false,
                          .kind = MessageKind::notice,
                          .text = to_text(what),
                          .at = turn.now.wall,
                          .state = DeliveryState::delivered,
                          .failure = MessageFailure::none,
                          .read_locally = true};
    turn.save(SaveMessage{.message = message, .sender_device = account_.self().device});
    turn.show(MessageAdded{.message = message});
}

// --- the way in --------------------------------------------------------------------------------

bool Conversation::belongs(const AccountId& account, const wire::Envelope& envelope) const {
    return envelope.conversation == crypto::conversation_id(account_.id(), account);
}

void Conversation::failed(Turn& turn, const OpenFailure& failure, const Incoming& incoming) {
    switch (failure.error) {
        case OpenError::repeated: {
            ++counters_.messages_repeated;
            // The very same bytes: its sender has not heard that we have it. Other bytes under a
            // used key are another text, of a profile that was put back: no receipt may name it.
            PeerDevice* device = contacts_.find(*failure.from);
            if (device == nullptr) return;
            const auto& recent = device->recent_messages;
            const bool same =
                std::find(recent.begin(), recent.end(), tail_of(incoming.payload)) != recent.end();
            if (same) owe_receipt(turn, *device, *failure.from, device->due);
            return;
        }
        case OpenError::refused:
            if (failure.start && gossip_.refused(turn, *failure.start)) {
                bundles_.want(turn, failure.start->list.account(), Bundles::Need::keys);
            }
            [[fallthrough]];
        case OpenError::not_now:
            ++counters_.handshakes_refused;
            return;
        case OpenError::held:
            ++counters_.messages_held;
            return;
        case OpenError::removed_device:
            ++counters_.messages_of_removed;
            return;
        case OpenError::unknown_session:
        case OpenError::undecryptable:
            ++counters_.messages_undecryptable;
            return;
        case OpenError::malformed:
            ++(incoming.link_peer ? counters_.link_frames_refused : counters_.items_unopenable);
            return;
    }
}

Received Conversation::receive(Turn& turn, const Incoming& incoming) {
    Received received;
    auto opened = sessions_.open(turn, incoming.kind, incoming.payload);
    if (!opened) {
        received.failure = opened.error().error;
        failed(turn, opened.error(), incoming);
        return received;
    }
    const DeviceAddress from = opened->from;
    auto envelope = wire::decode_envelope(opened->content);
    const bool other_end = incoming.link_peer && *incoming.link_peer != from;
    if (!envelope || !belongs(from.account, *envelope) || other_end) {
        ++counters_.envelopes_refused;
        return received;
    }
    ContactRecord* record = contacts_.find(from.account);
    if (!gate_.admits(record, envelope->body)) {
        ++counters_.envelopes_unwelcome;
        return received;
    }
    bool stranger = false;
    if (record == nullptr) {
        record =
            gate_.add_stranger(turn, from.account, std::get<wire::ContactRequest>(envelope->body));
        if (record == nullptr) {
            received.no_room = true;
            return received;
        }
        stranger = true;
    }
    // An older list than the one held is no news; the handshake was judged by the newer one.
    if (opened->start) (void)contacts_.adopt(*record, opened->start->list);
    crypto::ensure(record->lists(from.device), "an opened message is of a listed device");
    contacts_.touch(*record);
    // Not taken and not confirmed: it is offered again, for as long as its sender keeps it.
    if (record->holds(from.device)) {
        received.failure = OpenError::held;
        failed(turn, {.error = OpenError::held, .from = from}, incoming);
        return received;
    }
    auto& recent = record->devices.at(from.device).recent_messages;
    recent.push_back(tail_of(incoming.payload));
    if (recent.size() > recent_messages_max) recent.pop_front();
    received.from = from;
    received.started_session = opened->start.has_value();
    const crypto::SessionId session = opened->session;
    sessions_.commit(turn, std::move(*opened));
    // A receipt ends an exchange: the key agreement of the next text can be done now.
    if (is_receipt(envelope->body)) sessions_.prepare(turn, session);
    received.became_contact = gate_.note_acceptance(turn, *record, envelope->body);
    Letter letter{.from = from,
                  .session = session,
                  .over_link = incoming.link_peer.has_value(),
                  .with_handshake = incoming.kind == crypto::SealedKind::init,
                  .envelope = std::move(*envelope)};
    compare_lists(turn, *record, letter);
    if (!stranger) take(turn, *record, letter, received);
    return received;
}

void Conversation::compare_lists(Turn& turn, ContactRecord& record, const Letter& letter) {
    const wire::Envelope& envelope = letter.envelope;
    Gossip::Heard marks{.theirs = envelope.own_list, .ours = envelope.peer_list};
    // Over a link alone, they may be cut off from the rendezvous, and from our newer list.
    if (!letter.over_link || record.view.presence == Presence::online) {
        if (const auto* delivered = std::get_if<wire::DeliveredReceipt>(&envelope.body)) {
            marks.receipted = delivered->delivered.largest();
        } else if (const auto* read = std::get_if<wire::ReadReceipt>(&envelope.body)) {
            marks.receipted = read->delivered.largest();
        }
    }
    if (gossip_.heard(turn, record, marks)) {
        bundles_.want(turn, record.view.account, Bundles::Need::keys);
    }
}

void Conversation::take(Turn& turn, ContactRecord& record, Letter& letter, Received& received) {
    wire::Body& body = letter.envelope.body;
    if (auto* text = std::get_if<wire::Text>(&body)) {
        take_row(turn, record, letter, MessageKind::text, std::move(text->text));
    } else if (std::holds_alternative<wire::Unsupported>(body)) {
        if (letter.envelope.sender_seq != 0) {
            take_row(turn, record, letter, MessageKind::unsupported, {});
        }
    } else if (const auto* delivered = std::get_if<wire::DeliveredReceipt>(&body)) {
        if (overtaken(turn, record, letter.from, delivered->delivered, received)) return;
        delivery_.receipt(turn, letter.from, delivered->delivered, {});
    } else if (const auto* read = std::get_if<wire::ReadReceipt>(&body)) {
        if (overtaken(turn, record, letter.from, read->delivered, received)) return;
        take_read(turn, letter.from, *read);
    } else if (const auto* request = std::get_if<wire::ContactRequest>(&body)) {
        if (letter.with_handshake) sessions_.answer_in(turn, letter.session);
        if (!received.became_contact) {
            gate_.handle(turn, record, *request, received.started_session);
        }
    } else if (const auto* accept = std::get_if<wire::ContactAccept>(&body)) {
        if (!received.became_contact) gate_.handle(turn, record, *accept);
    } else if (const auto* token = std::get_if<wire::MailboxToken>(&body)) {
        gate_.handle(turn, record, *token);
    } else if (const auto* profile = std::get_if<wire::Profile>(&body)) {
        gate_.handle(record, *profile);
    } else if (const auto* typing = std::get_if<wire::Typing>(&body)) {
        if (letter.over_link) received.typing = typing->typing;
    } else if (auto* endpoint = std::get_if<wire::Endpoint>(&body)) {
        received.endpoint = std::move(*endpoint);
    } else if (std::holds_alternative<wire::SessionReset>(body)) {
        // Only a new session asks for what its device has not received. It goes first there, but
        // paths differ: a text may have been faster.
        if (letter.with_handshake && sessions_.take_reset(letter.session)) {
            ++counters_.sessions_reset;
            delivery_.start_over(turn, letter.from);
        }
    }
}

// They have numbers we did not give, or under which we sent nothing: an old copy of this profile
// was put back. What they say of the numbers we did use may be about other texts.
bool Conversation::overtaken(Turn& turn, ContactRecord& record, const DeviceAddress& from,
                             const wire::SeqSet& delivered, Received& received) {
    const std::uint64_t largest = delivered.largest();
    const bool ahead = largest >= record.next_seq && largest <= believed_number_max;
    if (!ahead && !delivery_.names_unspoken(from, delivered)) return false;
    if (record.overtaken_at && turn.now.mono.ms < record.overtaken_at->ms + session_reset_pace_ms) {
        return false;
    }
    record.overtaken_at = turn.now.mono;
    received.overtaken = ahead ? largest : record.next_seq;
    return true;
}

void Conversation::take_row(Turn& turn, ContactRecord& record, const Letter& letter,
                            MessageKind kind, std::string text) {
    PeerDevice& device = record.devices.at(letter.from.device);
    const wire::Envelope& envelope = letter.envelope;
    auto& recent = record.recent_ids;
    const bool known_id = std::find(recent.begin(), recent.end(), envelope.id) != recent.end();
    Arrival arrival = arrive(device, envelope.sender_seq, rows_);
    if (arrival.result == wire::SeqSet::Insert::full) {
        ++counters_.envelopes_refused;  // an honest sender cannot make that many holes
        return;
    }
    watch_gaps(turn, device, letter.from);
    const bool number_known = arrival.result == wire::SeqSet::Insert::known;
    if (number_known && known_id) {
        ++counters_.messages_repeated;
        return acknowledge(turn, device, letter.from, kind);
    }
    // A number we know with an id we do not: one from before our memory, which the database has,
    // or another text of a profile that was put back, which it takes. Until it has said so there is
    // no receipt, and nobody has read it.
    if (number_known) {
        arrival.row = rows_.take();
        device.read.erase(envelope.sender_seq);
    } else {
        acknowledge(turn, device, letter.from, kind);
    }
    if (!known_id) recent.push_back(envelope.id);
    if (recent.size() > recent_ids_max) recent.pop_front();
    const Message message{.row = arrival.row,
                          .id = envelope.id,
                          .peer = record.view.account,
                          .outgoing = false,
                          .kind = kind,
                          .text = std::move(text),
                          .at = clamped(envelope.at, turn.now.wall),
                          .state = DeliveryState::delivered,
                          .failure = MessageFailure::none,
                          .read_locally = false};
    turn.save(SaveMessage{.message = message,
                          .sender_device = letter.from.device,
                          .sender_seq = envelope.sender_seq,
                          .number_known = number_known});
    turn.show(MessageAdded{.message = message});
}

void Conversation::repeat_checked(Turn& turn, const RepeatChecked& input) {
    const DeviceAddress from{.account = input.peer, .device = input.device};
    PeerDevice* device = contacts_.find(from);
    if (device == nullptr) return;  // removed meanwhile
    const bool other_text = !input.kept;
    const bool read = input.kept && input.kept->read;
    if (!input.number_known) {
        void_row(*device, input.row, input.sender_seq);
        if (!read) note_unread(*device, input.kept->row, input.sender_seq);
    } else if (other_text) {
        note_unread(*device, input.row, input.sender_seq);
    }
    if (!other_text) ++counters_.messages_repeated;
    contacts_.touch(*contacts_.find(input.peer));
    const bool tells = read && tells_of_reading(input.kept->row);
    if (tells && device->read.insert(input.sender_seq) == wire::SeqSet::Insert::added)
        owe_receipt(turn, *device, from, ReceiptDue::read);
    acknowledge(turn, *device, from, input.kind);
}

// What this version cannot show is no reason to tell that we are there.
void Conversation::acknowledge(Turn& turn, PeerDevice& device, const DeviceAddress& peer,
                               MessageKind kind) {
    if (kind == MessageKind::text) owe_receipt(turn, device, peer, ReceiptDue::delivered);
}

}  // namespace sotto::peer::engine
