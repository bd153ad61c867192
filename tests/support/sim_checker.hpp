// What must be true of two disks at any time, and what must be true in the end.
#pragma once

#include "tests/support/sim_store.hpp"

#include <string>

namespace sotto::sim {

struct Side {
    const Disk& disk;
    peer::AccountId account;
};

/// At any time: what the receiver has was written by the sender, as it was, and once; a message
/// that counts as delivered is on the receiver's disk, one that counts as read was shown there.
/// Empty: fine.
[[nodiscard]] std::string check_always(const Side& sender, const Side& receiver);

/// In the end: everything written has arrived, in the order of writing, and has been read.
[[nodiscard]] std::string check_end(const Side& sender, const Side& receiver);

}  // namespace sotto::sim
