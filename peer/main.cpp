// sotto-peer: a peer without a window. Puts the parts together and nothing else.
#include "peer/cli/chat_peer.hpp"
#include "peer/cli/json_peer.hpp"
#include "peer/cli/options.hpp"
#include "peer/cli/signals.hpp"
#include "peer/runtime/hardening.hpp"

#include <exception>
#include <iostream>

namespace cli = sotto::peer::cli;

int main(int argc, char** argv) {
    const auto warnings = sotto::peer::runtime::harden_process();
    const cli::StopSignals signals;  // before any thread
    try {
        auto parsed = cli::parse_options(argc, argv);
        if (const int* code = std::get_if<int>(&parsed)) return *code;
        auto& options = std::get<cli::Options>(parsed);
        for (const auto& warning : warnings)
            std::cerr << "sotto-peer: " << warning << "\n";
        return options.mode == cli::Options::Mode::json
                   ? cli::run_json(std::move(options), signals)
                   : cli::run_chat(std::move(options), signals);
    } catch (const std::exception& error) {
        // Out of memory or descriptors, or a libzmq that is too old. What was committed is safe.
        std::cerr << "sotto-peer: " << error.what() << "\n";
        return cli::exit_failed;
    }
}
