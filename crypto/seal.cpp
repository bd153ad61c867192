#include "crypto/seal.hpp"

namespace sotto::crypto {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t hint_size = 1 + 32 + 16;  // kind, account, device

Secret<32> seal_key(const Secret<32>& shared, std::uint32_t mbk_id, const EkPublic& ephemeral,
                    const MbkPublic& mbk, const DeviceId& device) {
    Secret<32> out;
    hkdf({}, shared.view(),
         enc(label::seal, {le_bytes(mbk_id), ephemeral.view(), mbk.view(), device.view()}),
         out.writable());
    return out;
}

/// ver || mbk_id || e_pub || nonce || device id: "all previous bytes", then the device.
Bytes associated_data(ByteView sealed_front, const DeviceId& device) {
    Writer out(sealed_front.size() + DeviceId::size);
    out.raw(sealed_front).raw(device.view());
    return std::move(out).take();
}

constexpr std::size_t front_size = 1 + 4 + 32 + aead_nonce_size;
static_assert(seal_overhead == DeviceId::size + front_size + hint_size + aead_tag_size);

}  // namespace

bool can_seal_to(const MbkPublic& mbk) {
    // Whether a point is of low order does not depend on the scalar.
    return x25519(Secret<32>(mbk.view()), mbk.view()).has_value();
}

Result<Bytes, SealError> seal(const SealTarget& target, const SealedContent& content,
                              RandomSource& random) {
    const OwnEk ephemeral = OwnEk::generate(random);
    const AeadNonce nonce = AeadNonce::fresh(random);
    const auto shared = x25519(ephemeral.secret(), target.mbk.view());
    if (!shared) return Unexpected(SealError::bad_key);
    if (content.payload.size() > sealed_item_size_max - seal_overhead)
        return Unexpected(SealError::malformed);
    const Secret<32> key =
        seal_key(*shared, target.mbk_id, ephemeral.public_key(), target.mbk, target.device);

    BasicWriter<SecretBytes> plaintext(hint_size + content.payload.size());
    plaintext.u8(static_cast<std::uint8_t>(content.kind))
        .raw(content.sender_account.view())
        .raw(content.sender_device.view())
        .raw(content.payload);

    Writer item(seal_overhead + content.payload.size());
    item.raw(target.device.view());
    item.u8(version).u32(target.mbk_id).raw(ephemeral.public_key().view()).raw(nonce.view());
    const Bytes associated = associated_data(item.view().subspan(DeviceId::size), target.device);
    Bytes out = std::move(item).take();
    aead_seal(out, key, nonce, associated, plaintext.view());
    return out;
}

std::optional<DeviceId> sealed_item_device(ByteView item) noexcept {
    if (item.size() < seal_overhead || item.size() > sealed_item_size_max) return std::nullopt;
    return DeviceId::from(item.first(DeviceId::size));
}

Result<SealedContent, SealError> open_sealed(ByteView item, const DeviceId& own_device,
                                             std::span<const OwnMailboxKey> keys) {
    if (sealed_item_device(item) != own_device) return Unexpected(SealError::malformed);
    const ByteView sealed = item.subspan(DeviceId::size);
    Reader in(sealed);
    if (in.u8() != version) return Unexpected(SealError::malformed);
    const std::uint32_t mbk_id = in.u32();
    const auto ephemeral = EkPublic::parse(in.raw(32));
    const AeadNonce nonce = AeadNonce::from_wire(in.array<aead_nonce_size>());
    const ByteView box = in.rest();
    if (!in.finished()) return Unexpected(SealError::malformed);
    if (!ephemeral) return Unexpected(SealError::bad_key);

    const auto own = std::find_if(keys.begin(), keys.end(),
                                  [&](const OwnMailboxKey& key) { return key.id == mbk_id; });
    if (own == keys.end()) return Unexpected(SealError::unknown_key);
    const auto shared = x25519(own->key.secret(), ephemeral->view());
    if (!shared) return Unexpected(SealError::bad_key);
    const Secret<32> key = seal_key(*shared, mbk_id, *ephemeral, own->key.public_key(), own_device);
    SecretBytes plaintext(box.size() - aead_tag_size);
    if (!aead_open(plaintext, key, nonce, associated_data(sealed.first(front_size), own_device),
                   box))
        return Unexpected(SealError::not_authentic);

    Reader hint(plaintext);
    const std::uint8_t kind = hint.u8();
    const AccountId account(hint.array<32>());
    const DeviceId device(hint.array<16>());
    const ByteView payload = hint.rest();
    if (!hint.finished() || (kind != 1 && kind != 2)) return Unexpected(SealError::malformed);
    return SealedContent{.kind = static_cast<SealedKind>(kind),
                         .sender_account = account,
                         .sender_device = device,
                         .payload = Bytes(payload.begin(), payload.end())};
}

ByteArray<32> mailbox_token_hash(const MailboxToken& token) {
    return hash(label::mailbox_token, {token.view()});
}

ByteArray<32> invite_token_hash(const InviteToken& token) {
    return hash(label::invite_token, {token.view()});
}

}  // namespace sotto::crypto
