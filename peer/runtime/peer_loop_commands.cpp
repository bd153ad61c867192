// What the loop does with commands: the vault's it carries out itself, history goes to the reader,
// everything else to the engine.
#include "peer/runtime/normalise.hpp"
#include "peer/runtime/peer_loop.hpp"

namespace sotto::peer::runtime {

namespace {

CommandError password_error(const crypto::SecretBytes& typed) {
    if (typed.empty()) return CommandError::text_empty;
    if (typed.size() > password_bytes_max) return CommandError::text_too_long;
    return CommandError::wrong_passphrase;  // not UTF-8: nothing anybody can type
}

// What front ends also post by themselves says nothing about a person being there.
bool shows_a_person(const Command& command) {
    return !std::holds_alternative<MarkRead>(command) &&
           !std::holds_alternative<LoadHistory>(command) &&
           !std::holds_alternative<SaveDraft>(command);
}

}  // namespace

void PeerLoop::handle(PostedCommand&& posted) {
    if (shows_a_person(posted.command)) active_at_ = now_.mono;
    std::visit([&](auto&& command) { start(posted.id, std::move(command)); },
               std::move(posted.command));
}

template <class EngineCommand>
void PeerLoop::start(CommandId id, EngineCommand&& command) {
    if (!live_ || !live_->has_engine()) return fail(id, CommandError::not_unlocked);
    command.command = id;
    step(Input(std::forward<EngineCommand>(command)), id);
}

void PeerLoop::start(CommandId id, Register&& command) {
    if (waiting_) return fail(id, CommandError::not_possible_now);
    if (live_ && live_->self().registered) return fail(id, CommandError::profile_exists);
    if (!crypto::username_is_valid(command.username)) return fail(id, CommandError::name_invalid);
    auto password = normalise_password(command.password);
    auto passphrase = normalise_password(command.vault_passphrase);
    if (!password) return fail(id, password_error(command.password));
    if (!passphrase) return fail(id, password_error(command.vault_passphrase));
    command.password = *password;
    command.vault_passphrase = *passphrase;

    VaultJob job{.command = id, .login_key = {}, .vault = {}};
    job.login_key = LoginKeyJob{.username = command.username,
                                .password = std::move(*password),
                                .server = command.server.key};
    if (!live_) {
        // A locked vault may be one whose registration never ended: the passphrase tells.
        const auto mode =
            vault_ == VaultState::absent ? OpenVaultJob::Mode::create : OpenVaultJob::Mode::open;
        job.vault = OpenVaultJob{.mode = mode,
                                 .folder = options_.profile,
                                 .passphrase = std::move(*passphrase),
                                 .cost = options_.vault_cost};
    }
    run_job(std::move(job),
            {.command = id, .registration = std::move(command), .check = {}, .before = vault_});
}

void PeerLoop::start(CommandId id, Unlock&& command) {
    if (waiting_ || live_ || vault_ == VaultState::absent) {
        return fail(id, CommandError::not_possible_now);
    }
    auto passphrase = normalise_password(command.vault_passphrase);
    if (!passphrase) return fail(id, CommandError::wrong_passphrase);
    VaultJob job{.command = id, .login_key = {}, .vault = {}};
    job.vault = OpenVaultJob{.mode = OpenVaultJob::Mode::open,
                             .folder = options_.profile,
                             .passphrase = std::move(*passphrase),
                             .cost = options_.vault_cost};
    run_job(std::move(job), {.command = id, .registration = {}, .check = {}, .before = vault_});
}

void PeerLoop::start(CommandId id, CheckPassword&& command) {
    if (!live_ || !live_->has_engine()) return fail(id, CommandError::not_unlocked);
    if (waiting_) return fail(id, CommandError::not_possible_now);
    auto password = normalise_password(command.password);
    if (!password || !crypto::username_is_valid(command.username)) {
        return fail(id, CommandError::wrong_credentials);  // the server would say no more either
    }
    VaultJob job{.command = id, .login_key = {}, .vault = {}};
    job.login_key = LoginKeyJob{.username = command.username,
                                .password = std::move(*password),
                                .server = live_->self().server.key};
    run_job(std::move(job),
            {.command = id, .registration = {}, .check = std::move(command), .before = vault_});
}

void PeerLoop::start(CommandId id, Lock&&) {
    if (!live_ && waiting_ && vault_ == VaultState::unlocking) {
        waiting_->lock_afterwards = true;
        return show(CommandDone{.command = id});
    }
    if (!live_) return fail(id, CommandError::not_unlocked);
    carry_out();  // what came before it in this turn
    lock();
    set_vault(VaultState::locked);
    show(CommandDone{.command = id});
}

void PeerLoop::start(CommandId id, ChangePassphrase&& command) {
    if (!live_) return fail(id, CommandError::not_unlocked);
    if (waiting_ || live_->account_change()) return fail(id, CommandError::not_possible_now);
    auto old_one = normalise_password(command.old_passphrase);
    auto new_one = normalise_password(command.new_passphrase);
    if (!old_one) return fail(id, CommandError::wrong_passphrase);
    if (!new_one) return fail(id, password_error(command.new_passphrase));
    VaultJob job{.command = id, .login_key = {}, .vault = {}};
    job.rewrap = RewrapJob{.header = live_->profile().header(),
                           .old_passphrase = *old_one,
                           .new_passphrase = *new_one,
                           .cost = options_.vault_cost};
    run_job(std::move(job), {.command = id,
                             .registration = {},
                             .check = {},
                             .before = vault_,
                             .new_passphrase = std::move(*new_one),
                             .old_passphrase = std::move(*old_one),
                             .new_key = command.new_key});
}

void PeerLoop::start(CommandId id, ChangeAccountPassword&& command) {
    if (id == 0) return;  // nobody would hear which password holds
    if (!live_ || !live_->has_engine()) return fail(id, CommandError::not_unlocked);
    if (waiting_ || live_->account_change()) return fail(id, CommandError::not_possible_now);
    auto old_one = normalise_password(command.old_password);
    auto new_one = normalise_password(command.new_password);
    if (!old_one) return fail(id, CommandError::wrong_credentials);
    if (!new_one) return fail(id, password_error(command.new_password));
    const Self& self = live_->self();
    VaultJob job{.command = id, .login_key = {}, .vault = {}};
    job.login_key =
        LoginKeyJob{.username = self.username, .password = *old_one, .server = self.server.key};
    job.new_login_key =
        LoginKeyJob{.username = self.username, .password = *new_one, .server = self.server.key};
    if (command.also_passphrase) {
        job.rewrap = RewrapJob{.header = live_->profile().header(),
                               .old_passphrase = std::move(*old_one),
                               .new_passphrase = std::move(*new_one),
                               .cost = options_.vault_cost};
    }
    run_job(
        std::move(job),
        {.command = id, .registration = {}, .check = {}, .before = vault_, .account_change = true});
}

// Both keys are there, and the new header if there is to be one; the rendezvous is asked first.
void PeerLoop::finish_account_change(CommandId id, VaultResult&& result) {
    if (!live_ || !live_->has_engine()) return fail(id, CommandError::not_unlocked);
    live_->begin_account_change(id, std::move(result.header));
    step(ReplaceLoginKey{.from = std::move(*result.login_key),
                         .to = std::move(*result.new_login_key),
                         .command = id},
         id);
}

void PeerLoop::finish_change(Waiting&& waiting, VaultResult&& result) {
    if (!live_) return fail(waiting.command, CommandError::not_unlocked);  // locked meanwhile
    if (waiting.new_key) return start_new_key(std::move(waiting));
    const auto adopted = live_->profile().adopt_header(*result.header);
    if (!adopted) return fail(waiting.command, to_command_error(adopted.error()));
    if (!unregistered_passphrase_.empty()) {
        unregistered_passphrase_ = std::move(waiting.new_passphrase);
    }
    show(CommandDone{.command = waiting.command});
}

// The old passphrase is right. What is written meanwhile would not be in the copy, so nothing is.
void PeerLoop::start_new_key(Waiting&& waiting) {
    lock();
    vault_ = VaultState::locked;
    waiting.before = VaultState::locked;
    VaultJob job{.command = waiting.command, .login_key = {}, .vault = {}};
    job.vault = OpenVaultJob{.mode = OpenVaultJob::Mode::new_key,
                             .folder = options_.profile,
                             .passphrase = std::move(waiting.old_passphrase),
                             .cost = options_.vault_cost,
                             .new_passphrase = waiting.new_passphrase};
    run_job(std::move(job), std::move(waiting));
}

void PeerLoop::start(CommandId id, SetAutoLock&& command) {
    if (!live_) return fail(id, CommandError::not_unlocked);
    if (command.minutes > auto_lock_minutes_max) return fail(id, CommandError::not_possible_now);
    live_->set_auto_lock(command.minutes, id);
}

void PeerLoop::start(CommandId id, NoteActivity&&) {
    if (id != 0) show(CommandDone{.command = id});  // handle() noted it
}

void PeerLoop::start(CommandId id, SaveDraft&& command) {
    if (!live_) return fail(id, CommandError::not_unlocked);
    if (const auto error = live_->save_draft(command, id)) fail(id, *error);
}

void PeerLoop::start(CommandId id, LoadHistory&& command) {
    if (!live_) return fail(id, CommandError::not_unlocked);
    carry_out();  // the page must have what was sent before it was asked for
    if (live_ && live_->ask_history({.command = id, .what = command})) return;
    fail(id, CommandError::not_possible_now);
}

void PeerLoop::start(CommandId id, SearchHistory&& command) {
    if (!live_) return fail(id, CommandError::not_unlocked);
    carry_out();
    if (live_ && live_->ask_history({.command = id, .what = std::move(command)})) return;
    fail(id, CommandError::not_possible_now);
}

void PeerLoop::run_job(VaultJob&& job, Waiting&& waiting) {
    const bool opens = job.vault.has_value();
    const CommandId id = waiting.command;
    if (!worker_.start(std::move(job))) return fail(id, CommandError::not_possible_now);
    waiting_ = std::move(waiting);
    if (opens) set_vault(VaultState::unlocking);
}

void PeerLoop::handle(VaultResult&& result) {
    Waiting waiting = std::move(*std::exchange(waiting_, std::nullopt));
    const bool opening = vault_ == VaultState::unlocking;
    if (result.error) {
        if (opening) set_vault(waiting.before);
        return fail(waiting.command, *result.error);
    }
    if (waiting.lock_afterwards) {
        const bool changed = waiting.new_key && result.vault && !result.refused;
        result.vault.reset();
        set_vault(waiting.before);
        if (changed) return show(CommandDone{.command = waiting.command});
        return fail(waiting.command, result.refused.value_or(CommandError::not_unlocked));
    }
    if (waiting.account_change) return finish_account_change(waiting.command, std::move(result));
    if (result.header) return finish_change(std::move(waiting), std::move(result));
    if (waiting.check && !live_) return fail(waiting.command, CommandError::not_unlocked);
    if (waiting.check) {
        return step(ProvePassword{.username = waiting.check->username,
                                  .login_key = *result.login_key,
                                  .command = waiting.command},
                    waiting.command);
    }
    if (waiting.registration) return finish_registration(waiting, std::move(result));
    if (!open(std::move(*result.vault))) {
        set_vault(waiting.before);
        return fail(waiting.command, CommandError::profile_damaged);
    }
    step(GoOnline{}, 0);
    if (result.refused) return fail(waiting.command, *result.refused);
    if (waiting.new_key && !live_->self().registered) {
        unregistered_passphrase_ = std::move(waiting.new_passphrase);
    }
    show(CommandDone{.command = waiting.command});
}

void PeerLoop::finish_registration(const Waiting& waiting, VaultResult&& result) {
    const Register& wish = *waiting.registration;
    if (result.vault && result.vault->snapshot.self &&
        result.vault->snapshot.self->self.registered) {
        result.vault.reset();  // it is somebody's: not ours to open on the way
        set_vault(waiting.before);
        return fail(waiting.command, CommandError::profile_exists);
    }
    if (result.vault && !open(std::move(*result.vault))) {
        set_vault(waiting.before);
        return fail(waiting.command, CommandError::profile_damaged);
    }
    if (!live_) return fail(waiting.command, CommandError::not_possible_now);
    const auto error =
        live_->prepare_registration(wish.server, unregistered_passphrase_, wish.vault_passphrase,
                                    options_.vault_cost, *transport_, now_);
    if (error) return fail(waiting.command, *error);
    unregistered_passphrase_ = wish.vault_passphrase;
    step(RegisterAccount{.username = wish.username,
                         .login_key = *result.login_key,
                         .listed = wish.listed,
                         .command = waiting.command},
         waiting.command);
}

bool PeerLoop::open(OpenedVault&& vault) {
    live_ = LiveProfile::open(std::move(vault), queues_.changes, random_);
    if (!live_) return false;
    set_vault(VaultState::open);
    queues_.changes.push(live_->introduction());
    // The first chores soon: the last run may have been killed before its own.
    chores_at_ = {now_.mono.ms + 1'000};
    epoch_at_ = {now_.mono.ms + 3'600'000};
    active_at_ = now_.mono;  // who opened it is there
    online_delay_ms_ = 0;
    return true;
}

}  // namespace sotto::peer::runtime
