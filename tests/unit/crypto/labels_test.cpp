#include "crypto/labels.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "crypto/primitives.hpp"

namespace sotto::crypto {
namespace {

TEST(Labels, NoTwoAreEqual) {
    std::set<std::string_view> seen;
    for (const Label& label : label::all) {
        EXPECT_TRUE(label.text().starts_with("PM1/")) << label.text();
        EXPECT_TRUE(seen.insert(label.text()).second) << label.text() << " is used twice";
    }
}

TEST(Labels, TheListHoldsEveryLabelThatTheHeaderDefines) {
    std::ifstream file(std::string(SOTTO_SOURCE_DIR) + "/crypto/labels.hpp");
    ASSERT_TRUE(file);
    std::set<std::string> defined;
    const std::regex definition(R"re(Label \w+\{"([^"]+)"\})re");
    for (std::string line; std::getline(file, line);)
        if (std::smatch match; std::regex_search(line, match, definition)) defined.insert(match[1]);
    std::set<std::string> listed;
    for (const Label& label : label::all)
        listed.insert(std::string(label.text()));
    EXPECT_EQ(defined, listed);
}

}  // namespace
}  // namespace sotto::crypto
