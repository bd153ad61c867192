#include "crypto/init.hpp"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "crypto/primitives.hpp"

namespace sotto::crypto {

void initialise() {
    ensure(sodium_init() >= 0, "libsodium is ready");
}

bool memory_lock_works() {
    constexpr std::size_t page_size = 4096;
    Bytes memory(2 * page_size);
    const bool locked = sodium_mlock(memory.data(), memory.size()) == 0;
    if (locked) sodium_munlock(memory.data(), memory.size());
    return locked;
}

bool harden_process() {
    const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
    const bool limited = setrlimit(RLIMIT_CORE, &no_core) == 0;
    const bool hidden = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    return limited && hidden;
}

std::string describe() {
    return std::string("libsodium ") + sodium_version_string() +
           (hybrid_available() ? ", suites 1 and 2" : ", suite 1 only (no X-Wing)");
}

}  // namespace sotto::crypto
