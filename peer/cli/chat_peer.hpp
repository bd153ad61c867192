// The terminal chat: a ChatSession joined to stdin, stdout and a runtime.
#pragma once

#include "peer/cli/options.hpp"
#include "peer/cli/signals.hpp"

namespace sotto::peer::cli {

// The exit code.
[[nodiscard]] int run_chat(Options options, const StopSignals& signals);

}  // namespace sotto::peer::cli
