// Our prekeys: made, published, found again, destroyed (docs/protocol.md 2.4).
//
// Invariant: what was published is on disk with its secret. Keys rotate weekly; a secret dies 35
// days after it was made, and only while the server's clock agrees with ours, so that a jumping
// clock can not make waiting mail unreadable. A one-time key dies with its first use, not by date:
// the server may still give it out, and without the signed one it opens nothing.
#pragma once

#include "crypto/handshake.hpp"
#include "crypto/seal.hpp"
#include "peer/engine/turn.hpp"
#include "rendezvous/protocol.hpp"

#include <map>

namespace sotto::peer::engine {

// Our device's signing key and certificate, as far as records need them.
struct PrekeySigner {
    const crypto::OwnDsk& dsk;
    const crypto::Cert& cert;
};

class Prekeys {
public:
    // Blobs as they were saved. False: not ours, or damaged.
    [[nodiscard]] bool load_setting(ByteView blob);
    [[nodiscard]] bool load_key(const SavePrekey& row);

    /// Makes new signed keys when there are none, or they are older than a week.
    void rotate(Turn& turn);
    /// Destroys what is 35 days old; returns the ids of signed prekeys that went. Only call while
    /// clocks agree.
    std::vector<std::uint32_t> destroy_old(Turn& turn);
    /// After a rollback of the database: ids and numbers others may have seen are left out.
    void skip_numbers(Turn& turn);
    /// What to publish now; nothing when the server has all. `one_time_left`: in the server's pool.
    [[nodiscard]] std::optional<rendezvous::PublishPrekeys> publication(Turn& turn,
                                                                        const PrekeySigner& signer,
                                                                        std::size_t one_time_left);
    /// The number of the record in the last publication.
    [[nodiscard]] std::uint64_t record_seq() const { return record_seq_; }
    /// The next record will be newer than this one. False: it would have been anyway.
    [[nodiscard]] bool raise_record_seq(std::uint64_t seq);
    /// A record with a new number is to be published, although the keys are the same: by it an old
    /// copy of this profile is recognised (Account::overtaken_by).
    void publish_again() { record_published_ = false; }
    /// The server has confirmed the publication with this record.
    void published(Turn& turn, std::uint64_t record_seq);

    /// The secrets an init message asks for; valid until the next call that changes the pool.
    [[nodiscard]] crypto::ResponderKeys answer(const crypto::InitMessage& message) const;
    void use_one_time(Turn& turn, std::uint32_t id);
    /// Every mailbox key whose secret we have, newest first.
    [[nodiscard]] const std::vector<crypto::OwnMailboxKey>& mailbox_keys() const {
        return mailbox_keys_;
    }

private:
    enum class Kind : std::uint8_t { signed_prekey = 1, mailbox = 2, pq = 3, one_time = 4 };
    template <class Key>
    struct Dated {
        Key key;
        std::uint64_t created_ms;
    };

    void save_key(Turn& turn, Kind kind, std::uint32_t id, std::uint64_t created_ms,
                  const crypto::Secret<32>& secret) const;
    void save_setting(Turn& turn) const;
    void make_one_time(Turn& turn, const PrekeySigner& signer, std::size_t count,
                       std::vector<rendezvous::OneTimePrekey>& out);
    void list_mailbox_keys();

    std::map<std::uint32_t, Dated<crypto::OwnSignedPreKey>> signed_;
    std::map<std::uint32_t, Dated<crypto::OwnMailboxKey>> mailbox_;
    std::map<std::uint32_t, Dated<crypto::OwnPqPreKey>> pq_;
    std::map<std::uint32_t, Dated<crypto::OwnOneTimePreKey>> one_time_;
    std::vector<crypto::OwnMailboxKey> mailbox_keys_;
    std::uint32_t next_id_ = 1;
    std::uint64_t record_seq_ = 0;
    bool record_published_ = false;
};

}  // namespace sotto::peer::engine
