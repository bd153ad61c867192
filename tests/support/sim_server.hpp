// The rendezvous of a world: its real logic on its real in-memory store, which can crash.
#pragma once

#include "rendezvous/logic/logic.hpp"
#include "rendezvous/memory_store.hpp"
#include "tests/support/sim_network.hpp"

#include <memory>

namespace sotto::sim {

class SimServer final : public ServerPort {
public:
    SimServer(Schedule& schedule, Dice& dice, const Options& options, Network& network);

    void start();
    /// Everything not yet in the store is gone; so is who was logged in.
    void crash();
    [[nodiscard]] bool running() const { return logic_ != nullptr; }
    [[nodiscard]] const crypto::CurvePublic& key() const { return key_.public_key(); }
    /// Items in a device's mailbox. For a moment in which nothing else happens.
    [[nodiscard]] std::size_t waiting(const crypto::AccountId& account,
                                      const crypto::DeviceId& device);
    /// The next so many PublishPrekeys are answered `busy`.
    void refuse_prekeys(std::uint64_t count) { prekeys_refused_ = count; }

    /// Nothing happens for days: it looks at its clock once a minute.
    void rest(bool resting) { resting_ = resting; }

    void connected(const crypto::CurvePublic& user, PeerIndex from) override;
    void received(const crypto::CurvePublic& user, crypto::Bytes frame) override;
    void gone(const crypto::CurvePublic& user) override;

private:
    /// Answered here, by a server that fails the way the test wants.
    [[nodiscard]] bool fails(const crypto::CurvePublic& user, const crypto::Bytes& frame);
    void step(rendezvous::Input input);
    void carry_out(rendezvous::Outputs outputs);
    void collect();
    void tick();

    Schedule& schedule_;
    Dice& dice_;
    const Options& options_;
    Network& network_;
    crypto::SeededRandom random_;
    crypto::OwnCurve key_;
    rendezvous::MemoryStore store_;
    std::unique_ptr<rendezvous::Logic> logic_;
    std::uint64_t life_ = 0;
    bool resting_ = false;
    std::uint64_t puts_ = 0;
    std::uint64_t prekeys_refused_ = 0;
};

}  // namespace sotto::sim
