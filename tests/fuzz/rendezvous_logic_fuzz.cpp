#include "tests/fuzz/rendezvous_logic.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    sotto::fuzz::LogicRun().run({data, size});
    return 0;
}
