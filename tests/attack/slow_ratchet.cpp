#include "tests/attack/slow_ratchet.hpp"

#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto::attack {

namespace {

// The limits of docs/protocol.md 2.6 and the sizes of 2.7, written again on purpose.
constexpr std::uint32_t skip_max = 2000;
constexpr std::size_t keys_max = 5000;
constexpr std::uint32_t chains_max = 5;
constexpr std::uint64_t ttl_ms = 30ULL * 24 * 3600 * 1000;
constexpr std::size_t sizes[] = {512, 1024, 2048, 4096, 8192, 16384, 32768, 61440};
constexpr std::size_t around = 1 + 16 + 2 + 81 + 24 + 16;

Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

ByteArray<32> array_of(View32 bytes) {
    ByteArray<32> out;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Secret<32> kdf_ck(Secret<32>& ck) {
    const Secret<32> mk = chain_hmac(ck, 0x01);
    ck = chain_hmac(ck, 0x02);
    return mk;
}

Secret<32> aead_key(const Secret<32>& mk) {
    Secret<32> out;
    hkdf({}, mk.view(), enc(label::ratchet_message_key, {}), out.writable());
    return out;
}

}  // namespace

void SlowRatchet::kdf_rk(const Secret<32>& dh, std::optional<Secret<32>>& ck, Secret<32>& nhk) {
    ByteArray<96> out;
    hkdf(rk_.view(), dh.view(), enc(label::ratchet_root, {le_bytes(suite_)}), out);
    const std::span<const std::uint8_t, 96> all(out);
    rk_ = Secret<32>(all.subspan<0, 32>());
    ck = Secret<32>(all.subspan<32, 32>());
    nhk = Secret<32>(all.subspan<64, 32>());
}

// RatchetInitAliceHE
SlowRatchet SlowRatchet::initiator(const SessionSecrets& secrets, const SpkPublic& spk,
                                   RandomSource& random) {
    SlowRatchet s;
    s.suite_ = static_cast<std::uint8_t>(secrets.suite);
    s.sid_ = secrets.sid.bytes();
    s.ad_ = secrets.associated_data;
    s.dhs_ = random.secret<32>();
    s.dhr_ = array_of(spk.view());
    s.rk_ = secrets.root;
    s.kdf_rk(x25519(*s.dhs_, *s.dhr_).value(), s.cks_, s.nhks_);
    s.hks_ = secrets.header_key;
    s.nhkr_ = secrets.next_header_key;
    return s;
}

// RatchetInitBobHE
SlowRatchet SlowRatchet::responder(const SessionSecrets& secrets, const OwnSpk& spk) {
    SlowRatchet s;
    s.suite_ = static_cast<std::uint8_t>(secrets.suite);
    s.sid_ = secrets.sid.bytes();
    s.ad_ = secrets.associated_data;
    s.dhs_ = spk.secret();
    s.rk_ = secrets.root;
    s.nhks_ = secrets.next_header_key;
    s.nhkr_ = secrets.header_key;
    return s;
}

// The half of DHRatchetHE that makes a sending chain
void SlowRatchet::prepare(RandomSource& random) {
    if (!dhr_ || cks_) return;
    hks_ = nhks_;
    dhs_ = random.secret<32>();
    kdf_rk(x25519(*dhs_, *dhr_).value(), cks_, nhks_);
}

// RatchetEncryptHE, after the half above where it is due
std::optional<Bytes> SlowRatchet::encrypt(ByteView content, RandomSource& random) {
    std::size_t size = 0;
    for (const std::size_t each : sizes)
        if (size == 0 && content.size() + 1 + around <= each) size = each;
    if (size == 0 || !dhr_) return std::nullopt;
    prepare(random);
    last_ = kdf_ck(*cks_);
    const auto header_nonce = AeadNonce::fresh(random);
    const auto body_nonce = AeadNonce::fresh(random);
    Writer header;
    header.u8(0).raw(x25519_base(*dhs_)).u32(pn_).u32(ns_++);
    Bytes eh = copy_of(header_nonce.view());
    aead_seal(eh, *hks_, header_nonce, enc(label::ratchet_header, {ad_}), header.view());
    Bytes padded = copy_of(content);
    padded.push_back(0x80);
    padded.resize(size - around, 0);
    Writer out;
    out.u8(1).raw(sid_).sized16(eh).raw(body_nonce.view());
    Bytes message = std::move(out).take();
    aead_seal(message, aead_key(last_), body_nonce, enc(label::ratchet_body, {ad_, eh}), padded);
    return message;
}

std::optional<SlowRatchet::Header> SlowRatchet::open_header(const Secret<32>& key,
                                                            ByteView eh) const {
    Bytes plain(41);
    if (!aead_open(plain, key, AeadNonce::from_wire(eh.first<24>()),
                   enc(label::ratchet_header, {ad_}), eh.subspan(24)))
        return std::nullopt;
    Reader in(plain);
    if (in.u8() != 0) return std::nullopt;
    return Header{.dh = in.array<32>(), .pn = in.u32(), .n = in.u32()};
}

std::optional<Bytes> SlowRatchet::open_body(const Secret<32>& mk, ByteView message) const {
    const ByteView eh = message.subspan(19, 81);
    const ByteView nonce = message.subspan(100, 24);
    Bytes plain(message.size() - around);
    if (!aead_open(plain, aead_key(mk), AeadNonce::from_wire(nonce.first<24>()),
                   enc(label::ratchet_body, {ad_, eh}), message.subspan(124)))
        return std::nullopt;
    while (!plain.empty() && plain.back() == 0)
        plain.pop_back();
    if (plain.empty() || plain.back() != 0x80) return std::nullopt;
    plain.pop_back();
    return plain;
}

// TrySkippedMessageKeysHE
std::optional<Bytes> SlowRatchet::try_skipped(ByteView message) {
    const ByteView eh = message.subspan(19, 81);
    const Secret<32>* tried = nullptr;
    std::optional<Header> header;
    for (auto each = skipped_.begin(); each != skipped_.end(); ++each) {
        if (tried == nullptr || !(*tried == each->hk)) header = open_header(each->hk, eh);
        tried = &each->hk;
        if (!header || header->n != each->n) continue;
        auto content = open_body(each->mk, message);
        if (content) skipped_.erase(each);
        return content;
    }
    return std::nullopt;
}

// SkipMessageKeysHE
bool SlowRatchet::skip(std::uint32_t until, std::uint64_t now_ms) {
    if (until > nr_ && until - nr_ > skip_max) return false;
    if (!ckr_) return true;
    while (nr_ < until)
        skipped_.push_back({*hkr_, nr_++, kdf_ck(*ckr_), chain_, now_ms});
    while (skipped_.size() > keys_max)
        skipped_.pop_front();
    return true;
}

// DHRatchetHE up to the keys of the new sending chain
bool SlowRatchet::dh_ratchet(const Header& header) {
    if (!dhs_ || !x25519_is_canonical(header.dh)) return false;
    const auto shared = x25519(*dhs_, header.dh);
    if (!shared) return false;
    pn_ = ns_;
    ns_ = 0;
    nr_ = 0;
    ++chain_;
    hkr_ = nhkr_;
    dhr_ = header.dh;
    kdf_rk(*shared, ckr_, nhkr_);
    dhs_.reset();
    cks_.reset();
    hks_.reset();
    skipped_.remove_if([this](const Skipped& key) { return key.chain + chains_max < chain_; });
    return true;
}

// RatchetDecryptHE
std::optional<Bytes> SlowRatchet::decrypt_here(ByteView message, std::uint64_t now_ms) {
    skipped_.remove_if(
        [now_ms](const Skipped& key) { return now_ms > key.at_ms && now_ms - key.at_ms > ttl_ms; });
    if (auto content = try_skipped(message)) return content;
    const ByteView eh = message.subspan(19, 81);
    std::optional<Header> header;
    if (hkr_) header = open_header(*hkr_, eh);
    if (!header) {
        header = open_header(nhkr_, eh);
        if (!header) return std::nullopt;
        if (header->n > skip_max) return std::nullopt;
        if (ckr_ && !skip(header->pn, now_ms)) return std::nullopt;
        if (!dh_ratchet(*header)) return std::nullopt;
    }
    if (header->n < nr_) return std::nullopt;  // used
    if (!skip(header->n, now_ms)) return std::nullopt;
    const Secret<32> mk = kdf_ck(*ckr_);
    ++nr_;
    return open_body(mk, message);
}

std::optional<Bytes> SlowRatchet::decrypt(ByteView message, std::uint64_t now_ms) {
    if (std::find(std::begin(sizes), std::end(sizes), message.size()) == std::end(sizes))
        return std::nullopt;
    Reader in(message);
    if (in.u8() != 1 || in.array<16>() != sid_ || in.u16() != 81) return std::nullopt;
    SlowRatchet next = *this;
    auto content = next.decrypt_here(message, now_ms);
    if (content) *this = std::move(next);
    return content;
}

std::optional<Bytes> Twin::send(ByteView content, RandomSource& random) {
    // A new ratchet key at most, and two nonces: the same for both.
    const auto drawn = random.array<32 + 24 + 24>();
    test::FixedRandom for_real({drawn.begin(), drawn.end()});
    test::FixedRandom for_model({drawn.begin(), drawn.end()});
    const auto a = real.encrypt(content, for_real);
    const auto b = model.encrypt(content, for_model);
    EXPECT_EQ(a.has_value(), b.has_value());
    if (!a || !b) return std::nullopt;
    EXPECT_EQ(*a, *b);
    return *a;
}

void Twin::prepare(RandomSource& random) {
    const auto drawn = random.array<32>();
    test::FixedRandom for_real({drawn.begin(), drawn.end()});
    test::FixedRandom for_model({drawn.begin(), drawn.end()});
    real.prepare(for_real);
    model.prepare(for_model);
}

std::optional<Bytes> Twin::receive(ByteView message, std::uint64_t now_ms) {
    auto a = real.decrypt(message, now_ms);
    const auto b = model.decrypt(message, now_ms);
    EXPECT_EQ(a.has_value(), b.has_value()) << (a ? "accepted" : to_string(a.error()));
    if (!a) return std::nullopt;
    real = std::move(a->next);
    EXPECT_TRUE(b && equal(a->content, *b));
    EXPECT_EQ(real.skipped_key_count(), model.skipped_key_count());
    return b;
}

Twins make_twins(const SessionSecrets& secrets, const OwnSpk& spk, RandomSource& random) {
    const auto drawn = random.array<32>();
    test::FixedRandom for_real({drawn.begin(), drawn.end()});
    test::FixedRandom for_model({drawn.begin(), drawn.end()});
    return {.alice = {Ratchet::initiator(secrets, spk.public_key(), for_real).value(),
                      SlowRatchet::initiator(secrets, spk.public_key(), for_model)},
            .bob = {Ratchet::responder(secrets, spk), SlowRatchet::responder(secrets, spk)}};
}

}  // namespace sotto::crypto::attack
