// The systemd unit stays as locked up as the operator's guide says.
#include "tests/tidy/command_output.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

namespace sotto::tidy {
namespace {

// systemd's own measure: 0 is a locked cell, 10 an open field. What is left is the network.
constexpr double exposure_max = 2.0;

TEST(ServiceUnit, exposure_is_low) {
    const std::string unit =
        std::string(SOTTO_SOURCE_DIR) + "/packaging/systemd/sotto-rendezvous.service";
    const std::string text =
        output_of("systemd-analyze security --no-pager --offline=true '" + unit + "' 2>/dev/null");
    std::smatch found;
    if (!std::regex_search(text, found, std::regex("Overall exposure level.*: ([0-9.]+)"))) {
        GTEST_SKIP() << "no systemd-analyze that can look at a file (systemd 250 or newer)";
    }
    EXPECT_LE(std::atof(found[1].str().c_str()), exposure_max) << text;
}

}  // namespace
}  // namespace sotto::tidy
