#include "crypto/seal.hpp"
#include "tests/fuzz/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const People people;
    const ByteView bytes(data, size);
    const auto check = [](ByteView item) {
        const auto opened = open_sealed(item, people.bob.device, {&people.bob.mbk, 1});
        ensure(!opened || opened->payload.size() + seal_overhead == item.size(), "every byte read");
    };
    (void)sealed_item_device(bytes);
    check(bytes);
    // Well sealed, with any content: the mailbox key is public.
    if (size > 60'000) return 0;
    SeededRandom random(1);
    const auto item = seal({.device = people.bob.device,
                            .mbk_id = people.bob.mbk.id,
                            .mbk = people.bob.mbk.key.public_key()},
                           {.kind = static_cast<SealedKind>(size > 0 ? data[0] : 0),
                            .sender_account = people.alice.amk.public_key(),
                            .sender_device = people.alice.device,
                            .payload = Bytes(bytes.begin(), bytes.end())},
                           random);
    ensure(item.has_value(), "sealed");
    check(*item);
    return 0;
}
