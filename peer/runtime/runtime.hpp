// A profile brought to life: the thread that joins engine, store and transport, for one front end.
//
// Front ends post commands and drain changes, from any one thread; nothing else is shared. Promises
// "commit, then send, then show": a change that drain() yields is on the disk. post() refuses when
// its queue is full, and the caller keeps the command; changes wait without loss, because the peer
// stops reading the network while nobody drains. Passwords are hashed and history is read on
// threads of their own, so neither a command nor a message ever waits for them. Joins all of them
// in stop().
#pragma once

#include "crypto/password.hpp"
#include "peer/input.hpp"
#include "peer/output.hpp"
#include "peer/transport/zmq_transport.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace sotto::peer {

struct RuntimeOptions {
    std::filesystem::path profile;  // folder of one person; made by Register
    // What a new vault costs to open. Never below crypto::password_cost_limits' floor.
    crypto::PasswordCost vault_cost = crypto::password_cost_default;
    ZmqTransportOptions transport{};
    // Called by the peer's thread when drain() has something again; must be quick and never block.
    // For front ends that wait for something else than a descriptor. May be empty.
    std::function<void()> on_changes{};
    // Tests turn these; empty: the system's.
    std::function<Now()> clocks{};
};

class Runtime {
public:
    // Starts the threads. The first change is VaultChanged{absent or locked}.
    explicit Runtime(RuntimeOptions options);
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;
    // stop()
    ~Runtime();

    // False: the queue is full, or stop() was called; `command` is untouched. Every command taken
    // is answered by exactly one CommandDone or CommandFailed with its number, unless that is 0.
    [[nodiscard]] bool post(PostedCommand&& command);
    // Up to `max` changes, the oldest first. Never waits.
    [[nodiscard]] std::vector<ViewChange> drain(std::size_t max);
    // Readable while drain() has something.
    [[nodiscard]] int descriptor() const noexcept;

    // Logs out (offline at once), closes everything and joins. What was committed stays; what was
    // only posted is dropped. Then drain() yields what is left, and nothing after.
    void stop();

private:
    class Threads;
    std::unique_ptr<Threads> threads_;
};

}  // namespace sotto::peer
