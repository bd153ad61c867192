#include "crypto/signatures.hpp"
#include "tests/fuzz/support.hpp"

// Certificates: as they come, and with both signatures made good, so that only the rules refuse.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const People people;
    const ByteView bytes(data, size);
    const auto check = [](ByteView each) {
        const auto cert = Cert::decode(each);
        ensure(!cert || equal(cert->encoded(), each), "one encoding");
    };
    check(bytes);
    constexpr std::size_t body_size = Cert::encoded_size - 128;
    if (size < body_size) return 0;
    Bytes body(bytes.begin(), bytes.begin() + body_size);
    const auto& account = people.alice.amk.public_key().view();
    std::copy(account.begin(), account.end(), body.begin() + 1);
    const auto& dsk = people.alice.dsk.public_key().view();
    std::copy(dsk.begin(), dsk.end(), body.begin() + 1 + 32 + 16);
    check(signed_with(
        body, {sign_cert(people.alice.amk, body), sign_cert_possession(people.alice.dsk, body)}));
    return 0;
}
