// The header that holds a profile's database key under the passphrase (docs/protocol.md 2.15).
//
// Bytes in, bytes out; files, fsync and atomic rename are the caller's. Promises: whoever changes a
// byte is found out; parameters outside the limits are refused before any work is done.
// Passphrases come in as UTF-8 in NFC.
#pragma once

#include "crypto/password.hpp"

namespace sotto::crypto {

/// DBK: the database's raw key, in guarded memory.
class DatabaseKey {
public:
    [[nodiscard]] static DatabaseKey generate(RandomSource& random);
    [[nodiscard]] static DatabaseKey from(const Secret<32>& bytes);
    [[nodiscard]] View32 view() const noexcept { return memory_.view().first<32>(); }
    /// 64 hex digits, for SQLCipher's `PRAGMA key`.
    [[nodiscard]] SecretBytes hex() const { return to_secret_hex(memory_.view()); }
    friend std::ostream& operator<<(std::ostream& out, const DatabaseKey&) {
        return out << "[secret]";
    }

private:
    explicit DatabaseKey(SecureBuffer memory) : memory_(std::move(memory)) {}
    SecureBuffer memory_;
};

enum class VaultError : std::uint8_t {
    malformed,         ///< not a vault header, or another version
    cost_refused,      ///< parameters outside the limits
    wrong_passphrase,  ///< or a changed byte: the two cannot be told apart
    epoch_forged,      ///< right passphrase, but the state epoch is not ours
    out_of_memory,
};
[[nodiscard]] constexpr std::string_view to_string(VaultError error) noexcept {
    switch (error) {
        case VaultError::malformed:
            return "not a vault header";
        case VaultError::cost_refused:
            return "vault parameters refused";
        case VaultError::wrong_passphrase:
            return "wrong passphrase";
        case VaultError::epoch_forged:
            return "state epoch is not authentic";
        case VaultError::out_of_memory:
            return "out of memory";
    }
    return "unknown";
}

inline constexpr std::size_t vault_header_size = 149;

struct CreatedVault {
    Bytes header;
    DatabaseKey key;
};
struct OpenedVault {
    DatabaseKey key;
    /// The database must not be older than this; else it was rolled back.
    std::uint64_t state_epoch;
    PasswordCost cost;
};

/// A new key under a new passphrase; state epoch 0. `cost` outside `limits`: cost_refused.
[[nodiscard]] Result<CreatedVault, VaultError> create_vault(ByteView passphrase,
                                                            const PasswordCost& cost,
                                                            const PasswordCostLimits& limits,
                                                            RandomSource& random);
[[nodiscard]] Result<OpenedVault, VaultError> open_vault(ByteView header, ByteView passphrase,
                                                         const PasswordCostLimits& limits);
/// The same key under another passphrase, new salt and nonce; the state epoch stays.
[[nodiscard]] Result<Bytes, VaultError> change_passphrase(ByteView header, ByteView old_passphrase,
                                                          ByteView new_passphrase,
                                                          const PasswordCost& new_cost,
                                                          const PasswordCostLimits& limits,
                                                          RandomSource& random);
/// The header with another state epoch; needs no passphrase, only the key. Errors: malformed,
/// epoch_forged (the header is not of this key).
[[nodiscard]] Result<Bytes, VaultError> with_state_epoch(ByteView header, const DatabaseKey& key,
                                                         std::uint64_t state_epoch);

}  // namespace sotto::crypto
