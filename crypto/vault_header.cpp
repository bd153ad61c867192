#include "crypto/vault_header.hpp"

namespace sotto::crypto {

namespace {

// magic 8 || ver 1 || ops u32 || mem u64 || salt 16 || nonce 24 || box 48 || epoch u64 || mac 32
constexpr std::string_view magic = "SOTTOVLT";
constexpr std::uint8_t version = 1;
constexpr std::size_t associated_size = 8 + 1 + 4 + 8 + 16 + aead_nonce_size;
constexpr std::size_t box_size = 32 + aead_tag_size;
constexpr std::size_t wrapped_size = associated_size + box_size;  // all that holds the key
constexpr std::size_t mac_size = 32;
static_assert(wrapped_size + 8 + mac_size == vault_header_size);

using Salt = ByteArray<16>;

struct Parts {
    PasswordCost cost;
    Salt salt;
    AeadNonce nonce;
    ByteView associated;
    ByteView box;
    ByteView wrapped;
    std::uint64_t epoch;
    ByteView mac;
};

std::optional<Parts> parse(ByteView header) {
    if (header.size() != vault_header_size) return std::nullopt;
    Reader in(header);
    if (!equal(in.raw(magic.size()), as_bytes(magic)) || in.u8() != version) return std::nullopt;
    const PasswordCost cost{.ops = in.u32(), .memory = in.u64()};
    const Salt salt = in.array<16>();
    const AeadNonce nonce = AeadNonce::from_wire(in.array<aead_nonce_size>());
    const ByteView box = in.raw(box_size);
    const std::uint64_t epoch = in.u64();
    const ByteView mac = in.raw(mac_size);
    if (!in.finished()) return std::nullopt;
    return Parts{.cost = cost,
                 .salt = salt,
                 .nonce = nonce,
                 .associated = header.first(associated_size),
                 .box = box,
                 .wrapped = header.first(wrapped_size),
                 .epoch = epoch,
                 .mac = mac};
}

Result<Secret<32>, VaultError> key_encryption_key(ByteView passphrase, const Salt& salt,
                                                  const PasswordCost& cost) {
    const auto stretched = stretch_password(passphrase, salt, cost);
    if (!stretched) return Unexpected(VaultError::out_of_memory);
    Secret<32> out;
    hkdf({}, stretched->view(), enc(label::vault_kek, {}), out.writable());
    return out;
}

ByteArray<32> epoch_mac(const DatabaseKey& key, ByteView wrapped, std::uint64_t epoch) {
    Secret<32> mac_key;
    hkdf({}, key.view(), enc(label::vault_epoch_key, {}), mac_key.writable());
    return keyed_hash(mac_key, label::vault_epoch, {wrapped, le_bytes(epoch)});
}

Bytes with_epoch(ByteView wrapped, const DatabaseKey& key, std::uint64_t epoch) {
    Writer out(vault_header_size);
    out.raw(wrapped).u64(epoch).raw(epoch_mac(key, wrapped, epoch));
    return std::move(out).take();
}

Result<Bytes, VaultError> wrap(const DatabaseKey& key, std::uint64_t epoch, ByteView passphrase,
                               const PasswordCost& cost, RandomSource& random) {
    const Salt salt = random.array<16>();
    const AeadNonce nonce = AeadNonce::fresh(random);
    const auto kek = key_encryption_key(passphrase, salt, cost);
    if (!kek) return Unexpected(kek.error());
    Writer out(wrapped_size);
    out.raw(as_bytes(magic)).u8(version).u32(cost.ops).u64(cost.memory).raw(salt).raw(nonce.view());
    const Bytes associated = std::move(out).take();
    Bytes wrapped = associated;
    aead_seal(wrapped, *kek, nonce, associated, key.view());
    return with_epoch(wrapped, key, epoch);
}

}  // namespace

DatabaseKey DatabaseKey::generate(RandomSource& random) {
    SecureBuffer memory(32);
    random.fill(memory.writable());
    return DatabaseKey(std::move(memory));
}

DatabaseKey DatabaseKey::from(const Secret<32>& bytes) {
    return DatabaseKey(SecureBuffer::copy_of(bytes.view()));
}

Result<CreatedVault, VaultError> create_vault(ByteView passphrase, const PasswordCost& cost,
                                              const PasswordCostLimits& limits,
                                              RandomSource& random) {
    if (!limits.allow(cost)) return Unexpected(VaultError::cost_refused);
    DatabaseKey key = DatabaseKey::generate(random);
    auto header = wrap(key, 0, passphrase, cost, random);
    if (!header) return Unexpected(header.error());
    return CreatedVault{.header = *std::move(header), .key = std::move(key)};
}

Result<OpenedVault, VaultError> open_vault(ByteView header, ByteView passphrase,
                                           const PasswordCostLimits& limits) {
    const auto parts = parse(header);
    if (!parts) return Unexpected(VaultError::malformed);
    if (!limits.allow(parts->cost)) return Unexpected(VaultError::cost_refused);
    const auto kek = key_encryption_key(passphrase, parts->salt, parts->cost);
    if (!kek) return Unexpected(kek.error());
    Secret<32> raw;
    if (!aead_open(raw.writable(), *kek, parts->nonce, parts->associated, parts->box))
        return Unexpected(VaultError::wrong_passphrase);
    DatabaseKey key = DatabaseKey::from(raw);
    if (!constant_time_equal(epoch_mac(key, parts->wrapped, parts->epoch), parts->mac))
        return Unexpected(VaultError::epoch_forged);
    return OpenedVault{.key = std::move(key), .state_epoch = parts->epoch, .cost = parts->cost};
}

Result<Bytes, VaultError> change_passphrase(ByteView header, ByteView old_passphrase,
                                            ByteView new_passphrase, const PasswordCost& new_cost,
                                            const PasswordCostLimits& limits,
                                            RandomSource& random) {
    if (!limits.allow(new_cost)) return Unexpected(VaultError::cost_refused);
    const auto opened = open_vault(header, old_passphrase, limits);
    if (!opened) return Unexpected(opened.error());
    return wrap(opened->key, opened->state_epoch, new_passphrase, new_cost, random);
}

Result<Bytes, VaultError> with_state_epoch(ByteView header, const DatabaseKey& key,
                                           std::uint64_t state_epoch) {
    const auto parts = parse(header);
    if (!parts) return Unexpected(VaultError::malformed);
    if (!constant_time_equal(epoch_mac(key, parts->wrapped, parts->epoch), parts->mac))
        return Unexpected(VaultError::epoch_forged);
    return with_epoch(parts->wrapped, key, state_epoch);
}

}  // namespace sotto::crypto
