#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {

Flight fly(Party& alice, const PreKeyBundle& bundle, const KnownPeer& peer) {
    auto session = initiate(alice.identity(), bundle, peer, now_ms, alice.random);
    ensure(session.has_value(), "initiate");
    const Bytes first = send(session->ratchet, "hello", alice.random);
    Bytes bytes = make_init_message(session->init_prefix, first);
    auto message = decode_init_message(bytes);
    ensure(message.has_value(), "decode");
    return {*std::move(session), std::move(bytes), *std::move(message)};
}

Flight fly(Party& alice, const Party& bob, bool with_one_time) {
    return fly(alice, bob.bundle(with_one_time), bob.known());
}

std::optional<HandshakeError> refusal(const Party& bob, const InitMessage& message) {
    const auto accepted = accept(bob.identity(), bob.keys(), message, stranger, now_ms);
    if (accepted) return std::nullopt;
    return accepted.error();
}

std::string Responder::take(ByteView init_message) {
    const auto message = decode_init_message(init_message);
    if (!message) return "!" + std::string(to_string(message.error()));
    if (sessions_.contains(message->session)) return take_ratchet(message->ratchet_message);
    const ResponderKeys keys{.spk = has_signed_ ? &party_.spk : nullptr,
                             .one_time = one_time_ ? &*one_time_ : nullptr,
                             .pq_last_resort = party_.pq ? &*party_.pq : nullptr};
    auto accepted = accept(party_.identity(), keys, *message, stranger, now_ms);
    if (!accepted) return "!" + std::string(to_string(accepted.error()));
    if (!seen_.insert(accepted->transcript).second) return "!replay";
    if (accepted->used_one_time_id) one_time_.reset();
    sessions_.emplace(accepted->ratchet.sid(), accepted->ratchet);
    return {accepted->first_plaintext.begin(), accepted->first_plaintext.end()};
}

std::string Responder::take_ratchet(ByteView ratchet_message) {
    const auto sid = peek_session_id(ratchet_message);
    if (!sid || !sessions_.contains(*sid)) return "!unknown session";
    return receive(sessions_.at(*sid), ratchet_message);
}

void Responder::restart() {
    for (auto& [sid, session] : sessions_) {
        auto loaded = Ratchet::deserialise(session.serialise());
        ensure(loaded.has_value(), "stored session");
        session = *std::move(loaded);
    }
}

void Responder::retire_signed_prekey() {
    has_signed_ = false;
    seen_.clear();
}

SecretBytes Responder::image() const {
    SecretWriter out;
    out.u8(one_time_ ? 1 : 0).u8(has_signed_ ? 1 : 0);
    for (const auto& [sid, session] : sessions_)
        out.raw(session.serialise());
    for (const TranscriptHash& hash : seen_)
        out.raw(hash.view());
    return std::move(out).take();
}

void refuses_all_damage(const Bytes& good, const std::function<bool(std::size_t)>& sparse,
                        const std::function<bool(const Bytes&)>& accepts) {
    ASSERT_TRUE(accepts(good));
    for (std::size_t at = 0; at < good.size(); ++at) {
        const unsigned first = sparse(at) ? static_cast<unsigned>(at % 8) : 0;
        const unsigned last = sparse(at) ? first : 7;
        for (unsigned bit = first; bit <= last; ++bit) {
            Bytes bad = good;
            bad[at] ^= static_cast<std::uint8_t>(1U << bit);
            ASSERT_FALSE(accepts(bad)) << "bit " << bit << " of byte " << at;
        }
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_FALSE(accepts(copy(ByteView(good).first(size)))) << "cut to " << size;
    Bytes longer = good;
    longer.push_back(0);
    ASSERT_FALSE(accepts(longer)) << "longer by a byte";
}

}  // namespace sotto::crypto::attack
