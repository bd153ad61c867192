// The port between the runtime and a network: performs NetworkOutputs, yields NetworkInputs.
//
// One thread owns a Transport and makes all its calls. Nothing given to perform() counts as sent:
// delivery is the engine's business (acknowledgements end to end). Implementations never throw out
// of these functions; what fails comes back as ServerDown or PeerLinkDown.
#pragma once

#include "peer/output.hpp"

#include <vector>

namespace sotto::peer {

class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    // Starts the asked action and returns at once.
    virtual void perform(const NetworkOutput& output) = 0;

    // Waits until something arrived, `wake_fd` is readable or `timeout_ms` passed (0 = only look),
    // and returns what arrived, oldest first, at most `max_inputs`.
    [[nodiscard]] virtual std::vector<NetworkInput> wait(std::uint64_t timeout_ms, int wake_fd,
                                                         std::size_t max_inputs) = 0;

    // Waits like wait(), but takes nothing in: what was sent waits with its senders. For an owner
    // who cannot take more. Call it again within a second or two: connections are still counted
    // and cut, and that is done here.
    virtual void stand_by(std::uint64_t timeout_ms, int wake_fd) = 0;
};

}  // namespace sotto::peer
