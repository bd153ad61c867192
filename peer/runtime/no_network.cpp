#include "peer/runtime/no_network.hpp"

#include <poll.h>

#include <algorithm>
#include <iterator>

namespace sotto::peer::runtime {

void NoNetwork::perform(const NetworkOutput& output) {
    if (const auto* open = std::get_if<OpenServer>(&output)) {
        failed_.emplace_back(
            ServerDown{.channel = open->channel, .reason = ServerDownReason::unreachable});
    } else if (const auto* dial = std::get_if<Dial>(&output)) {
        failed_.emplace_back(PeerLinkDown{.link = dial->link});
    }
}

std::vector<NetworkInput> NoNetwork::wait(std::uint64_t timeout_ms, int wake_fd,
                                          std::size_t max_inputs) {
    if (failed_.empty()) stand_by(timeout_ms, wake_fd);
    const auto count = static_cast<std::ptrdiff_t>(std::min(max_inputs, failed_.size()));
    std::vector<NetworkInput> out(std::make_move_iterator(failed_.begin()),
                                  std::make_move_iterator(failed_.begin() + count));
    failed_.erase(failed_.begin(), failed_.begin() + count);
    return out;
}

void NoNetwork::stand_by(std::uint64_t timeout_ms, int wake_fd) {
    pollfd wake{.fd = wake_fd, .events = POLLIN, .revents = 0};
    constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;  // fits the type
    ::poll(&wake, 1, static_cast<int>(std::min(timeout_ms, day_ms)));
}

}  // namespace sotto::peer::runtime
