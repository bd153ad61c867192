// The benchmark's own program as a fresh process: what a start costs and how much memory is used
// can only be seen there.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace sotto::bench {

enum class Display : bool { none, needed };
/// Runs this program with `argument`; the number it printed. Nothing when it failed. With a display
/// that is needed it uses the one there is, or makes one nobody sees (xvfb-run).
[[nodiscard]] std::optional<double> ask_child(const std::string& argument,
                                              Display display = Display::none);

/// Resident memory of this process in MB (10^6 bytes).
[[nodiscard]] double resident_mb();

}  // namespace sotto::bench
