// A quiet world for tests of one thing at a time: no trouble unless the test makes some.
//
// Everything runs in simulated time, so "ten minutes later" costs nothing and means exactly that.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/sim_peer.hpp"
#include "tests/support/sim_server.hpp"

namespace sotto::sim {

class Town {
public:
    /// `peers` processes, online and registered as "peer0", "peer1", ...
    explicit Town(std::size_t peers, Options options = calm());
    [[nodiscard]] static Options calm();

    [[nodiscard]] SimPeer& peer(PeerIndex index) { return *peers_[index]; }
    [[nodiscard]] SimServer& server() { return server_; }
    [[nodiscard]] Network& network() { return network_; }
    [[nodiscard]] Schedule& schedule() { return schedule_; }
    [[nodiscard]] peer::AccountId account(PeerIndex index) const;

    void run_for(std::uint64_t ms) { schedule_.run_until(schedule_.now_ms() + ms); }
    /// Runs until `done`, at most `ms`. False: not within that time.
    template <class Done>
    [[nodiscard]] bool run_until(std::uint64_t ms, Done done) {
        const std::uint64_t end_ms = schedule_.now_ms() + ms;
        while (!done()) {
            if (schedule_.now_ms() >= end_ms) return false;
            run_for(10);
        }
        return true;
    }

    void ask(PeerIndex from, PeerIndex to, bool direct = false);
    void accept(PeerIndex who, PeerIndex whom, bool direct = false);
    /// Asked and accepted, and both know it.
    void befriend(PeerIndex a, PeerIndex b, bool direct = false);
    void write(PeerIndex from, PeerIndex to, const std::string& text);
    void read_all(PeerIndex reader, PeerIndex writer);

    [[nodiscard]] const peer::Contact* contact(PeerIndex of, PeerIndex with) const;
    /// What `reader` has of `writer`, in the order of the rows.
    [[nodiscard]] std::vector<std::string> texts(PeerIndex reader, PeerIndex writer) const;
    /// The states of what `writer` wrote to `reader`, in the order of writing.
    [[nodiscard]] std::vector<peer::DeliveryState> states(PeerIndex writer, PeerIndex reader) const;
    [[nodiscard]] bool linked(PeerIndex a, PeerIndex b) const;
    /// What a peer would say if it were asked now: the error of the last failed command.
    [[nodiscard]] std::optional<peer::CommandError> last_error(PeerIndex index) const {
        return peers_[index]->last_error();
    }

private:
    Options options_;
    Schedule schedule_;
    Dice dice_;
    Network network_;
    SimServer server_;
    std::vector<std::unique_ptr<SimPeer>> peers_;
};

}  // namespace sotto::sim
