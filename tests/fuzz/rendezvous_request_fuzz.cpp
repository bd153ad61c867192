#include "rendezvous/protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const auto frame = rendezvous::decode_request({data, size});
    if (frame)
        crypto::ensure(crypto::equal(rendezvous::encode(*frame), {data, size}), "one encoding");
    return 0;
}
