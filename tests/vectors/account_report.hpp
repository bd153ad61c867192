// The values of a profile's vault header and of logins (docs/protocol.md 2.15 and 2.3), from the
// input's "vault" and "login". As in report.hpp: the final values come from the functions peers and
// rendezvous use, and what can be computed both ways must be the same (else std::runtime_error).
#pragma once

#include "tests/vectors/input.hpp"

namespace sotto::vectors {

[[nodiscard]] Json report_vault(const Json& fixed);
/// Password and device login, password change and the challenges before them; `side` logs in.
[[nodiscard]] Json report_login(const Side& side, const Json& fixed);

}  // namespace sotto::vectors
