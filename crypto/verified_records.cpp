#include "crypto/verified_records.hpp"

#include <algorithm>

namespace sotto::crypto {

bool VerifiedRecords::has(View32 hash) const noexcept {
    return std::any_of(hashes_.begin(), hashes_.end(), [&](const ByteArray<32>& known) {
        return std::equal(known.begin(), known.end(), hash.begin());
    });
}

void VerifiedRecords::add(View32 hash) {
    ByteArray<32> copy;
    std::copy(hash.begin(), hash.end(), copy.begin());
    if (hashes_.size() < verified_records_max) {
        hashes_.push_back(copy);
        return;
    }
    hashes_[oldest_] = copy;
    oldest_ = (oldest_ + 1) % verified_records_max;
}

}  // namespace sotto::crypto
