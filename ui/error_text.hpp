// An error as a person needs it: what happened, what was kept, what to do next.
//
// Pure. The engine's errors are numbers; here they become sentences of the catalogue. No text of
// the other side ever gets in.
#pragma once

#include "peer/output.hpp"
#include "ui/i18n/strings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sotto::ui {

// Why a command did not do what it should.
struct Failure {
    std::optional<peer::CommandError> error;  // none: the queue to the engine was full, nothing ran
    std::uint64_t retry_after_ms = 0;
};

[[nodiscard]] std::string error_text(const Strings& text, const Failure& failure);
[[nodiscard]] Text error_key(peer::CommandError error);

}  // namespace sotto::ui
