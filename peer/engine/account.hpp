// Who we are: account and device keys, our device list, our mailbox token, our prekeys.
//
// Everything here is ours, so it is trusted once the database gave it back; blobs are still decoded
// strictly, because a disk can be damaged. Keys are made when somebody registers, and saved before
// the server hears of them (docs/protocol.md 2.2, 2.10).
#pragma once

#include "peer/engine/prekeys.hpp"

#include <map>
#include <optional>
#include <utility>

namespace sotto::peer::engine {

struct Identity {
    crypto::OwnAccountKey account_key;
    crypto::OwnDsk dsk;
    crypto::OwnDik dik;
    crypto::Cert cert;
    crypto::DevList list;

    [[nodiscard]] PrekeySigner signer() const { return {.dsk = dsk, .cert = cert}; }
    [[nodiscard]] crypto::OwnIdentity view() const {
        return {.cert = cert, .dev_list = list, .dik = dik};
    }
};

// The right to write to our mailboxes, as we last gave it out.
struct OwnToken {
    crypto::MailboxToken token;
    std::uint64_t serial = 0;  // rises with every change
    std::uint64_t made_ms = 0;
    bool published = false;        // the server confirmed it
    bool revoke_previous = false;  // somebody was blocked
};

class Account {
public:
    explicit Account(ServerAddress server) : server_(std::move(server)) {}
    /// False: damaged rows.
    [[nodiscard]] bool load(const Snapshot& snapshot);

    [[nodiscard]] const ServerAddress& server() const { return server_; }
    [[nodiscard]] bool created() const { return identity_.has_value(); }
    [[nodiscard]] bool registered() const { return self_.has_value() && self_->registered; }
    /// These four need created().
    [[nodiscard]] const Identity& identity() const;
    [[nodiscard]] const Self& self() const;
    [[nodiscard]] const AccountId& id() const { return self().account; }
    [[nodiscard]] DeviceAddress address() const;
    [[nodiscard]] const OwnToken& token() const { return token_; }
    [[nodiscard]] Prekeys& prekeys() { return prekeys_; }
    [[nodiscard]] const Prekeys& prekeys() const { return prekeys_; }

    /// Of a profile that is not registered yet.
    void set_server(const ServerAddress& server);
    /// After a rollback of the database: numbers that were used already are left out.
    void skip_numbers(Turn& turn);
    /// What the server hands out in our name is newer than what this profile knows: an old copy of
    /// it was put back. Only we can have signed that. What it shows is never given out again.
    [[nodiscard]] bool overtaken_by(Turn& turn, const rendezvous::Bundle& own);
    /// False until a profile that was loaded has been compared with what the server holds of it:
    /// before, its ratchets might use keys that were used already.
    [[nodiscard]] bool confirmed() const { return confirmed_; }
    void confirm() { confirmed_ = true; }
    /// The server has no token of ours: publish the one we have.
    void token_unknown() { token_.published = false; }
    /// Makes and saves the keys, unless they exist.
    void create(Turn& turn);
    void set_registered(Turn& turn, const std::string& username);
    /// A new token, when the last is a week old; or at once, when somebody was blocked.
    bool rotate_token(Turn& turn);
    void revoke_token(Turn& turn);
    void token_published(Turn& turn, std::uint64_t serial);
    /// Signs the device list again once a month.
    void renew_list(Turn& turn);
    /// The server has not confirmed the list we hold. Saved.
    [[nodiscard]] bool list_owed() const { return list_owed_; }
    void list_published(Turn& turn, std::uint64_t seq);
    /// What the server hands out in our name: if its list is older, ours is owed.
    void compare_list(Turn& turn, const rendezvous::Bundle& own);
    /// What an envelope says about our own list.
    [[nodiscard]] crypto::GossipMark gossip() const;
    enum class ListClaim : std::uint8_t { newest, older, not_ours };
    /// What somebody says he holds of us. `older` also for one from before this profile remembers.
    [[nodiscard]] ListClaim judge_claim(const crypto::GossipMark& claim) const;
    /// Somebody else seems to sign lists for this account; until the person has seen it. Saved.
    [[nodiscard]] bool list_disputed() const { return list_disputed_; }
    void set_list_disputed(Turn& turn, bool disputed);
    /// The server's list of ours has a device this profile does not know. Told once.
    [[nodiscard]] bool take_strange_list() { return std::exchange(list_strange_, false); }

private:
    void save_self(Turn& turn) const;
    void save_token(Turn& turn) const;
    void set_list_owed(Turn& turn, bool owed);
    void make_token(Turn& turn, bool revoke);
    [[nodiscard]] bool load_identity(ByteView blob);
    [[nodiscard]] bool load_token(ByteView blob);
    [[nodiscard]] bool load_lists(ByteView blob);
    void remember_list(Turn& turn);

    ServerAddress server_;
    std::optional<Self> self_;
    std::optional<Identity> identity_;
    OwnToken token_;
    Prekeys prekeys_;
    bool confirmed_ = true;
    bool list_owed_ = false;
    std::map<std::uint64_t, crypto::ByteArray<8>> own_lists_;  // by number, older than the present
    bool list_disputed_ = false;
    bool list_strange_ = false;
};

}  // namespace sotto::peer::engine
