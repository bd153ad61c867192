#include "peer/runtime/wiping_delete.hpp"

#ifdef SOTTO_WIPING_DELETE

#include "crypto/secret.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

void* allocate(std::size_t size) noexcept {
    if (size == 0) size = 1;  // a null pointer would mean failure
    while (true) {
        if (void* memory = std::malloc(size)) return memory;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) return nullptr;
        handler();
    }
}

// std::aligned_alloc wants a multiple of the alignment.
void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
    const auto unit = static_cast<std::size_t>(alignment);
    if (size > SIZE_MAX - unit) return nullptr;
    return std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
}

// The whole block, also where a container had made itself smaller.
void give_back(void* memory) noexcept {
    if (memory == nullptr) return;
    sotto::crypto::wipe(memory, malloc_usable_size(memory));
    std::free(memory);
}

void* or_throw(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

// The standard has the array forms and the sized ones call these; the nothrow one for ordinary
// alignment is crypto/curve_guard.cpp.
void* operator new(std::size_t size) {
    return or_throw(allocate(size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return or_throw(allocate(size, alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate(size, alignment);
}
void operator delete(void* memory) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    give_back(memory);
}

namespace sotto::peer::runtime {
bool freed_memory_is_wiped() noexcept {
    return true;
}
}  // namespace sotto::peer::runtime

#else

namespace sotto::peer::runtime {
bool freed_memory_is_wiped() noexcept {
    return false;
}
}  // namespace sotto::peer::runtime

#endif
