#include "crypto/signatures.hpp"
#include "tests/fuzz/support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const People people;
    const ByteView bytes(data, size);
    const auto check = [](ByteView each) {
        const auto list = DevList::decode(each);
        if (!list) return;
        ensure(equal(list->encoded(), each), "one encoding");
        ensure(!list->entries().empty() && list->entries().size() <= devices_max, "1 to 8 devices");
        ensure(compare_dev_lists(mark_of(*list), *list).value() == DevListOrder::same, "same");
        for (const DevListEntry& entry : list->entries())
            ensure(list->find(entry.device) != nullptr, "each device is found");
    };
    check(bytes);
    if (size < 64 + 33) return 0;
    Bytes body(bytes.begin(), bytes.end() - 64);
    const auto& account = people.alice.amk.public_key().view();
    std::copy(account.begin(), account.end(), body.begin() + 1);
    check(signed_with(body, {sign_dev_list(people.alice.amk, body)}));
    return 0;
}
