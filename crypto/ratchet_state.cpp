#include "crypto/ratchet_state.hpp"

namespace sotto::crypto {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t flag_initiator = 1;
constexpr std::uint8_t flag_own_secret = 2;
constexpr std::uint8_t flag_their_key = 4;
constexpr std::uint8_t flag_sending = 8;
constexpr std::uint8_t flag_receiving = 16;
constexpr std::uint8_t flags_known = 31;

std::uint8_t flags_of(const RatchetState& state) noexcept {
    std::uint8_t flags = 0;
    if (state.initiator) flags |= flag_initiator;
    if (state.own_ratchet_secret) flags |= flag_own_secret;
    if (state.their_ratchet) flags |= flag_their_key;
    if (state.send_chain) flags |= flag_sending;
    if (state.receive_chain) flags |= flag_receiving;
    return flags;
}

Secret<32> read_secret(Reader& in) {
    Secret<32> out;
    const ByteView bytes = in.raw(32);
    std::copy(bytes.begin(), bytes.end(), out.writable().begin());
    return out;
}

std::optional<Secret<32>> read_if(Reader& in, bool present) {
    if (!present) return std::nullopt;
    return read_secret(in);
}

/// The states a session can be in; anything else was not written by us.
bool is_reachable(const RatchetState& s) noexcept {
    const bool fresh_responder = !s.initiator && s.own_ratchet_secret && !s.their_ratchet &&
                                 !s.send_chain && !s.receive_chain;
    const bool sending =
        s.own_ratchet_secret && s.their_ratchet && s.send_chain && (s.receive_chain || s.initiator);
    const bool between =
        !s.own_ratchet_secret && s.their_ratchet && !s.send_chain && s.receive_chain;
    return (fresh_responder || sending || between) &&
           s.receive_chain.has_value() == (s.receive_chain_number != 0);
}

void read_old_chains(Reader& in, RatchetState& state) {
    const std::size_t count = in.u8();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        const std::uint32_t chain = in.u32();
        state.old_chains.push_back({.chain = chain, .header_key = read_secret(in)});
    }
}

/// False: more than are ever kept.
bool read_skipped(Reader& in, RatchetState& state) {
    const std::size_t count = in.u16();
    if (count > skipped_keys_max) return false;
    state.skipped.reserve(count);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        const std::uint32_t chain = in.u32();
        const std::uint32_t n = in.u32();
        const std::uint64_t stored_at_ms = in.u64();
        state.skipped.push_back(
            {.chain = chain, .n = n, .stored_at_ms = stored_at_ms, .key = read_secret(in)});
    }
    return true;
}

/// Ascending, and each skipped key of a chain that is kept.
bool chains_are_valid(const RatchetState& s) noexcept {
    const auto not_ascending = [](const OldChain& a, const OldChain& b) {
        return a.chain >= b.chain;
    };
    if (s.old_chains.size() > old_chains_max ||
        std::adjacent_find(s.old_chains.begin(), s.old_chains.end(), not_ascending) !=
            s.old_chains.end() ||
        (!s.old_chains.empty() &&
         (s.old_chains.front().chain == 0 || s.old_chains.back().chain >= s.receive_chain_number)))
        return false;
    const auto out_of_order = [](const SkippedKey& a, const SkippedKey& b) {
        return a.chain > b.chain || (a.chain == b.chain && a.n >= b.n);
    };
    if (std::adjacent_find(s.skipped.begin(), s.skipped.end(), out_of_order) != s.skipped.end())
        return false;
    return std::all_of(s.skipped.begin(), s.skipped.end(), [&](const SkippedKey& key) {
        if (key.chain == s.receive_chain_number) return key.n < s.received;
        return std::any_of(s.old_chains.begin(), s.old_chains.end(),
                           [&](const OldChain& old) { return old.chain == key.chain; });
    });
}

}  // namespace

SecretBytes serialise_state(const RatchetState& state) {
    SecretWriter out(512 + state.old_chains.size() * 36 + state.skipped.size() * 48);
    out.u8(version).u8(static_cast<std::uint8_t>(state.suite)).u8(flags_of(state)).u8(0);
    out.raw(state.sid.view()).raw(state.associated_data).raw(state.root.view());
    out.raw(state.own_ratchet_public);
    if (state.own_ratchet_secret) out.raw(state.own_ratchet_secret->view());
    if (state.their_ratchet) out.raw(*state.their_ratchet);
    if (state.send_chain) out.raw(state.send_chain->view()).raw(state.send_header->view());
    if (state.receive_chain) out.raw(state.receive_chain->view()).raw(state.receive_header->view());
    out.raw(state.next_send_header.view()).raw(state.next_receive_header.view());
    out.u32(state.sent).u32(state.received).u32(state.previous_sent);
    out.u32(state.receive_chain_number);
    out.u8(static_cast<std::uint8_t>(state.old_chains.size()));
    for (const OldChain& old : state.old_chains)
        out.u32(old.chain).raw(old.header_key.view());
    out.u16(static_cast<std::uint16_t>(state.skipped.size()));
    for (const SkippedKey& key : state.skipped)
        out.u32(key.chain).u32(key.n).u64(key.stored_at_ms).raw(key.key.view());
    out.u64(0).u32(0);  // suite 3: last_mix and count
    return std::move(out).take();
}

std::optional<RatchetState> deserialise_state(ByteView bytes) {
    Reader in(bytes);
    RatchetState state;
    if (in.u8() != version) return std::nullopt;
    const std::uint8_t suite = in.u8();
    const std::uint8_t flags = in.u8();
    const std::uint8_t kem_reserved = in.u8();
    if (suite < 1 || suite > 2 || (flags & ~flags_known) != 0 || kem_reserved != 0)
        return std::nullopt;
    state.suite = static_cast<Suite>(suite);
    state.initiator = (flags & flag_initiator) != 0;
    state.sid = SessionId(in.array<16>());
    state.associated_data = in.array<32>();
    state.root = read_secret(in);
    state.own_ratchet_public = in.array<32>();
    state.own_ratchet_secret = read_if(in, (flags & flag_own_secret) != 0);
    if ((flags & flag_their_key) != 0) state.their_ratchet = in.array<32>();
    state.send_chain = read_if(in, (flags & flag_sending) != 0);
    state.send_header = read_if(in, (flags & flag_sending) != 0);
    state.receive_chain = read_if(in, (flags & flag_receiving) != 0);
    state.receive_header = read_if(in, (flags & flag_receiving) != 0);
    state.next_send_header = read_secret(in);
    state.next_receive_header = read_secret(in);
    state.sent = in.u32();
    state.received = in.u32();
    state.previous_sent = in.u32();
    state.receive_chain_number = in.u32();
    read_old_chains(in, state);
    if (!read_skipped(in, state)) return std::nullopt;
    const bool suite3_unused = in.u64() == 0 && in.u32() == 0;
    if (!in.finished() || !suite3_unused || !is_reachable(state) || !chains_are_valid(state))
        return std::nullopt;
    return state;
}

}  // namespace sotto::crypto
