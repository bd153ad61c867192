// Every command and option that --help lists stands in the man page and in the completions of bash,
// zsh and fish; and these list nothing that --help does not know.
#include "tests/tidy/command_output.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace sotto::tidy {
namespace {

using Names = std::set<std::string>;

struct Interface {
    Names commands;  // "invite create"
    Names options;   // "--uses"
};

std::string read_packaging(const std::string& name) {
    std::ifstream file(std::string(SOTTO_SOURCE_DIR) + "/packaging/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Names all_matches(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    Names names;
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) {
        names.insert((*at)[1].str());
    }
    return names;
}

// Reads --help of one command and of those below it.
void learn(const std::string& program, const std::string& command, Interface& known) {
    const std::string path = std::string(SOTTO_BINARY_DIR) + "/" + program;
    std::istringstream lines(output_of("'" + path + "' " + command + " --help"));
    bool in_commands = false;
    std::vector<std::string> below;
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (!line.empty() && line[0] != ' ') in_commands = line == "Subcommands:";
        if (in_commands && std::regex_search(line, found, std::regex("^  ([a-z][a-z-]*)"))) {
            below.push_back((command.empty() ? "" : command + " ") + found[1].str());
        } else if (std::regex_search(line, found, std::regex("^  (-[^ ]*)"))) {
            known.options.merge(all_matches(found[1].str(), "(--[a-z][a-z-]*)"));
        }
    }
    for (const std::string& one : below) {
        known.commands.insert(one);
        learn(program, one, known);
    }
}

std::string last_word(const std::string& command) {
    return command.substr(command.rfind(' ') + 1);
}

Names missing(const Names& wanted, const Names& there) {
    Names names;
    for (const std::string& name : wanted) {
        if (!there.contains(name)) names.insert(name);
    }
    return names;
}

class HelpPages : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        learn(GetParam(), "", known_);
        ASSERT_TRUE(known_.options.contains("--help")) << GetParam() << " --help said nothing";
        for (const std::string& command : known_.commands)
            words_.insert(last_word(command));
    }
    Interface known_;
    Names words_;
};

std::vector<std::string> programs() {
    std::istringstream names(SOTTO_PROGRAMS);
    return {std::istream_iterator<std::string>(names), {}};
}

TEST_P(HelpPages, man_page_lists_what_help_lists) {
    const std::string name = GetParam() + (GetParam() == "sotto-rendezvous" ? ".8" : ".1");
    std::string page = read_packaging("man/" + name);
    page = std::regex_replace(page, std::regex(R"(\\-)"), "-");
    page = std::regex_replace(page, std::regex(R"(\\f.)"), "");
    const Names options = all_matches(page, "[^a-z-](--[a-z][a-z-]*)");
    EXPECT_EQ(missing(known_.options, options), Names()) << "options that " << name << " lacks";
    EXPECT_EQ(missing(options, known_.options), Names()) << "options that are no more";
    // The heading of a paragraph: .B init, .BI "user show " NAME
    const Names headings = all_matches(page, "\\.TP\n\\.BI?R? \"?([a-z]+( [a-z]+)?)");
    Names parents;  // explained by the commands below them
    for (const std::string& command : known_.commands) {
        const std::size_t space = command.find(' ');
        if (space != std::string::npos) parents.insert(command.substr(0, space));
    }
    EXPECT_EQ(missing(missing(known_.commands, parents), headings), Names())
        << "commands that " << name << " lacks";
    EXPECT_EQ(missing(headings, known_.commands), Names()) << "commands that are no more";
}

TEST_P(HelpPages, completions_offer_what_help_lists) {
    for (const std::string shell : {".bash", ".zsh", ".fish"}) {
        const std::string name = GetParam() + shell;
        std::string text = read_packaging("completions/" + name);
        text = std::regex_replace(text, std::regex("\"help_pages\".*--help"), "");
        if (shell == ".fish") {  // complete -l uses; but "set -l" makes a variable
            text = std::regex_replace(text, std::regex("set -l "), "");
            text = std::regex_replace(text, std::regex(" -l "), " --");
        }
        const Names options = all_matches(text, "[^a-z-](--[a-z][a-z-]*)");
        EXPECT_EQ(missing(known_.options, options), Names()) << "options that " << name << " lacks";
        EXPECT_EQ(missing(options, known_.options), Names())
            << name << ": options that are no more";
        const Names words = all_matches(text, "\\b([a-z]+)\\b");
        EXPECT_EQ(missing(words_, words), Names()) << "commands that " << name << " lacks";
    }
}

std::string case_name(const testing::TestParamInfo<std::string>& program) {
    return std::regex_replace(program.param, std::regex("-"), "_");
}

INSTANTIATE_TEST_SUITE_P(Program, HelpPages, testing::ValuesIn(programs()), case_name);

}  // namespace
}  // namespace sotto::tidy
