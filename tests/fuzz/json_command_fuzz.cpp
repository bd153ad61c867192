#include "peer/cli/json_commands.hpp"
#include "tests/fuzz/support.hpp"

// A line of a program that drives sotto-peer --json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    static const fuzz::Ready ready;
    const peer::cli::AddressBook book;
    const auto parsed = peer::cli::parse_command({data, size}, book);
    if (const auto* refused = std::get_if<peer::cli::CommandRefused>(&parsed))
        crypto::ensure(!refused->code.empty() && !refused->message.empty(), "a reason");
    return 0;
}
