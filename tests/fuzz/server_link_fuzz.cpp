#include "peer/server_link.hpp"
#include "tests/fuzz/support.hpp"

// The link a person pastes to say which server is meant.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    static const fuzz::Ready ready;
    const std::string text(data, data + size);
    if (const auto server = peer::parse_server_link(text)) {
        const auto again = peer::parse_server_link(peer::to_link(*server));
        crypto::ensure(again && *again == *server, "a server has a link");
    }
    return 0;
}
