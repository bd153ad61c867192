#include "tests/support/sim_checker.hpp"

#include <algorithm>

namespace sotto::sim {
namespace {

using namespace peer;

std::vector<const StoredMessage*> conversation(const Disk& disk, const AccountId& with,
                                               bool outgoing) {
    std::vector<const StoredMessage*> found;
    for (const auto& [row, stored] : disk.messages) {
        if (stored.message.peer == with && stored.message.outgoing == outgoing) {
            found.push_back(&stored);
        }
    }
    return found;
}

std::string name(const StoredMessage& stored) {
    return "message " + std::to_string(stored.sender_seq) + " (row " +
           std::to_string(stored.message.row) + ")";
}

}  // namespace

std::string check_always(const Side& sender, const Side& receiver) {
    std::map<MessageId, const StoredMessage*> written;
    for (const auto* stored : conversation(sender.disk, receiver.account, true)) {
        written.emplace(stored->message.id, stored);
    }
    std::map<MessageId, const StoredMessage*> arrived;
    for (const auto* stored : conversation(receiver.disk, sender.account, false)) {
        if (!arrived.emplace(stored->message.id, stored).second) {
            return name(*stored) + " arrived twice";
        }
        const auto original = written.find(stored->message.id);
        if (original == written.end()) return name(*stored) + " was never written";
        if (original->second->message.text != stored->message.text) {
            return name(*stored) + " arrived changed";
        }
    }
    const auto read = receiver.disk.read_up_to.find(sender.account);
    for (const auto& [id, stored] : written) {
        const DeliveryState state = stored->message.state;
        const auto there = arrived.find(id);
        if (state == DeliveryState::delivered || state == DeliveryState::read) {
            if (there == arrived.end()) return name(*stored) + " counts as delivered and is not";
        }
        if (state == DeliveryState::read &&
            (read == receiver.disk.read_up_to.end() || there->second->message.row > read->second)) {
            return name(*stored) + " counts as read and is not";
        }
    }
    return {};
}

std::string check_end(const Side& sender, const Side& receiver) {
    auto written = conversation(sender.disk, receiver.account, true);
    const auto arrived = conversation(receiver.disk, sender.account, false);  // by row
    std::sort(written.begin(), written.end(),
              [](const auto* a, const auto* b) { return a->sender_seq < b->sender_seq; });
    if (written.size() != arrived.size()) {
        return std::to_string(written.size()) + " written, " + std::to_string(arrived.size()) +
               " arrived";
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (written[i]->message.id != arrived[i]->message.id) {
            return name(*written[i]) + " is not in its place";
        }
        if (written[i]->message.state != DeliveryState::read) {
            return name(*written[i]) + " has state " +
                   std::to_string(static_cast<int>(written[i]->message.state));
        }
    }
    return {};
}

}  // namespace sotto::sim
