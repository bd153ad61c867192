#include "peer/runtime/hardening.hpp"

#include "crypto/init.hpp"
#include "peer/runtime/wiping_delete.hpp"

#include <sys/stat.h>

#include <csignal>

namespace sotto::peer::runtime {

std::vector<std::string> harden_process() {
    crypto::initialise();
    std::vector<std::string> warnings;
    if (!crypto::harden_process()) {
        warnings.emplace_back(
            "core dumps, or tracing by other programs, could not be switched off");
    }
    if (!crypto::memory_lock_works()) {
        warnings.emplace_back("memory cannot be locked: keys may be written to the swap space");
    }
    // Asking is what links it in. A build for a sanitizer is nobody's messenger: no warning.
    static_cast<void>(freed_memory_is_wiped());
    ::umask(077);                   // whatever is written is for this user alone
    std::signal(SIGPIPE, SIG_IGN);  // a closed stdout must not end us in the middle of a commit
    std::signal(SIGXFSZ, SIG_IGN);  // nor a limit on file sizes: that is a full disk
    return warnings;
}

}  // namespace sotto::peer::runtime
