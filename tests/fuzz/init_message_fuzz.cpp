#include "tests/fuzz/support.hpp"

// Init messages: as they come; and with Alice's certificate and list in their places, so that ids,
// flags, keys and the inner message get as far as accept().
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    using namespace sotto::crypto;
    static const People people;
    const auto check = [](ByteView each) {
        const auto message = decode_init_message(each);
        if (!message) return;
        ensure(message->has_one_time == (message->opk_id != 0), "flag and id agree");
        (void)accept(people.bob.identity(), people.bob.keys(), *message,
                     {.dev_list = nullptr, .suite_floor = 0}, test::now_ms);
    };
    const ByteView bytes(data, size);
    check(bytes);
    const std::size_t list_at = 3 + Cert::encoded_size;
    const ByteView list = people.alice.dev_list.encoded();
    if (size < list_at + 2 + list.size()) return 0;
    Writer again;
    again.raw(bytes.first(3)).raw(people.alice.cert.encoded()).sized16(list);
    again.raw(bytes.subspan(list_at + 2 + list.size()));
    check(again.view());
    return 0;
}
