#include "crypto/handshake.hpp"

#include "crypto/handshake_secrets.hpp"

namespace sotto::crypto {

namespace {

using Failure = std::optional<HandshakeError>;

TranscriptSide side_of(const Cert& cert) {
    return {.account = cert.account(), .cert = cert.hash(), .dik = cert.dik()};
}

std::uint8_t number(Suite suite) noexcept {
    return static_cast<std::uint8_t>(suite);
}

bool both_can(Suite suite, const Cert& own, const Cert& theirs) noexcept {
    return own.suites().has(suite) && theirs.suites().has(suite) &&
           SuiteSet::of_this_build().has(suite);
}

/// No session with oneself, and none that its owner did not list.
Failure check_peer(const OwnIdentity& own, const Cert& cert, const DevList& newest,
                   std::uint64_t now_ms) {
    if (cert.hash() == own.cert.hash() ||
        (cert.account() == own.cert.account() && cert.device() == own.cert.device()))
        return HandshakeError::same_device;
    if (!newest.contains(cert)) return HandshakeError::not_listed;
    if (newest.expired(now_ms)) return HandshakeError::list_expired;
    // An own device is one only if our own list says so.
    if (cert.account() == own.cert.account() && !own.dev_list.contains(cert))
        return HandshakeError::not_listed;
    return std::nullopt;
}

HandshakeError to_handshake_error(DevListError error) noexcept {
    return error == DevListError::rollback ? HandshakeError::list_rollback
                                           : HandshakeError::list_fork;
}

// --- initiator
// -----------------------------------------------------------------------------------------

Failure check_bundle(const OwnIdentity& own, const PreKeyBundle& bundle, const KnownPeer& peer,
                     std::uint64_t now_ms) {
    if (bundle.dev_list.account() != peer.account || bundle.cert.account() != peer.account)
        return HandshakeError::wrong_account;
    const auto order = compare_dev_lists(peer.dev_list, bundle.dev_list);
    if (!order) return to_handshake_error(order.error());
    if (const auto failure = check_peer(own, bundle.cert, bundle.dev_list, now_ms)) return failure;
    if (!bundle.prerec.belongs_to(bundle.cert) ||
        (bundle.one_time && !bundle.one_time->belongs_to(bundle.cert)))
        return HandshakeError::wrong_account;
    if (bundle.prerec.expired(now_ms)) return HandshakeError::prekey_expired;
    if (bundle.prerec.fields().seq < peer.floor.prerec_seq) return HandshakeError::prekey_rollback;
    return std::nullopt;
}

/// The best suite both can do with these prekeys, if it is not below anybody's floor.
Result<Suite, HandshakeError> choose_suite(const OwnIdentity& own, const PreKeyBundle& bundle,
                                           const KnownPeer& peer) {
    const std::uint8_t floor =
        std::max({own.cert.min_suite(), bundle.cert.min_suite(), bundle.prerec.fields().suite_floor,
                  peer.floor.suite_floor});
    const bool hybrid = both_can(Suite::hybrid, own.cert, bundle.cert);
    if (floor > number(Suite::hybrid) || (floor == number(Suite::hybrid) && !hybrid))
        return Unexpected(HandshakeError::suite_unsupported);
    if (hybrid && bundle.prerec.fields().pq) return Suite::hybrid;
    if (floor > number(Suite::classical)) return Unexpected(HandshakeError::suite_stripped);
    if (!both_can(Suite::classical, own.cert, bundle.cert))
        return Unexpected(HandshakeError::suite_unsupported);
    return Suite::classical;
}

/// The KEM part of suite 2.
struct KemChoice {
    bool one_time = false;
    std::uint32_t id = 0;
    Bytes public_key;
    Bytes ciphertext;
    std::optional<Secret<32>> shared;
};

Result<KemChoice, HandshakeError> encapsulate(Suite suite, const PreKeyBundle& bundle,
                                              RandomSource& random) {
    KemChoice out;
    if (suite != Suite::hybrid) return out;
    out.one_time = bundle.one_time && bundle.one_time->fields().pq;
    const PqPublic& key = out.one_time ? *bundle.one_time->fields().pq : *bundle.prerec.fields().pq;
    out.id = out.one_time ? bundle.one_time->fields().id : bundle.prerec.fields().pq_id;
    out.public_key.assign(key.view().begin(), key.view().end());
    auto encapsulated = kem_encapsulate(key.view(), random);
    if (!encapsulated) return Unexpected(HandshakeError::bad_key);
    out.ciphertext = std::move(encapsulated->ciphertext);
    out.shared = encapsulated->shared;
    return out;
}

/// Everything of an init message but the ratchet message.
Bytes init_prefix(const OwnIdentity& own, const Transcript& t) {
    Writer out(1024 + t.kem_ciphertext.size());
    out.u8(init_version)
        .u8(number(t.suite))
        .u8(handshake_flags(t.opk.has_value(), t.pq_one_time))
        .raw(own.cert.encoded())
        .sized16(own.dev_list.encoded())
        .raw(t.ek.view())
        .u32(t.spk_id)
        .u32(t.opk_id)
        .u32(t.pq_id)
        .raw(t.kem_ciphertext);
    return std::move(out).take();
}

}  // namespace

Result<InitiatedSession, HandshakeError> initiate(const OwnIdentity& own,
                                                  const PreKeyBundle& bundle, const KnownPeer& peer,
                                                  std::uint64_t now_ms, RandomSource& random) {
    ensure(own.dik.public_key() == own.cert.dik(), "our identity key is the certified one");
    if (const auto failure = check_bundle(own, bundle, peer, now_ms)) return Unexpected(*failure);
    const auto suite = choose_suite(own, bundle, peer);
    if (!suite) return Unexpected(suite.error());

    const PreRecFields& prekeys = bundle.prerec.fields();
    const OwnEk ek = OwnEk::generate(random);
    const auto dh1 = x25519(own.dik.secret(), prekeys.spk.view());
    const auto dh2 = x25519(ek.secret(), bundle.cert.dik().view());
    const auto dh3 = x25519(ek.secret(), prekeys.spk.view());
    if (!dh1 || !dh2 || !dh3) return Unexpected(HandshakeError::bad_key);
    HandshakeInput input{.dh1 = *dh1, .dh2 = *dh2, .dh3 = *dh3, .dh4 = {}, .kem = {}};
    if (bundle.one_time) {
        input.dh4 = x25519(ek.secret(), bundle.one_time->fields().opk.view());
        if (!input.dh4) return Unexpected(HandshakeError::bad_key);
    }
    const auto kem = encapsulate(*suite, bundle, random);
    if (!kem) return Unexpected(kem.error());
    input.kem = kem->shared;

    const Transcript transcript{
        .suite = *suite,
        .initiator = side_of(own.cert),
        .responder = side_of(bundle.cert),
        .ek = ek.public_key(),
        .spk_id = prekeys.spk_id,
        .spk = prekeys.spk,
        .opk_id = bundle.one_time ? bundle.one_time->fields().id : 0,
        .opk = bundle.one_time ? std::optional(bundle.one_time->fields().opk) : std::nullopt,
        .pq_one_time = kem->one_time,
        .pq_id = kem->id,
        .pq_public = kem->public_key,
        .kem_ciphertext = kem->ciphertext};
    const TranscriptHash th = transcript_hash(transcript);
    auto ratchet = Ratchet::initiator(derive_session(*suite, input, th), prekeys.spk, random);
    if (!ratchet) return Unexpected(HandshakeError::bad_key);
    return InitiatedSession{
        .ratchet = *std::move(ratchet),
        .init_prefix = init_prefix(own, transcript),
        .transcript = th,
        .suite = *suite,
        .floor = {.suite_floor = std::max(peer.floor.suite_floor, number(*suite)),
                  .prerec_seq = prekeys.seq}};
}

Bytes make_init_message(ByteView init_prefix, ByteView ratchet_message) {
    Writer out(init_prefix.size() + ratchet_message.size());
    out.raw(init_prefix).raw(ratchet_message);
    return std::move(out).take();
}

// --- responder
// -------------------------------------------------------------------------------------------

namespace {

/// The newer of the sender's list as sent and as held.
Result<const DevList*, HandshakeError> newest_list(const DevList& sent, const DevList* held) {
    if (held == nullptr) return &sent;
    ensure(held->account() == sent.account(), "the list held is of the sender's account");
    const auto order = compare_dev_lists(mark_of(*held), sent);
    if (order) return *order == DevListOrder::newer ? &sent : held;
    // An old list is no attack here: the message may have waited while the list moved on.
    if (order.error() == DevListError::rollback) return held;
    return Unexpected(HandshakeError::list_fork);
}

Failure check_suite(const OwnIdentity& own, const InitMessage& message, const KnownSender& sender) {
    if (!both_can(message.suite, own.cert, message.cert)) return HandshakeError::suite_unsupported;
    const std::uint8_t floor =
        std::max({own.cert.min_suite(), message.cert.min_suite(), sender.suite_floor});
    if (number(message.suite) < floor) return HandshakeError::suite_stripped;
    return std::nullopt;
}

/// The KEM key the message was made for; nullptr when we do not have it.
const OwnPq* kem_key(const ResponderKeys& keys, const InitMessage& message) {
    if (message.pq_one_time) {
        const bool have = keys.one_time != nullptr && keys.one_time->id == message.pq_id &&
                          keys.one_time->pq.has_value();
        return have ? &*keys.one_time->pq : nullptr;
    }
    const bool have = keys.pq_last_resort != nullptr && keys.pq_last_resort->id == message.pq_id;
    return have ? &keys.pq_last_resort->key : nullptr;
}

struct Agreed {
    SessionSecrets secrets;
    TranscriptHash transcript;
};

/// All private-key operations of the responder.
Result<Agreed, HandshakeError> agree(const OwnIdentity& own, const ResponderKeys& keys,
                                     const InitMessage& message) {
    if (keys.spk == nullptr || keys.spk->id != message.spk_id)
        return Unexpected(HandshakeError::unknown_prekey);
    // Never go on without DH4 when the sender used a one-time key.
    if (message.has_one_time && (keys.one_time == nullptr || keys.one_time->id != message.opk_id))
        return Unexpected(HandshakeError::unknown_prekey);
    const OwnPq* pq = message.suite == Suite::hybrid ? kem_key(keys, message) : nullptr;
    if (message.suite == Suite::hybrid && pq == nullptr)
        return Unexpected(HandshakeError::unknown_prekey);

    const auto dh1 = x25519(keys.spk->key.secret(), message.cert.dik().view());
    const auto dh2 = x25519(own.dik.secret(), message.ek.view());
    const auto dh3 = x25519(keys.spk->key.secret(), message.ek.view());
    if (!dh1 || !dh2 || !dh3) return Unexpected(HandshakeError::bad_key);
    HandshakeInput input{.dh1 = *dh1, .dh2 = *dh2, .dh3 = *dh3, .dh4 = {}, .kem = {}};
    std::optional<OpkPublic> opk;
    if (message.has_one_time) {
        opk = keys.one_time->key.public_key();
        input.dh4 = x25519(keys.one_time->key.secret(), message.ek.view());
        if (!input.dh4) return Unexpected(HandshakeError::bad_key);
    }
    if (pq != nullptr) {
        input.kem = kem_decapsulate(pq->secret(), message.kem_ciphertext);
        if (!input.kem) return Unexpected(HandshakeError::bad_key);
    }
    const TranscriptHash th =
        transcript_hash({.suite = message.suite,
                         .initiator = side_of(message.cert),
                         .responder = side_of(own.cert),
                         .ek = message.ek,
                         .spk_id = message.spk_id,
                         .spk = keys.spk->key.public_key(),
                         .opk_id = message.opk_id,
                         .opk = opk,
                         .pq_one_time = message.pq_one_time,
                         .pq_id = message.pq_id,
                         .pq_public = pq != nullptr ? pq->public_key().view() : ByteView(),
                         .kem_ciphertext = message.kem_ciphertext});
    return Agreed{.secrets = derive_session(message.suite, input, th), .transcript = th};
}

}  // namespace

Result<AcceptedSession, HandshakeError> accept(const OwnIdentity& own, const ResponderKeys& keys,
                                               const InitMessage& message,
                                               const KnownSender& sender, std::uint64_t now_ms) {
    ensure(own.dik.public_key() == own.cert.dik(), "our identity key is the certified one");
    if (message.dev_list.account() != message.cert.account())
        return Unexpected(HandshakeError::wrong_account);
    const auto newest = newest_list(message.dev_list, sender.dev_list);
    if (!newest) return Unexpected(newest.error());
    if (const auto failure = check_peer(own, message.cert, **newest, now_ms))
        return Unexpected(*failure);
    if (const auto failure = check_suite(own, message, sender)) return Unexpected(*failure);

    const auto agreed = agree(own, keys, message);
    if (!agreed) return Unexpected(agreed.error());
    const Ratchet fresh = Ratchet::responder(agreed->secrets, keys.spk->key);
    auto first = fresh.decrypt(message.ratchet_message, now_ms);
    if (!first) return Unexpected(HandshakeError::bad_first_message);
    return AcceptedSession{
        .ratchet = std::move(first->next),
        .first_plaintext = std::move(first->content),
        .transcript = agreed->transcript,
        .suite = message.suite,
        .used_one_time_id = message.has_one_time ? std::optional(message.opk_id) : std::nullopt,
        .dev_list_is_news = *newest == &message.dev_list};
}

}  // namespace sotto::crypto
