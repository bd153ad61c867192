// That libzmq uses the programs' own functions where its CURVE client is weak (docs/zeromq.md):
// what the dynamic linker says that it bound, in each program as it was built.
#include "tests/tidy/command_output.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace sotto::tidy {
namespace {

TEST(CurveGuard, libzmq_is_bound_to_every_program) {
    std::istringstream programs(SOTTO_PROGRAMS);
    for (std::string program; programs >> program;) {
        const std::string path = std::string(SOTTO_BINARY_DIR) + "/" + program;
        std::istringstream lines(
            output_of("LD_BIND_NOW=1 LD_DEBUG=bindings '" + path + "' --version 2>&1"));
        for (const char* name : {"crypto_box_beforenm", "crypto_box", "_ZnwmRKSt9nothrow_t"}) {
            lines.clear();
            lines.seekg(0);
            std::string bound = "nothing";
            for (std::string line; std::getline(lines, line);) {
                if (line.find("libzmq.so") == std::string::npos ||
                    line.find("symbol `" + std::string(name) + "'") == std::string::npos ||
                    line.find("libzmq.so") > line.find(" to "))
                    continue;
                bound = line.substr(line.find(" to ") + 4);
            }
            EXPECT_TRUE(bound.starts_with(path + " ")) << name << " of libzmq: " << bound;
        }
    }
}

}  // namespace
}  // namespace sotto::tidy
