// The bare limits beside which Sotto's figures stand: ZeroMQ with CURVE and nothing else, and a
// disk that must keep what it is given.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace sotto::bench {

// One-way times in ms of `count` messages of `size` bytes between two processes, DEALER to ROUTER
// over loopback with CURVE: half of each round trip.
[[nodiscard]] std::vector<double> bare_one_way_ms(std::size_t count, std::size_t size);

// Messages per second, one way, the same sockets.
[[nodiscard]] double bare_rate(std::size_t count, std::size_t size);

// Times in ms of `count` appends of 4 KiB, each on the disk before the next (fdatasync).
[[nodiscard]] std::vector<double> bare_sync_ms(const std::filesystem::path& folder,
                                               std::size_t count);

}  // namespace sotto::bench
