// To be called at the start of every process, before any other function of this folder.
#pragma once

#include <string>

namespace sotto::crypto {

/// Prepares libsodium; aborts when that fails: there is no safe way to go on. May be called again.
void initialise();

/// True when a page of memory can be locked. libsodium's guarded memory ignores the failure
/// silently, so ask once at the start and warn.
[[nodiscard]] bool memory_lock_works();

/// No core dumps, no tracing by other processes of the user. False when the system refused.
[[nodiscard]] bool harden_process();

/// E.g. "libsodium 1.0.22, suites 1 and 2", for --version and the log.
[[nodiscard]] std::string describe();

}  // namespace sotto::crypto
