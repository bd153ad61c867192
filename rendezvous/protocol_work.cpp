#include "rendezvous/protocol_work.hpp"

#include "crypto/labels.hpp"
#include "crypto/primitives.hpp"

#include <bit>

namespace sotto::rendezvous {

bool work_is_enough(const Bytes32& challenge_mac, std::uint64_t work, std::uint8_t bits) {
    crypto::ByteArray<8> number{};
    for (std::size_t i = 0; i < number.size(); ++i)
        number[i] = static_cast<std::uint8_t>(work >> (56 - 8 * i));
    const auto hash = crypto::hash(crypto::label::registration_work, {challenge_mac, number});
    unsigned zeros = 0;
    for (const std::uint8_t byte : hash) {
        zeros += static_cast<unsigned>(std::countl_zero(byte));
        if (byte != 0) break;
    }
    return zeros >= bits;
}

std::optional<std::uint64_t> find_work(const Bytes32& challenge_mac, std::uint64_t first,
                                       std::uint64_t count, std::uint8_t bits) {
    for (std::uint64_t work = first; work - first < count; ++work) {
        if (work_is_enough(challenge_mac, work, bits)) return work;
    }
    return std::nullopt;
}

}  // namespace sotto::rendezvous
