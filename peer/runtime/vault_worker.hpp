// Does what takes a password hash's time (0.4 s each), so that the peer's thread never does.
//
// One job at a time, in order, on a thread of its own; results go into the queue it was given.
// Everything a job needs is in it and everything it made is in the result: nothing is shared.
#pragma once

#include "peer/input.hpp"
#include "peer/output.hpp"
#include "peer/runtime/bounded_queue.hpp"
#include "peer/store/profile.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <thread>
#include <variant>
#include <vector>

namespace sotto::peer::runtime {

// One vault command runs at a time, and password checks queue behind it.
inline constexpr std::size_t vault_jobs_max = 16;

// Passphrases and passwords are in NFC (normalise.hpp).
struct OpenVaultJob {
    enum class Mode : std::uint8_t {
        create,
        open,
        new_key,  // open, change passphrase and database key; opened also when that is refused
    };
    Mode mode = Mode::open;
    std::filesystem::path folder;
    crypto::SecretBytes passphrase;
    crypto::PasswordCost cost;             // of a vault that is made
    crypto::SecretBytes new_passphrase{};  // of new_key
};
struct LoginKeyJob {
    std::string username;
    crypto::SecretBytes password;
    crypto::CurvePublic server;
};
// Works on a copy of the header; nothing is written.
struct RewrapJob {
    Bytes header;
    crypto::SecretBytes old_passphrase;
    crypto::SecretBytes new_passphrase;
    crypto::PasswordCost cost;
};
struct VaultJob {
    CommandId command = 0;
    // In this order; a login key that cannot be made leaves the vault alone.
    std::optional<LoginKeyJob> login_key;
    std::optional<OpenVaultJob> vault;
    std::optional<RewrapJob> rewrap{};
    std::optional<LoginKeyJob> new_login_key{};
};

struct OpenedVault {
    store::Profile profile;
    store::History history;
    std::vector<ConversationSummary> conversations;
    Snapshot snapshot;
};
struct VaultResult {
    CommandId command = 0;
    std::optional<CommandError> error;  // nothing else is there then
    std::optional<crypto::OwnLk> login_key;
    std::optional<OpenedVault> vault;
    std::optional<CommandError> refused{};  // why the vault has the old key
    std::optional<Bytes> header{};          // for Profile::adopt_header()
    std::optional<crypto::OwnLk> new_login_key{};
};

[[nodiscard]] CommandError to_command_error(store::ProfileError error);
[[nodiscard]] CommandError to_command_error(store::StoreError error);

class VaultWorker {
public:
    explicit VaultWorker(BoundedQueue<VaultResult>& results);
    VaultWorker(const VaultWorker&) = delete;
    VaultWorker& operator=(const VaultWorker&) = delete;
    // Waits for the job that runs; the others are dropped.
    ~VaultWorker();

    // False: too many wait already; the job is untouched.
    [[nodiscard]] bool start(VaultJob&& job) { return jobs_.push(std::move(job)); }

private:
    void run(const std::stop_token& stop);

    EventFd wake_;
    BoundedQueue<VaultJob> jobs_{vault_jobs_max, wake_};
    BoundedQueue<VaultResult>& results_;
    std::jthread thread_;  // last: starts when everything else is there
};

}  // namespace sotto::peer::runtime
