// sotto-rendezvous: from the command line to the command.
#include "crypto/init.hpp"
#include "rendezvous/commands.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace sotto::rendezvous;
    try {
        sotto::crypto::initialise();
        const auto parsed = parse_command_line(argc, argv, version_text());
        if (const int* code = std::get_if<int>(&parsed)) return *code;
        return std::visit([](const auto& options) { return carry_out(options); },
                          std::get<Command>(parsed));
    } catch (const std::exception& error) {
        // Out of memory, or a library's own failure: nothing of ours throws.
        std::cerr << "sotto-rendezvous: " << error.what() << '\n';
        return exit_failure;
    }
}
