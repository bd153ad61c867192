// What must be true of two disks at any time, and what must be true in the end.
#pragma once

#include "tests/support/sim_store.hpp"

#include <string>

namespace sotto::sim {

// What a disk had and has no more, because an older copy of it was put back.
struct Lost {
    bool anything = false;
    std::set<peer::MessageId> messages;
    std::set<peer::MessageId> seen;  // incoming ones, read there before
    // Numbers its lost messages to each account had. Where nobody could tell at once (a crash
    // within the hour), new texts may have got them again, and receipts name numbers: of those
    // texts only "once" and "as it was written" is promised (docs/threat-model.md). Where the
    // rendezvous could tell, everything is.
    using Numbers = std::map<peer::AccountId, std::pair<std::uint64_t, std::uint64_t>>;
    std::vector<Numbers> numbers;  // of each copy that was put back and that nobody noticed

    [[nodiscard]] bool reused(const peer::AccountId& to, std::uint64_t number) const {
        for (const Numbers& used : numbers) {
            const auto at = used.find(to);
            if (at == used.end()) continue;
            if (number >= at->second.first && number <= at->second.second) return true;
        }
        return false;
    }
};

struct Side {
    const Disk& disk;
    peer::AccountId account;
    const Lost& lost;
};

/// At any time: what the receiver has was written by the sender, as it was, and once; a message
/// that counts as delivered is on the receiver's disk, one that counts as read was shown there;
/// but for what was lost with a copy that was put back. Empty: fine.
[[nodiscard]] std::string check_always(const Side& sender, const Side& receiver);

/// In the end: everything written has arrived, in the order of writing, and has been read. Where a
/// copy was put back: everything that is written there now, and once.
[[nodiscard]] std::string check_end(const Side& sender, const Side& receiver);

}  // namespace sotto::sim
