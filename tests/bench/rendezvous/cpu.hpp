// CPU time of a process by what its threads do, and of this one: who is the bottleneck of a case.
//
// Read from the kernel's scheduler figures (nanoseconds), so that runs of half a second tell.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace sotto::bench::rendezvous {

// Seconds. A thread is known by its name.
struct CpuSeconds {
    double route = 0;    // the main thread: the logic and the ROUTER's socket
    double store = 0;    // SQLite
    double network = 0;  // libzmq's I/O threads: CURVE and TCP
    double other = 0;    // ZAP and whatever else
    [[nodiscard]] double all() const { return route + store + network + other; }
    [[nodiscard]] CpuSeconds operator-(const CpuSeconds& before) const {
        return {route - before.route, store - before.store, network - before.network,
                other - before.other};
    }
};

// Of a process that runs; zeros when it ended.
[[nodiscard]] CpuSeconds cpu_of_process(pid_t pid);
[[nodiscard]] std::size_t resident_bytes_of(pid_t pid);
// Of all threads of this process, also of those that have ended.
[[nodiscard]] double own_cpu_seconds();

// What the kernel of this machine holds for sockets, files and the like.
[[nodiscard]] std::size_t kernel_bytes();

}  // namespace sotto::bench::rendezvous
