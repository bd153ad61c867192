#include "peer/wire/link_frame.hpp"
#include "tests/fuzz/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const auto value = peer::wire::decode_link_frame({data, size});
    if (!value) return 0;
    crypto::ensure(crypto::equal(peer::wire::encode(*value), {data, size}), "one encoding");
    return 0;
}
