#include "peer/runtime/hardening.hpp"

#include "crypto/init.hpp"
#include "peer/runtime/wiping_delete.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

namespace sotto::peer::runtime {

namespace {

// Each direct link, dial and database takes descriptors, and strangers can take some for a while:
// the usual soft limit of 1,024 was made for programs that use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 16'384));
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace

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
    raise_descriptor_limit();
    ::umask(077);                   // whatever is written is for this user alone
    std::signal(SIGPIPE, SIG_IGN);  // a closed stdout must not end us in the middle of a commit
    std::signal(SIGXFSZ, SIG_IGN);  // nor a limit on file sizes: that is a full disk
    return warnings;
}

}  // namespace sotto::peer::runtime
