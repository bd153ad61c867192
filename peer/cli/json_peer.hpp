// The line protocol for programs: JSON commands from stdin, JSON events to stdout, until quit.
//
// Owns nothing but the loop: it waits for a line, a change or a signal, never for time. A line that
// is no command is answered with an error and changes nothing. After the end of stdin it answers
// what was asked, then ends. A reader that is slow stops the flow; one that is gone ends it.
#pragma once

#include "peer/cli/options.hpp"
#include "peer/cli/signals.hpp"

namespace sotto::peer::cli {

// The exit code.
[[nodiscard]] int run_json(Options options, const StopSignals& signals);

}  // namespace sotto::peer::cli
