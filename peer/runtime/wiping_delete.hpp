// Memory that C++ gives back is overwritten first, in every program that contains this file.
//
// Secrets have types that wipe themselves; texts are ordinary strings, and a locked or ended
// conversation must not stand in freed memory. Replaces operator new and delete of the whole
// program, which the linker does once something here is called. Not in builds with a sanitizer,
// which bring their own.
#pragma once

namespace sotto::peer::runtime {

// True: this program's freed memory is overwritten.
[[nodiscard]] bool freed_memory_is_wiped() noexcept;

}  // namespace sotto::peer::runtime
