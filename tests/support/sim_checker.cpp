#include "tests/support/sim_checker.hpp"

#include <algorithm>

namespace sotto::sim {
namespace {

using namespace peer;

std::vector<const StoredMessage*> conversation(const Disk& disk, const AccountId& with,
                                               bool outgoing) {
    std::vector<const StoredMessage*> found;
    for (const auto& [row, stored] : disk.messages) {
        const bool notice = stored.message.kind == MessageKind::notice;
        if (stored.message.peer == with && stored.message.outgoing == outgoing && !notice) {
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
        if (original == written.end()) {
            if (sender.lost.messages.contains(stored->message.id)) continue;
            return name(*stored) + " was never written";
        }
        if (original->second->message.text != stored->message.text) {
            return name(*stored) + " arrived changed";
        }
    }
    const auto read = receiver.disk.read_up_to.find(sender.account);
    for (const auto& [id, stored] : written) {
        const DeliveryState state = stored->message.state;
        if (sender.lost.reused(receiver.account, stored->sender_seq)) continue;
        const auto there = arrived.find(id);
        if (state == DeliveryState::delivered || state == DeliveryState::read) {
            if (there == arrived.end() && receiver.lost.messages.contains(id)) continue;
            if (there == arrived.end()) return name(*stored) + " counts as delivered and is not";
        }
        if (receiver.lost.seen.contains(id)) continue;
        if (state == DeliveryState::read &&
            (read == receiver.disk.read_up_to.end() || there->second->message.row > read->second)) {
            return name(*stored) + " counts as read and is not";
        }
    }
    return {};
}

namespace {

std::string check_all_there(const std::vector<const StoredMessage*>& written,
                            const std::vector<const StoredMessage*>& arrived, const Side& sender,
                            const Side& receiver) {
    std::set<MessageId> there;
    for (const auto* stored : arrived)
        there.insert(stored->message.id);
    for (const auto* stored : written) {
        if (sender.lost.reused(receiver.account, stored->sender_seq)) continue;
        const bool sure = stored->message.state == DeliveryState::delivered ||
                          stored->message.state == DeliveryState::read;
        if (!sure) return name(*stored) + " is not delivered";
        const bool gone = receiver.lost.messages.contains(stored->message.id);
        if (!gone && !there.contains(stored->message.id)) return name(*stored) + " is missing";
    }
    return {};
}

}  // namespace

std::string check_end(const Side& sender, const Side& receiver) {
    auto written = conversation(sender.disk, receiver.account, true);
    const auto arrived = conversation(receiver.disk, sender.account, false);  // by row
    std::sort(written.begin(), written.end(),
              [](const auto* a, const auto* b) { return a->sender_seq < b->sender_seq; });
    if (sender.lost.anything || receiver.lost.anything) {
        return check_all_there(written, arrived, sender, receiver);
    }
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
