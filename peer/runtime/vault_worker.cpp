#include "peer/runtime/vault_worker.hpp"

#include "crypto/random.hpp"

namespace sotto::peer::runtime {

namespace {

using store::Profile;
using store::ProfileError;
using store::StoreError;

struct VaultMade {
    std::optional<OpenedVault> vault;
    CommandError error = CommandError::disk_error;
    std::optional<CommandError> refused{};
};

crypto::Result<Profile, ProfileError> open_profile(const OpenVaultJob& job,
                                                   const store::ProfileOptions& options,
                                                   VaultMade& made) {
    crypto::SystemRandom random;
    if (job.mode == OpenVaultJob::Mode::create) {
        return Profile::create(job.folder, job.passphrase, options, random);
    }
    {
        auto profile = Profile::open(job.folder, job.passphrase, options);
        if (!profile || job.mode == OpenVaultJob::Mode::open) return profile;
        const auto changed =
            profile->change_key(job.passphrase, job.new_passphrase, options, random);
        if (changed) return profile;
        made.refused = to_command_error(changed.error());
    }
    auto as_before = Profile::open(job.folder, job.passphrase, options);
    if (as_before || as_before.error() != ProfileError::wrong_passphrase) return as_before;
    made.refused.reset();  // it failed after the new header was in place
    return Profile::open(job.folder, job.new_passphrase, options);
}

VaultMade open_vault(const OpenVaultJob& job) {
    auto options = store::profile_options_default;
    options.cost = job.cost;
    VaultMade made;
    auto profile = open_profile(job, options, made);
    if (!profile) return {.vault = {}, .error = to_command_error(profile.error())};
    auto snapshot = profile->store().load();
    if (!snapshot) return {.vault = {}, .error = to_command_error(snapshot.error())};
    auto history = profile->open_history();
    if (!history) return {.vault = {}, .error = to_command_error(history.error())};
    auto conversations = history->summaries();
    if (!conversations) return {.vault = {}, .error = to_command_error(conversations.error())};
    made.vault = OpenedVault{.profile = std::move(*profile),
                             .history = std::move(*history),
                             .conversations = std::move(*conversations),
                             .snapshot = std::move(*snapshot)};
    return made;
}

void rewrap(const RewrapJob& job, VaultResult& result) {
    crypto::SystemRandom random;
    auto header = crypto::change_passphrase(job.header, job.old_passphrase, job.new_passphrase,
                                            job.cost, crypto::password_cost_limits, random);
    if (header) {
        result.header = std::move(*header);
    } else if (header.error() == crypto::VaultError::wrong_passphrase) {
        result.error = CommandError::wrong_passphrase;
    } else {
        result.error = CommandError::not_possible_now;  // no memory for the hash
    }
}

std::optional<crypto::OwnLk> login_key(const LoginKeyJob& job) {
    const auto cost = crypto::login_cost(crypto::login_version_current);
    crypto::ensure(cost.has_value(), "the current login version is known");
    auto key = crypto::derive_login_key(job.password, job.server, job.username, *cost);
    if (!key) return std::nullopt;
    return std::move(*key);
}

VaultResult carry_out(const VaultJob& job) {
    VaultResult result{.command = job.command, .error = {}, .login_key = {}, .vault = {}};
    if (job.login_key) {
        result.login_key = login_key(*job.login_key);
        if (!result.login_key) {
            result.error = CommandError::not_possible_now;  // no memory for the hash
            return result;
        }
    }
    if (job.vault) {
        VaultMade made = open_vault(*job.vault);
        if (!made.vault) {
            result.error = made.error;
            result.login_key.reset();
            return result;
        }
        result.vault = std::move(made.vault);
        result.refused = made.refused;
    }
    if (job.rewrap) rewrap(*job.rewrap, result);
    if (job.new_login_key && !result.error) {
        result.new_login_key = login_key(*job.new_login_key);
        if (!result.new_login_key) result.error = CommandError::not_possible_now;
    }
    return result;
}

}  // namespace

CommandError to_command_error(ProfileError error) {
    switch (error) {
        case ProfileError::exists:
            return CommandError::profile_exists;
        case ProfileError::in_use:
            return CommandError::profile_in_use;
        case ProfileError::wrong_passphrase:
            return CommandError::wrong_passphrase;
        case ProfileError::header_missing:
        case ProfileError::header_damaged:
        case ProfileError::cost_refused:
        case ProfileError::database_missing:
        case ProfileError::database_damaged:
        case ProfileError::newer_version:
            return CommandError::profile_damaged;
        case ProfileError::disk_full:
            return CommandError::disk_full;
        case ProfileError::absent:
        case ProfileError::out_of_memory:
            return CommandError::not_possible_now;
        case ProfileError::not_ours:
        case ProfileError::io:
            return CommandError::disk_error;
    }
    return CommandError::disk_error;
}

CommandError to_command_error(StoreError error) {
    switch (error) {
        case StoreError::disk_full:
            return CommandError::disk_full;
        case StoreError::wrong_key:
        case StoreError::corrupt:
        case StoreError::newer_version:
            return CommandError::profile_damaged;
        case StoreError::stopped:
            return CommandError::not_unlocked;  // only a lock stops anything
        default:
            return CommandError::disk_error;
    }
}

VaultWorker::VaultWorker(BoundedQueue<VaultResult>& results)
    : results_(results), thread_([this](const std::stop_token& stop) { run(stop); }) {}

VaultWorker::~VaultWorker() {
    thread_.request_stop();
    wake_.signal();
}

void VaultWorker::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        wake_.wait();
        wake_.clear();
        for (auto& job : jobs_.take(vault_jobs_max)) {
            if (stop.stop_requested()) return;
            std::vector<VaultResult> result;
            result.push_back(carry_out(job));
            results_.push_all(std::move(result));  // no more results than jobs: bounded by them
        }
    }
}

}  // namespace sotto::peer::runtime
