#include "crypto/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace sotto::crypto {

void broken_invariant(const char* what, const char* file, int line) noexcept {
    (void)std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
    std::abort();
}

}  // namespace sotto::crypto
