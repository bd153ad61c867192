#include "peer/runtime/hardening.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <vector>

namespace sotto::peer::runtime {

namespace {

// libsodium asks for locked memory and does not say when it got none: so try once, openly.
bool can_lock_memory() {
    const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return false;
    const bool locked = ::mlock(page, size) == 0;
    ::munmap(page, size);
    return locked;
}

}  // namespace

std::vector<std::string> harden_process() {
    std::vector<std::string> warnings;
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) {
        warnings.emplace_back("core dumps could not be switched off");
    }
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        warnings.emplace_back("other programs of this user can read this program's memory");
    }
    if (!can_lock_memory()) {
        warnings.emplace_back("memory cannot be locked: keys may be written to the swap space");
    }
    ::umask(077);  // whatever is written is for this user alone
    std::signal(SIGPIPE, SIG_IGN);
    return warnings;
}

}  // namespace sotto::peer::runtime
