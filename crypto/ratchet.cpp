#include "crypto/ratchet.hpp"

#include "crypto/padding.hpp"
#include "crypto/ratchet_kdf.hpp"

namespace sotto::crypto {

namespace {

// msg = ver u8 || SID 16 || u16 len(eh) || eh || nonce24 || AEAD(padded content)
// eh  = nonce24 || AEAD(header);  header = flags u8 || DHs.pub 32 || PN u32 || N u32
constexpr std::uint8_t version = 1;
constexpr std::uint8_t no_flags = 0;  // KEM key and ciphertext: suite 3, reserved
constexpr std::size_t header_size = 1 + 32 + 4 + 4;
constexpr std::size_t eh_size = aead_nonce_size + header_size + aead_tag_size;
constexpr std::size_t front_size = 1 + SessionId::size + 2;
constexpr std::size_t body_start = front_size + eh_size + aead_nonce_size;
constexpr std::size_t overhead = body_start + aead_tag_size;

struct Header {
    ByteArray<32> ratchet_key;
    std::uint32_t previous_sent;  // PN
    std::uint32_t n;
};

/// The parts of a message; views into it.
struct Parts {
    SessionId sid;
    ByteView eh;
    AeadNonce nonce;
    ByteView body;
};

std::optional<Parts> parse(ByteView message) {
    if (!is_bucket(message.size())) return std::nullopt;
    Reader in(message);
    if (in.u8() != version) return std::nullopt;
    const SessionId sid(in.array<SessionId::size>());
    const ByteView eh = in.sized16();
    if (eh.size() != eh_size) return std::nullopt;
    const AeadNonce nonce = AeadNonce::from_wire(in.array<aead_nonce_size>());
    const ByteView body = in.rest();
    if (!in.finished()) return std::nullopt;
    return Parts{.sid = sid, .eh = eh, .nonce = nonce, .body = body};
}

Bytes header_associated(const RatchetState& state) {
    return enc(label::ratchet_header, {state.associated_data});
}

std::optional<Header> open_header(const Secret<32>& key, ByteView associated, ByteView eh) {
    Secret<header_size> plain;
    const AeadNonce nonce = AeadNonce::from_wire(eh.first<aead_nonce_size>());
    if (!aead_open(plain.writable(), key, nonce, associated, eh.subspan(aead_nonce_size)))
        return std::nullopt;
    Reader in(plain.view());
    if (in.u8() != no_flags) return std::nullopt;
    return Header{.ratchet_key = in.array<32>(), .previous_sent = in.u32(), .n = in.u32()};
}

// --- receiving
// ---------------------------------------------------------------------------------------

/// Which key opened the header.
struct Found {
    enum class Where : std::uint8_t { current, next, old } where;
    std::uint32_t chain;
    Header header;
};

/// At most 7 trials: the current chain, the next, five old ones (Double Ratchet 4.6).
std::optional<Found> find_header(const RatchetState& state, ByteView eh) {
    const Bytes associated = header_associated(state);
    if (state.receive_header)
        if (auto header = open_header(*state.receive_header, associated, eh))
            return Found{Found::Where::current, state.receive_chain_number, *header};
    if (auto header = open_header(state.next_receive_header, associated, eh))
        return Found{Found::Where::next, state.receive_chain_number + 1, *header};
    for (auto old = state.old_chains.rbegin(); old != state.old_chains.rend(); ++old)
        if (auto header = open_header(old->header_key, associated, eh))
            return Found{Found::Where::old, old->chain, *header};
    return std::nullopt;
}

/// Takes the key of (chain, n) out of the store.
std::optional<Secret<32>> take_skipped(SkippedKeys& skipped, std::uint32_t chain, std::uint32_t n) {
    const auto found = std::lower_bound(skipped.begin(), skipped.end(), std::pair(chain, n),
                                        [](const SkippedKey& key, const auto& wanted) {
                                            return std::pair(key.chain, key.n) < wanted;
                                        });
    if (found == skipped.end() || found->chain != chain || found->n != n) return std::nullopt;
    Secret<32> key = found->key;
    skipped.erase(found);
    return key;
}

/// How many went.
std::size_t drop_expired(SkippedKeys& skipped, std::uint64_t now_ms) {
    return std::erase_if(skipped, [now_ms](const SkippedKey& key) {
        return now_ms > key.stored_at_ms && now_ms - key.stored_at_ms > skipped_key_ttl_ms;
    });
}

/// Derives and keeps the keys of the current receiving chain up to, not including, `until`.
void skip_to(RatchetState& state, std::uint32_t until, std::uint64_t now_ms) {
    while (state.received < until) {
        state.skipped.push_back({.chain = state.receive_chain_number,
                                 .n = state.received,
                                 .stored_at_ms = now_ms,
                                 .key = kdf_chain(*state.receive_chain)});
        ++state.received;
    }
    if (state.skipped.size() > skipped_keys_max) {
        const auto surplus = state.skipped.size() - skipped_keys_max;
        state.skipped.erase(state.skipped.begin(),
                            state.skipped.begin() + static_cast<std::ptrdiff_t>(surplus));
    }
}

bool skips_too_many(std::uint32_t from, std::uint32_t to) noexcept {
    return to > from && to - from > skip_max_per_chain;
}

/// The chain that ends is remembered by its header key; the sixth oldest goes, with its keys.
void retire_receive_chain(RatchetState& state) {
    if (!state.receive_header) return;
    state.old_chains.push_back(
        {.chain = state.receive_chain_number, .header_key = *state.receive_header});
    if (state.old_chains.size() <= old_chains_max) return;
    state.old_chains.erase(state.old_chains.begin());
    const std::uint32_t oldest = state.old_chains.front().chain;
    std::erase_if(state.skipped, [oldest](const SkippedKey& key) { return key.chain < oldest; });
}

/// The receiving half of a DH ratchet step; the sending half waits for the next encrypt().
std::optional<RatchetError> step_receive(RatchetState& state, const Header& header,
                                         std::uint64_t now_ms) {
    // Limits first: nothing is derived for a header that asks for too much.
    if (skips_too_many(0, header.n)) return RatchetError::too_many_skipped;
    if (state.receive_chain && skips_too_many(state.received, header.previous_sent))
        return RatchetError::too_many_skipped;
    // Without an own key the other side cannot have seen one: it has no business to step again.
    if (!state.own_ratchet_secret || !x25519_is_canonical(header.ratchet_key))
        return RatchetError::bad_key;
    const auto shared = x25519(*state.own_ratchet_secret, header.ratchet_key);
    if (!shared) return RatchetError::bad_key;

    if (state.receive_chain) skip_to(state, header.previous_sent, now_ms);
    retire_receive_chain(state);
    RootStep step = kdf_root(state.root, *shared, state.suite);
    state.root = step.root;
    state.receive_chain = step.chain;
    state.receive_header = state.next_receive_header;
    state.next_receive_header = step.next_header;
    state.their_ratchet = header.ratchet_key;
    state.received = 0;
    ++state.receive_chain_number;
    state.previous_sent = state.sent;
    state.sent = 0;
    state.own_ratchet_secret.reset();
    state.send_chain.reset();
    state.send_header.reset();
    return std::nullopt;
}

/// Moves `state` to where the message's key is, and returns the key.
Result<Secret<32>, RatchetError> message_key(RatchetState& state, const Found& found,
                                             std::uint64_t now_ms) {
    const std::uint32_t n = found.header.n;
    if (found.where == Found::Where::next) {
        if (const auto error = step_receive(state, found.header, now_ms)) return Unexpected(*error);
    } else if (found.where == Found::Where::old || n < state.received) {
        auto key = take_skipped(state.skipped, found.chain, n);
        if (!key) return Unexpected(RatchetError::duplicate);
        return *std::move(key);
    } else if (skips_too_many(state.received, n)) {
        return Unexpected(RatchetError::too_many_skipped);
    }
    if (n == 0xffffffffU) return Unexpected(RatchetError::too_many_skipped);  // Nr must not wrap
    skip_to(state, n, now_ms);
    ++state.received;
    return kdf_chain(*state.receive_chain);
}

// --- sending
// -----------------------------------------------------------------------------------------

/// The sending half of a DH ratchet step.
void step_send(RatchetState& state, RandomSource& random) {
    const Secret<32> fresh = random.secret<32>();
    const auto shared = x25519(fresh, *state.their_ratchet);
    ensure(shared.has_value(), "a key of low order was refused when it came");
    RootStep step = kdf_root(state.root, *shared, state.suite);
    state.root = step.root;
    state.send_chain = step.chain;
    state.send_header = state.next_send_header;
    state.next_send_header = step.next_header;
    state.own_ratchet_public = x25519_base(fresh);
    state.own_ratchet_secret = fresh;
}

void append_header(Bytes& out, const RatchetState& state, RandomSource& random) {
    const AeadNonce nonce = AeadNonce::fresh(random);
    Writer header(header_size);
    header.u8(no_flags).raw(state.own_ratchet_public).u32(state.previous_sent).u32(state.sent);
    out.insert(out.end(), nonce.view().begin(), nonce.view().end());
    aead_seal(out, *state.send_header, nonce, header_associated(state), header.view());
}

}  // namespace

std::string_view to_string(RatchetError error) noexcept {
    switch (error) {
        case RatchetError::malformed:
            return "malformed message";
        case RatchetError::wrong_session:
            return "message of another session";
        case RatchetError::bad_header:
            return "no header key opens the message";
        case RatchetError::bad_key:
            return "unusable ratchet key";
        case RatchetError::duplicate:
            return "message key already used";
        case RatchetError::too_many_skipped:
            return "too many messages left out";
        case RatchetError::bad_body:
            return "message body is not authentic";
        case RatchetError::too_large:
            return "content too large";
        case RatchetError::not_ready:
            return "nothing received yet";
        case RatchetError::exhausted:
            return "chain exhausted";
    }
    return "unknown";
}

std::optional<Ratchet> Ratchet::initiator(const SessionSecrets& secrets, const SpkPublic& their_spk,
                                          RandomSource& random) {
    const Secret<32> own = random.secret<32>();
    const auto shared = x25519(own, their_spk.view());
    if (!shared) return std::nullopt;
    const RootStep step = kdf_root(secrets.root, *shared, secrets.suite);
    RatchetState state;
    state.suite = secrets.suite;
    state.initiator = true;
    state.sid = secrets.sid;
    state.associated_data = secrets.associated_data;
    state.root = step.root;
    state.own_ratchet_secret = own;
    state.own_ratchet_public = x25519_base(own);
    ByteArray<32> their_key;
    std::copy(their_spk.view().begin(), their_spk.view().end(), their_key.begin());
    state.their_ratchet = their_key;
    state.send_chain = step.chain;
    state.send_header = secrets.header_key;
    state.next_send_header = step.next_header;
    state.next_receive_header = secrets.next_header_key;
    return Ratchet(std::move(state));
}

Ratchet Ratchet::responder(const SessionSecrets& secrets, const OwnSpk& own_spk) {
    RatchetState state;
    state.suite = secrets.suite;
    state.initiator = false;
    state.sid = secrets.sid;
    state.associated_data = secrets.associated_data;
    state.root = secrets.root;
    state.own_ratchet_secret = own_spk.secret();
    const View32 own_public = own_spk.public_key().view();
    std::copy(own_public.begin(), own_public.end(), state.own_ratchet_public.begin());
    state.next_send_header = secrets.next_header_key;
    state.next_receive_header = secrets.header_key;
    return Ratchet(std::move(state));
}

Result<Bytes, RatchetError> Ratchet::encrypt(ByteView content, RandomSource& random) {
    const auto bucket = bucket_for(content.size(), overhead);
    if (!bucket) return Unexpected(RatchetError::too_large);
    if (!state_.their_ratchet) return Unexpected(RatchetError::not_ready);
    if (state_.send_chain && state_.sent == 0xffffffffU) return Unexpected(RatchetError::exhausted);
    if (!state_.send_chain) step_send(state_, random);

    const Secret<32> key = body_key(kdf_chain(*state_.send_chain));
    Writer front(*bucket);
    front.u8(version).raw(state_.sid.view()).u16(static_cast<std::uint16_t>(eh_size));
    Bytes out = std::move(front).take();
    append_header(out, state_, random);
    const Bytes associated = enc(
        label::ratchet_body, {state_.associated_data, ByteView(out).subspan(front_size, eh_size)});
    const AeadNonce nonce = AeadNonce::fresh(random);
    out.insert(out.end(), nonce.view().begin(), nonce.view().end());
    aead_seal(out, key, nonce, associated, pad(content, *bucket - overhead));
    ++state_.sent;
    return out;
}

void Ratchet::prepare(RandomSource& random) {
    if (state_.their_ratchet && !state_.send_chain) step_send(state_, random);
}

bool Ratchet::expire(std::uint64_t now_ms) {
    return drop_expired(state_.skipped, now_ms) != 0;
}

Result<Ratchet::Decrypted, RatchetError> Ratchet::decrypt(ByteView message,
                                                          std::uint64_t now_ms) const {
    const auto parts = parse(message);
    if (!parts) return Unexpected(RatchetError::malformed);
    if (parts->sid != state_.sid) return Unexpected(RatchetError::wrong_session);
    const auto found = find_header(state_, parts->eh);
    if (!found) return Unexpected(RatchetError::bad_header);

    // From here the header is authentic: only the other side can make us work, within the limits.
    Ratchet next(*this);
    (void)drop_expired(next.state_.skipped, now_ms);
    const auto mk = message_key(next.state_, *found, now_ms);
    if (!mk) return Unexpected(mk.error());
    SecretBytes content(parts->body.size() - aead_tag_size);
    const Bytes associated = enc(label::ratchet_body, {state_.associated_data, parts->eh});
    if (!aead_open(content, body_key(*mk), parts->nonce, associated, parts->body))
        return Unexpected(RatchetError::bad_body);
    const auto size = unpadded_size(content);
    if (!size) return Unexpected(RatchetError::bad_body);
    content.resize(*size);
    return Decrypted{.content = std::move(content), .next = std::move(next)};
}

const SessionId& Ratchet::sid() const noexcept {
    return state_.sid;
}
Suite Ratchet::suite() const noexcept {
    return state_.suite;
}
bool Ratchet::is_initiator() const noexcept {
    return state_.initiator;
}
bool Ratchet::confirmed() const noexcept {
    return state_.receive_chain.has_value();
}
std::size_t Ratchet::skipped_key_count() const noexcept {
    return state_.skipped.size();
}

SecretBytes Ratchet::serialise() const {
    return serialise_state(state_);
}

std::optional<Ratchet> Ratchet::deserialise(ByteView bytes) {
    auto state = deserialise_state(bytes);
    if (!state) return std::nullopt;
    return Ratchet(*std::move(state));
}

std::optional<SessionId> peek_session_id(ByteView ratchet_message) noexcept {
    const auto parts = parse(ratchet_message);
    if (!parts) return std::nullopt;
    return parts->sid;
}

}  // namespace sotto::crypto
