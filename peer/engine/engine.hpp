// The peer's protocol core: a pure function of (its state, time, randomness, input) -> outputs.
//
// Promises: no clock, socket, file, thread or log inside; the same calls give the same outputs.
// What a turn wants saved stands in its Outputs and belongs into one transaction, before its sends
// and changes; a turn whose saves failed is undone by building the engine anew from the store.
// Hostile input never moves state. Owned by one thread. docs/protocol-envelope.md,
// docs/architecture.md.
#pragma once

#include "crypto/random.hpp"
#include "peer/engine/counters.hpp"
#include "peer/output.hpp"

#include <memory>
#include <optional>

namespace sotto::peer::engine {

enum class LoadError : std::uint8_t {
    no_server,  // a new profile, and no address of a rendezvous
    damaged,    // a row does not decode
};
[[nodiscard]] constexpr std::string_view to_string(LoadError error) noexcept {
    return error == LoadError::no_server ? "no server address" : "damaged profile";
}

class Engine {
public:
    struct Core;  // core.hpp: the nouns, for the engine and for tests of one noun at a time

    /// From what the store gave back. `server` is for a profile that is not registered yet, and
    /// ignored for one that is.
    [[nodiscard]] static crypto::Result<Engine, LoadError> from(
        const Snapshot& snapshot, const std::optional<ServerAddress>& server);
    Engine(Engine&&) noexcept;
    Engine& operator=(Engine&&) noexcept;
    ~Engine();

    /// One input. Every command is answered by exactly one CommandDone or CommandFailed, in this
    /// turn or a later one.
    [[nodiscard]] Outputs step(const Now& now, crypto::RandomSource& random, const Input& input);

    /// When a Tick is wanted. May be due already: acknowledgements and receipts of several inputs
    /// are sent together, so step a Tick as the last input of each batch when this is not after
    /// now.
    [[nodiscard]] std::optional<Instant> next_deadline() const;

    /// Of our device list, for verification codes; seq 0 while there is no account.
    [[nodiscard]] crypto::GossipMark own_list() const;

    [[nodiscard]] DeviceWatch device_watch() const;
    /// Others are told what was read here (SetReadReceipts).
    [[nodiscard]] bool read_receipts() const;

    /// Nothing of ours is on its way any more. For tests.
    [[nodiscard]] bool outbox_empty() const;
    [[nodiscard]] const Counters& counters() const;
    /// What is on its way, for a report of a bug: no content, no names.
    [[nodiscard]] std::string describe_outbox() const;

private:
    explicit Engine(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace sotto::peer::engine
