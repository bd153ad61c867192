// encode(): the writing half of envelope.hpp.
#include "peer/wire/fields.hpp"

namespace sotto::peer::wire {
namespace {

void put(crypto::Writer& out, Field field, ByteView value) {
    out.u8(static_cast<std::uint8_t>(field)).sized16(value);
}
void put(crypto::Writer& out, Field field, std::string_view value) {
    put(out, field, crypto::as_bytes(value));
}
void put(crypto::Writer& out, Field field, const SeqSet& value) {
    crypto::Writer ranges(2 + value.ranges().size() * 16);
    write_ranges(ranges, value);
    put(out, field, ranges.view());
}
void put(crypto::Writer& out, Field field, std::uint64_t value) {
    crypto::Writer number(8);
    number.u64(value);
    put(out, field, number.view());
}

void token(crypto::Writer& out, const TokenOffer& offer) {
    put(out, Field::token, offer.token.view());
    put(out, Field::serial, offer.serial);
}

void body(crypto::Writer& out, const Text& b) {
    put(out, Field::text, b.text);
}
void body(crypto::Writer& out, const DeliveredReceipt& b) {
    put(out, Field::delivered, b.delivered);
}
void body(crypto::Writer& out, const ReadReceipt& b) {
    put(out, Field::delivered, b.delivered);
    put(out, Field::read, b.read);
}
void body(crypto::Writer& out, const Typing& b) {
    const std::array<std::uint8_t, 1> value{b.typing ? std::uint8_t{1} : std::uint8_t{0}};
    put(out, Field::typing, ByteView(value));
}
void body(crypto::Writer& out, const ContactRequest& b) {
    if (!b.text.empty()) put(out, Field::text, b.text);
    put(out, Field::username, b.username);
    token(out, b.token);
}
void body(crypto::Writer& out, const ContactAccept& b) {
    put(out, Field::username, b.username);
    token(out, b.token);
}
void body(crypto::Writer& out, const Endpoint& b) {
    put(out, Field::serial, b.serial);
    crypto::Writer list;
    for (const std::string& endpoint : b.endpoints) {
        list.u8(static_cast<std::uint8_t>(endpoint.size())).raw(crypto::as_bytes(endpoint));
    }
    put(out, Field::endpoints, list.view());
    put(out, Field::server_key, b.server_key.view());
    put(out, Field::dial_with, b.dial_with.view());
    put(out, Field::expires, b.expires.ms);
}
void body(crypto::Writer& out, const Profile& b) {
    put(out, Field::username, b.username);
    put(out, Field::serial, b.serial);
}
void body(crypto::Writer& out, const MailboxToken& b) {
    token(out, b.token);
}
void body(crypto::Writer& out, const SessionReset& b) {
    put(out, Field::old_session, b.old_session.view());
}
void body(crypto::Writer&, const Unsupported&) {
    crypto::ensure(false, "an unsupported envelope is never sent");
}

void gossip(crypto::Writer& out, const GossipMark& mark) {
    out.u64(mark.seq).raw(mark.hash8);
}

}  // namespace

Bytes encode(const Envelope& envelope) {
    crypto::Writer out(fixed_part_bytes + 64);
    out.u8(envelope_version).u8(static_cast<std::uint8_t>(type_of(envelope.body))).u8(0);
    out.raw(envelope.id.bytes).raw(envelope.conversation.view());
    out.u64(envelope.sender_seq).u64(envelope.at.ms);
    gossip(out, envelope.own_list);
    gossip(out, envelope.peer_list);
    std::visit([&out](const auto& b) { body(out, b); }, envelope.body);
    return std::move(out).take();
}

}  // namespace sotto::peer::wire
