#include "peer/store/sqlite_memory.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "crypto/result.hpp"
#include "crypto/secret.hpp"

namespace sotto::peer::store {
namespace {

// In front of each block: its size, padded to the alignment that malloc promises.
constexpr std::size_t header_size = 16;
static_assert(header_size % alignof(std::max_align_t) == 0);

std::uint8_t* block_of(void* memory) {
    return static_cast<std::uint8_t*>(memory) - header_size;
}

int block_size(void* memory) {
    int size = 0;
    if (memory != nullptr) std::memcpy(&size, block_of(memory), sizeof size);
    return size;
}

void* allocate(int size) {
    if (size <= 0) return nullptr;
    auto* block =
        static_cast<std::uint8_t*>(std::malloc(header_size + static_cast<std::size_t>(size)));
    if (block == nullptr) return nullptr;
    std::memcpy(block, &size, sizeof size);
    return block + header_size;
}

void release(void* memory) {
    if (memory == nullptr) return;
    crypto::wipe(memory, static_cast<std::size_t>(block_size(memory)));
    std::free(block_of(memory));
}

// Never in place: realloc() would leave the old bytes behind wherever it moves the block.
void* reallocate(void* memory, int size) {
    void* moved = allocate(size);
    if (moved == nullptr) return nullptr;
    const int kept = block_size(memory) < size ? block_size(memory) : size;
    std::memcpy(moved, memory, static_cast<std::size_t>(kept));
    release(memory);
    return moved;
}

int round_up(int size) {
    return (size + 7) & ~7;
}
int start(void*) {
    return SQLITE_OK;
}
void stop(void*) {}

}  // namespace

void use_wiped_memory() {
    // The library's configuration is one per process, hence this flag.
    static std::once_flag configured;
    std::call_once(configured, [] {
        const sqlite3_mem_methods methods{.xMalloc = allocate,
                                          .xFree = release,
                                          .xRealloc = reallocate,
                                          .xSize = block_size,
                                          .xRoundup = round_up,
                                          .xInit = start,
                                          .xShutdown = stop,
                                          .pAppData = nullptr};
        crypto::ensure(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK,
                       "SQLite was used before its memory could be configured");
        crypto::ensure(sqlite3_initialize() == SQLITE_OK, "SQLite did not start");
    });
}

}  // namespace sotto::peer::store
