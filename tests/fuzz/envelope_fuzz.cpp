#include "peer/wire/envelope.hpp"
#include "tests/fuzz/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const auto value = peer::wire::decode_envelope({data, size});
    if (!value) return 0;
    // Fields of a newer version are left out when encoding: only what is known has one encoding.
    if (std::holds_alternative<peer::wire::Unsupported>(value->body)) return 0;
    const crypto::Bytes again = peer::wire::encode(*value);
    const auto twice = peer::wire::decode_envelope(again);
    crypto::ensure(twice && *twice == *value, "round trip");
    return 0;
}
