// What a process that holds keys does before it holds any (docs/threat-model.md).
//
// Called once, first thing in main(), before any thread. Never fails as a whole: what the system
// refuses is reported, because a person on an odd system still wants to read their messages.
#pragma once

#include <string>
#include <vector>

namespace sotto::peer::runtime {

// Readies crypto/; no core dump; not readable by other processes of the same user; freed memory is
// overwritten; signals about pipes and file sizes become errors of the call; as many
// descriptors as the system allows, up to 16,384. Returns what did not work, in sentences.
[[nodiscard]] std::vector<std::string> harden_process();

}  // namespace sotto::peer::runtime
