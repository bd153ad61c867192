// A peer of a world: the real engine, a disk that keeps what was committed, and a process that
// dies.
//
// Does what peer/runtime does: steps a batch of inputs, commits the saves of all of them as one,
// then sends, then shows; and may die between any two of these.
#pragma once

#include "peer/engine/engine.hpp"
#include "tests/support/sim_checker.hpp"
#include "tests/support/sim_network.hpp"
#include "tests/support/sim_store.hpp"

#include <deque>
#include <memory>

namespace sotto::sim {

class SimPeer final : public PeerPort {
public:
    SimPeer(Schedule& schedule, Dice& dice, const Options& options, Network& network,
            const peer::ServerAddress& server, std::uint64_t number);

    void start();
    void die();
    /// The program ends, and starts again with this copy of its profile.
    void put_back(const Disk& copy);
    [[nodiscard]] const Lost& lost() const { return lost_; }
    [[nodiscard]] bool running() const { return engine_ != nullptr; }
    void command(peer::Input input);
    void deliver(peer::NetworkInput input) override;
    void heal() { healed_ = true; }
    void jump_clock(std::int64_t by_ms) { skew_ms_ += by_ms; }
    void set_clock(std::int64_t skew_ms) { skew_ms_ = skew_ms; }

    [[nodiscard]] const Disk& disk() const { return store_.disk(); }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::optional<peer::AccountId> account() const;
    [[nodiscard]] bool outbox_empty() const {
        return engine_ != nullptr && engine_->outbox_empty();
    }
    [[nodiscard]] std::string describe_outbox() const {
        return engine_ ? engine_->describe_outbox() : std::string();
    }
    [[nodiscard]] const peer::Counters* counters() const {
        return engine_ ? &engine_->counters() : nullptr;
    }
    [[nodiscard]] peer::engine::Engine& engine() { return *engine_; }
    [[nodiscard]] SimStore& store() { return store_; }
    /// As the screen shows them now.
    [[nodiscard]] const std::map<peer::AccountId, peer::Contact>& live_contacts() const {
        return live_contacts_;
    }
    [[nodiscard]] std::optional<peer::CommandError> last_error() const { return last_error_; }
    [[nodiscard]] const std::vector<peer::ViewChange>& changes() const { return changes_; }
    void stay_down() { stays_down_ = true; }
    [[nodiscard]] peer::Now now() const;
    [[nodiscard]] const std::string& violation() const { return violation_; }
    /// Rows the screen has got, over all lives of the process: never more than the disk.
    [[nodiscard]] const std::map<std::uint64_t, peer::MessageId>& screen() const { return screen_; }

private:
    void schedule_turn(std::uint64_t delay_ms);
    void schedule_deadline();
    void turn();
    void step(const peer::Input& input);
    [[nodiscard]] bool carry_out();
    void show(const peer::ViewChange& change);
    [[nodiscard]] bool chance(std::uint64_t per_mille) {
        return !healed_ && dice_.chance(per_mille);
    }

    Schedule& schedule_;
    Dice& dice_;
    const Options& options_;
    Network& network_;
    PeerIndex index_;
    peer::ServerAddress server_;
    std::string name_;
    std::unique_ptr<crypto::SeededRandom> random_;
    SimStore store_;
    std::unique_ptr<peer::engine::Engine> engine_;
    std::deque<peer::Input> inbox_;
    peer::Outputs batch_;
    bool turn_scheduled_ = false;
    std::uint64_t life_ = 0;
    std::uint64_t deadline_ms_ = ~0ULL;  // for which a turn is scheduled
    std::int64_t skew_ms_ = 0;
    bool healed_ = false;
    std::string violation_;
    std::map<std::uint64_t, peer::MessageId> screen_;
    std::map<peer::AccountId, peer::Contact> live_contacts_;
    std::optional<peer::CommandError> last_error_;
    std::vector<peer::ViewChange> changes_;  // all of them, in order
    bool stays_down_ = false;
    Lost lost_;
    bool just_put_back_ = false;  // and has not noticed yet
    peer::CommandId next_command_ = 0;
};

}  // namespace sotto::sim
