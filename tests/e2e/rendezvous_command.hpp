// Runs a command of sotto-rendezvous to its end.
#pragma once

#include "tests/e2e/process.hpp"

#include <string>
#include <vector>

namespace sotto::e2e {

struct CommandResult {
    int code = -1;
    std::string output;
    std::string errors;
};

inline CommandResult run_command(std::vector<std::string> arguments) {
    Process process(program_folder() / "sotto-rendezvous", arguments);
    process.close_input();
    CommandResult result;
    while (const auto line = process.read_line())
        result.output += *line + "\n";
    result.code = process.wait();
    result.errors = process.errors();
    return result;
}

}  // namespace sotto::e2e
