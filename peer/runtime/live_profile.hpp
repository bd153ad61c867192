// An unlocked profile: its engine, its database, its history reader; and the order they work in.
//
// Belongs to the peer's thread. step() collects what a batch of inputs wants; carry_out() then
// commits it in one transaction, sends, and shows, in this order. When the commit fails, nothing is
// sent or shown and the engine must be rebuilt from the committed rows (rebuild()), because it
// already believes what was not saved. Destroying it locks the profile and wipes the keys.
#pragma once

#include "peer/engine/engine.hpp"
#include "peer/runtime/change_queue.hpp"
#include "peer/runtime/history_reader.hpp"
#include "peer/runtime/vault_worker.hpp"
#include "peer/transport/transport.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace sotto::peer::runtime {

class LiveProfile {
public:
    // Nothing: the rows are damaged. A profile whose registration never began has no engine yet.
    [[nodiscard]] static std::unique_ptr<LiveProfile> open(OpenedVault&& vault,
                                                           ChangeQueue& changes,
                                                           crypto::RandomSource& random);

    // What a front end gets to see first: who we are, contacts, conversations.
    [[nodiscard]] std::vector<ViewChange> introduction() const;
    // After a rebuild: what the front end believes of others and the server, taken back.
    [[nodiscard]] std::vector<ViewChange> introduction_after_failure() const;
    [[nodiscard]] const Self& self() const noexcept { return self_; }
    [[nodiscard]] bool has_engine() const noexcept { return engine_.has_value(); }

    // Makes the engine anew from the database. `server` replaces the address of a profile that is
    // not registered yet. False: the rows cannot be read.
    [[nodiscard]] bool rebuild(const std::optional<ServerAddress>& server);

    // Makes an unregistered profile ready for another try: at this server, under this passphrase
    // (the one it was made with, when that is known). The error, when it is not possible.
    [[nodiscard]] std::optional<CommandError> prepare_registration(
        const ServerAddress& server, const crypto::SecretBytes& old_passphrase,
        const crypto::SecretBytes& passphrase, const crypto::PasswordCost& cost,
        Transport& transport, const Now& now);

    // Minutes without a person after which the loop locks; 0 = never. Carried out with the batch.
    void set_auto_lock(std::uint32_t minutes, CommandId command);
    [[nodiscard]] std::uint32_t auto_lock_minutes() const noexcept { return auto_lock_minutes_; }

    // Keeps a draft, or forgets it (empty). Carried out with the batch. The error, when it is
    // refused.
    [[nodiscard]] std::optional<CommandError> save_draft(const SaveDraft& draft, CommandId command);

    // The account's password is about to be changed by this command: once the rendezvous agreed,
    // `header` (if any) replaces the vault's, and only then is the command done. One at a time.
    void begin_account_change(CommandId command, std::optional<Bytes> header) {
        account_change_ = AccountChange{.command = command, .header = std::move(header)};
    }
    [[nodiscard]] std::optional<CommandId> account_change() const {
        return account_change_ ? std::optional(account_change_->command) : std::nullopt;
    }

    // Needs has_engine(). `command` is 0 for what nobody waits for.
    void step(const Now& now, const Input& input, CommandId command);
    [[nodiscard]] crypto::Result<void, store::StoreError> carry_out(Transport& transport);
    // Forgets the batch; the numbers of all commands that were not answered yet.
    [[nodiscard]] std::vector<CommandId> abandon();

    [[nodiscard]] std::optional<Instant> next_deadline() const;
    [[nodiscard]] bool ask_history(HistoryRequest&& request) {
        return reader_->ask(std::move(request));
    }
    // Empties the write-ahead log when there is nothing else to do.
    void maintain();
    // Once an hour: the mark by which an old copy of the database is recognised.
    void advance_epoch();
    [[nodiscard]] store::Profile& profile() noexcept { return profile_; }

private:
    struct AccountChange {
        CommandId command = 0;
        std::optional<Bytes> header;
    };

    LiveProfile(store::Profile profile, std::vector<ConversationSummary> conversations,
                ChangeQueue& changes, crypto::RandomSource& random);
    [[nodiscard]] bool build_engine(Snapshot snapshot, const std::optional<ServerAddress>& server);
    // Hides what was there before; what the engine is to hear of it.
    [[nodiscard]] std::vector<RepeatChecked> drop_duplicates(const store::CommitSummary& summary);
    void note_answers();
    // The answer to show instead of this "done".
    [[nodiscard]] std::optional<CommandFailed> end_account_change(CommandId done);
    void count_for_index();

    ChangeQueue& changes_;
    crypto::RandomSource& random_;
    store::Profile profile_;
    std::unique_ptr<HistoryReader> reader_;  // after the profile: gone before it
    std::optional<engine::Engine> engine_;
    Self self_;
    std::vector<Contact> contacts_;  // as they were when the engine was built
    std::vector<ConversationSummary> conversations_;
    Outputs batch_;
    Now now_;  // of the last step
    std::set<CommandId> unanswered_;
    std::size_t not_indexed_ = 0;
    std::uint32_t auto_lock_minutes_ = 0;
    std::map<AccountId, std::string> drafts_;
    std::optional<AccountChange> account_change_;
};

}  // namespace sotto::peer::runtime
