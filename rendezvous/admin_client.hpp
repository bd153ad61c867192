// An operator's request, answered by the running server or, when none runs, by the folder itself.
//
// Which of the two is decided by the folder's lock, so that never two write to the database by
// different ways. Waits for the answer.
#pragma once

#include "rendezvous/admin_desk.hpp"

#include <string>

namespace sotto::rendezvous {

// The server's reply; a refusal with a sentence when nobody could be asked.
[[nodiscard]] Json ask_server(const std::string& folder, const Json& request);

}  // namespace sotto::rendezvous
