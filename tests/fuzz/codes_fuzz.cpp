#include "crypto/curve.hpp"
#include "crypto/verify.hpp"
#include "tests/fuzz/support.hpp"

// Texts people scan or paste: codes, and the text forms of bytes beneath them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const bool ready = (initialise(), true);
    ensure(ready, "libsodium");
    const std::string text(data, data + size);
    if (const auto code = parse_verification_code(text))
        ensure(to_text(*code) == text, "one text for a code");
    if (const auto invite = parse_invite(text))
        ensure(to_text(*invite) == text, "one text for an invite");
    if (const auto bytes = from_base64url(text))
        ensure(to_base64url(*bytes) == text, "one base64url");
    if (const auto bytes = from_z85(text)) ensure(to_z85(*bytes) == text, "one Z85");
    if (const auto bytes = from_hex(text)) ensure(bytes->size() * 2 == size, "hex");
    (void)curve_public_from_z85(text);
    return 0;
}
