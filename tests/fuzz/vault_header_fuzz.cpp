#include "crypto/vault_header.hpp"
#include "tests/fuzz/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const bool ready = (initialise(), true);
    ensure(ready, "libsodium");
    const ByteView bytes(data, size);
    // The field's limits refuse before any work; the narrow ones let the cheap seeds through.
    const PasswordCost cheap{.ops = 1, .memory = 8 * 1024};
    const auto opened = open_vault(bytes, as_bytes("seed"),
                                   {.floor = cheap, .ceiling = {.ops = 1, .memory = 9000}});
    if (!opened) return 0;
    const auto same = with_state_epoch(bytes, opened->key, opened->state_epoch);
    ensure(same && equal(*same, bytes), "one encoding");
    return 0;
}
