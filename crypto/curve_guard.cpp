#include "crypto/curve_guard.hpp"

#include "crypto/secret.hpp"

#include <dlfcn.h>
#include <sodium.h>

#include <algorithm>
#include <new>

#define SOTTO_EXPORTED __attribute__((visibility("default"), used))

static_assert(crypto_box_BEFORENMBYTES == 32);
static_assert(sizeof(std::size_t) == sizeof(unsigned long), "mangled name of operator new");

namespace {

// libzmq's objects are far smaller; what is larger is somebody's buffer, not a key's place. Below
// what the server has malloc map by itself (decision 0121).
constexpr std::size_t filled_max_bytes = 16'000;

// X25519 and HSalsa20. For a point of low order, which libsodium refuses, a key that nobody else
// has.
void agree(std::uint8_t* key, const std::uint8_t* theirs, const std::uint8_t* own) noexcept {
    if (crypto_box_curve25519xsalsa20poly1305_beforenm(key, theirs, own) != 0)
        randombytes_buf(key, crypto_box_BEFORENMBYTES);
}

void fill(void* memory, std::size_t size) noexcept {
    static_assert(randombytes_SEEDBYTES == 32);
    std::uint8_t seed[randombytes_SEEDBYTES];
    randombytes_buf(seed, sizeof seed);
    randombytes_buf_deterministic(memory, size, seed);
}

template <class Function>
bool is_found(const char* name, Function* ours) noexcept {
    return dlsym(RTLD_DEFAULT, name) == reinterpret_cast<void*>(ours);
}

}  // namespace

extern "C" {

SOTTO_EXPORTED int crypto_box_beforenm(unsigned char* key, const unsigned char* theirs,
                                       const unsigned char* own) {
    agree(key, theirs, own);
    return 0;
}

// What libzmq answers a WELCOME with. Were it refused, each further WELCOME would cost memory.
SOTTO_EXPORTED int crypto_box(unsigned char* box, const unsigned char* message,
                              unsigned long long size, const unsigned char* nonce,
                              const unsigned char* theirs, const unsigned char* own) {
    sotto::crypto::Secret<crypto_box_BEFORENMBYTES> key;
    agree(key.writable().data(), theirs, own);
    return crypto_box_curve25519xsalsa20poly1305_afternm(box, message, size, nonce,
                                                         key.view().data());
}

}  // extern "C"

// The throwing form stays the program's: the standard library's, a sanitizer's, or one that wipes.
SOTTO_EXPORTED void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        void* const memory = ::operator new(size);
        fill(memory, std::min(size, filled_max_bytes));
        return memory;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

namespace sotto::crypto {

bool curve_guard_holds() noexcept {
    using NothrowNew = void*(std::size_t, const std::nothrow_t&) noexcept;
    NothrowNew* const nothrow_new = &::operator new;
    return is_found("crypto_box_beforenm", &crypto_box_beforenm) &&
           is_found("crypto_box", &crypto_box) && is_found("_ZnwmRKSt9nothrow_t", nothrow_new);
}

}  // namespace sotto::crypto
