// Which certificates and device lists were verified before, so that the same bytes are not again.
//
// A record is known by the hash of all its bytes, signatures included, so what is found here is the
// very record whose signatures were good. Only decoders ask and add. Bounded: the oldest goes, and
// costs a verification when it comes back. Belongs to one thread. Keeps nothing secret.
#pragma once

#include <vector>

#include "crypto/primitives.hpp"

namespace sotto::crypto {

/// An init message brings two records, and repeats them in front of every message until the first
/// answer; 512 are a roomful of contacts in 16 KiB, and looking through them costs a hundredth of
/// one verification.
inline constexpr std::size_t verified_records_max = 512;

class VerifiedRecords {
public:
    /// `hash`: CH of a Cert or hash of a DevList; their labels keep them apart.
    [[nodiscard]] bool has(View32 hash) const noexcept;
    /// Only after every signature of the record was found good.
    void add(View32 hash);
    [[nodiscard]] std::size_t size() const noexcept { return hashes_.size(); }

private:
    std::vector<ByteArray<32>> hashes_;
    std::size_t oldest_ = 0;  // the place of the next one, once all are taken
};

}  // namespace sotto::crypto
