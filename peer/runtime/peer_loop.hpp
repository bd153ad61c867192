// The peer's thread: gathers what happened, lets the engine think, carries out what it wants.
//
// A turn: wait for the network, a command, a result or a deadline; read the clocks once; step the
// engine for each input; commit, then send, then show. Ten messages that arrive together cost one
// commit. When a commit fails the network is dropped, the engine rebuilt from what is committed,
// and the commands of the turn fail with the reason; what came over the network was not
// acknowledged, so it comes again. Vault commands run one at a time.
#pragma once

#include "peer/runtime/live_profile.hpp"
#include "peer/runtime/runtime.hpp"
#include "peer/runtime/vault_worker.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace sotto::peer::runtime {

// Commands that wait; a script that posts faster is told so and tries again.
inline constexpr std::size_t commands_max = 1024;

using TransportFactory = std::function<std::unique_ptr<Transport>()>;

// What the loop shares with its front end: queues and nothing else.
struct LoopQueues {
    EventFd wake;  // commands, results, room for changes, stop
    BoundedQueue<PostedCommand> commands{commands_max, wake};
    BoundedQueue<VaultResult> results{vault_jobs_max, wake};
    ChangeQueue changes;

    explicit LoopQueues(std::function<void()> on_changes) : changes(wake, std::move(on_changes)) {}
};

class PeerLoop {
public:
    PeerLoop(RuntimeOptions options, LoopQueues& queues, crypto::RandomSource& random,
             TransportFactory make_transport);

    // Returns after a stop was requested and the log-out was handed to the network.
    void run(const std::stop_token& stop);

private:
    struct Waiting {  // for the vault worker
        CommandId command = 0;
        std::optional<Register> registration;
        std::optional<CheckPassword> check;
        VaultState before = VaultState::absent;
        crypto::SecretBytes new_passphrase{};  // of a change; empty: there is none
        crypto::SecretBytes old_passphrase{};  // of a change that also makes a new key
        bool new_key = false;
        bool account_change = false;   // the account's password, not only the passphrase
        bool lock_afterwards = false;  // the person locked before it was open
    };

    void turn();
    [[nodiscard]] Now clocks() const;
    void gather(std::vector<NetworkInput> network);
    void carry_out();
    void recover(store::StoreError error);
    void renew_network();
    void go_online_again();
    void go_online_later();
    void do_chores();
    [[nodiscard]] std::uint64_t wait_ms(Instant now) const;
    [[nodiscard]] std::uint64_t idle_wait_ms(Instant now) const;

    void handle(PostedCommand&& posted);
    void handle(VaultResult&& result);
    void start(CommandId id, Register&& command);
    void start(CommandId id, Unlock&& command);
    void start(CommandId id, Lock&& command);
    void start(CommandId id, ChangePassphrase&& command);
    void start(CommandId id, ChangeAccountPassword&& command);
    void start(CommandId id, SetAutoLock&& command);
    void start(CommandId id, NoteActivity&& command);
    void start(CommandId id, SaveDraft&& command);
    void start(CommandId id, CheckPassword&& command);
    void start(CommandId id, LoadHistory&& command);
    void start(CommandId id, SearchHistory&& command);
    template <class EngineCommand>
    void start(CommandId id, EngineCommand&& command);

    void run_job(VaultJob&& job, Waiting&& waiting);
    void finish_registration(const Waiting& waiting, VaultResult&& result);
    void finish_change(Waiting&& waiting, VaultResult&& result);
    void start_new_key(Waiting&& waiting);
    void finish_account_change(CommandId id, VaultResult&& result);
    void fail_unanswered(CommandError error);
    [[nodiscard]] bool open(OpenedVault&& vault);
    void step(const Input& input, CommandId command);
    void lock();
    void lock_when_idle();
    [[nodiscard]] std::optional<Instant> auto_lock_at() const;
    void show(ViewChange change);
    void set_vault(VaultState state);
    void fail(CommandId id, CommandError error);

    RuntimeOptions options_;
    LoopQueues& queues_;
    crypto::RandomSource& random_;
    TransportFactory make_transport_;
    std::unique_ptr<Transport> transport_;
    bool network_missing_ = false;  // transport_ is a NoNetwork
    VaultWorker worker_;
    std::unique_ptr<LiveProfile> live_;
    VaultState vault_ = VaultState::absent;
    std::optional<Waiting> waiting_;
    Now now_{};
    std::optional<Instant> online_at_;  // after a failed commit: when to go online again
    std::uint64_t online_delay_ms_ = 0;
    Instant online_since_{};  // the last of these
    Instant chores_at_{};
    Instant epoch_at_{};
    Instant active_at_{};  // when a person last did something
    // The passphrase of a vault whose registration was refused: the next try may bring another one.
    crypto::SecretBytes unregistered_passphrase_;
};

}  // namespace sotto::peer::runtime
