#include "crypto/signatures.hpp"
#include "tests/fuzz/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const People people;
    const ByteView bytes(data, size);
    const auto check = [](ByteView each) {
        const auto record = OpkRec::decode(each, people.alice.cert);
        ensure(!record || equal(record->encoded(), each), "one encoding");
    };
    check(bytes);
    if (size < OpkRec::signed_size) return 0;
    // Signed anew, what follows the signature left as it is.
    const ByteView body = bytes.first(OpkRec::signed_size - 64);
    Bytes again = signed_with(body, {sign_one_time_record(people.alice.dsk, body)});
    again.insert(again.end(), bytes.begin() + OpkRec::signed_size, bytes.end());
    check(again);
    return 0;
}
