// What sotto-vectors reads: one JSON document with every secret, id, nonce and text a run needs, so
// that two implementations can be compared byte for byte. Described in docs/protocol.md,
// "Comparing implementations". Refuses with an exception (std::runtime_error or the JSON library's)
// that names the field; main() prints it.
#pragma once

#include <nlohmann/json.hpp>

#include "crypto/handshake.hpp"

namespace sotto::vectors {

using nlohmann::ordered_json;
using Json = ordered_json;

/// Hands out exactly the bytes it was given; asking for more is an error of the input.
class FixedRandom final : public crypto::RandomSource {
public:
    explicit FixedRandom(crypto::Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    crypto::Bytes bytes_;
    std::size_t used_ = 0;
};

/// What was computed in two ways must be the same, else std::runtime_error.
void agree(bool condition, const char* what);

[[nodiscard]] std::string hex(crypto::ByteView bytes);
/// The hex of `object[name]`, any length.
[[nodiscard]] crypto::Bytes bytes_of(const Json& object, const char* name);
[[nodiscard]] crypto::Bytes bytes_of(const Json& object, const char* name, std::size_t size);
[[nodiscard]] crypto::Secret<32> secret_of(const Json& object, const char* name);

/// One side with all its private keys.
struct Side {
    explicit Side(const Json& object);

    crypto::OwnAccountKey amk;
    crypto::OwnDsk dsk;
    crypto::OwnDik dik;
    crypto::Cert cert;
    crypto::DevList dev_list;
    [[nodiscard]] crypto::OwnIdentity identity() const { return {cert, dev_list, dik}; }
};

/// What Bob has published, with the private halves.
struct Prekeys {
    Prekeys(const Json& object, const Side& owner);

    crypto::OwnSignedPreKey spk;
    crypto::OwnMailboxKey mbk;
    std::optional<crypto::OwnPqPreKey> pqspk;
    std::optional<crypto::OwnOneTimePreKey> one_time;
    crypto::PreRec prerec;
    std::optional<crypto::OpkRec> opk_rec;
    [[nodiscard]] crypto::ResponderKeys keys() const {
        return {&spk, one_time ? &*one_time : nullptr, pqspk ? &*pqspk : nullptr};
    }
};

}  // namespace sotto::vectors
