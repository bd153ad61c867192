// The network of a process that is out of sockets or descriptors: nothing can be reached.
//
// Stands in until a real transport can be made again, so that the engine goes on (what is written
// is kept) and hears of each attempt that it failed. Owned by one thread.
#pragma once

#include "peer/transport/transport.hpp"

namespace sotto::peer::runtime {

class NoNetwork final : public Transport {
public:
    void perform(const NetworkOutput& output) override;
    [[nodiscard]] std::vector<NetworkInput> wait(std::uint64_t timeout_ms, int wake_fd,
                                                 std::size_t max_inputs) override;
    void stand_by(std::uint64_t timeout_ms, int wake_fd) override;

private:
    std::vector<NetworkInput> failed_;
};

}  // namespace sotto::peer::runtime
