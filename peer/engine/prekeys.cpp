#include "peer/engine/prekeys.hpp"

#include "peer/engine/limits.hpp"

namespace sotto::peer::engine {
namespace {

constexpr std::uint8_t blob_version = 1;
constexpr const char* setting_name = "engine.prekeys";

// Older than `age_ms`, or from a future no honest clock difference explains (a jump that is over).
bool is_due(std::uint64_t created_ms, std::uint64_t now_ms, std::uint64_t age_ms) {
    if (created_ms > now_ms) return created_ms - now_ms > crypto::clock_tolerance_ms;
    return now_ms - created_ms >= age_ms;
}

}  // namespace

bool Prekeys::load_setting(ByteView blob) {
    crypto::Reader in(blob);
    const bool version_fits = in.u8() == blob_version;
    next_id_ = in.u32();
    record_seq_ = in.u64();
    const std::uint8_t published = in.u8();
    record_published_ = published == 1;
    return in.finished() && version_fits && next_id_ != 0 && published <= 1;
}

bool Prekeys::load_key(const SavePrekey& row) {
    crypto::Reader in(row.secret);
    const bool version_fits = in.u8() == blob_version;
    const std::uint64_t created_ms = in.u64();
    const ByteView bytes = in.raw(32);
    if (!in.finished() || !version_fits || row.id == 0) return false;
    const crypto::Secret<32> secret(bytes.first<32>());
    switch (static_cast<Kind>(row.kind)) {
        case Kind::signed_prekey:
            signed_.insert_or_assign(
                row.id,
                Dated<crypto::OwnSignedPreKey>{
                    {.id = row.id, .key = crypto::OwnSpk::from_secret(secret)}, created_ms});
            return true;
        case Kind::mailbox:
            mailbox_.insert_or_assign(
                row.id,
                Dated<crypto::OwnMailboxKey>{
                    {.id = row.id, .key = crypto::OwnMbk::from_secret(secret)}, created_ms});
            list_mailbox_keys();
            return true;
        case Kind::pq:
            // A build without X-Wing keeps the row for the next one that has it.
            if (!crypto::hybrid_available()) return true;
            pq_.insert_or_assign(
                row.id, Dated<crypto::OwnPqPreKey>{
                            {.id = row.id, .key = crypto::OwnPq::from_secret(secret)}, created_ms});
            return true;
        case Kind::one_time:
            one_time_.insert_or_assign(
                row.id,
                Dated<crypto::OwnOneTimePreKey>{
                    {.id = row.id, .key = crypto::OwnOpk::from_secret(secret), .pq = std::nullopt},
                    created_ms});
            return true;
    }
    return false;
}

void Prekeys::save_key(Turn& turn, Kind kind, std::uint32_t id, std::uint64_t created_ms,
                       const crypto::Secret<32>& secret) const {
    crypto::Writer out(41);
    out.u8(blob_version).u64(created_ms).raw(secret.view());
    turn.save(SavePrekey{
        .kind = static_cast<std::uint8_t>(kind), .id = id, .secret = std::move(out).take()});
}

void Prekeys::save_setting(Turn& turn) const {
    crypto::Writer out(14);
    out.u8(blob_version).u32(next_id_).u64(record_seq_).u8(record_published_ ? 1 : 0);
    turn.save(SaveSetting{.name = setting_name, .value = std::move(out).take()});
}

void Prekeys::list_mailbox_keys() {
    mailbox_keys_.clear();
    for (auto at = mailbox_.rbegin(); at != mailbox_.rend(); ++at) {
        mailbox_keys_.push_back(at->second.key);
    }
}

void Prekeys::rotate(Turn& turn) {
    const std::uint64_t now_ms = turn.now.wall.ms;
    const bool due = signed_.empty() || is_due(signed_.rbegin()->second.created_ms, now_ms,
                                               crypto::prekey_rotation_ms);
    const bool pq_missing = crypto::hybrid_available() && pq_.empty();
    if (!due && !pq_missing) return;
    const std::uint32_t id = next_id_++;
    const auto spk = crypto::OwnSpk::generate(turn.random);
    const auto mbk = crypto::OwnMbk::generate(turn.random);
    save_key(turn, Kind::signed_prekey, id, now_ms, spk.secret());
    save_key(turn, Kind::mailbox, id, now_ms, mbk.secret());
    signed_.insert_or_assign(id, Dated<crypto::OwnSignedPreKey>{{.id = id, .key = spk}, now_ms});
    mailbox_.insert_or_assign(id, Dated<crypto::OwnMailboxKey>{{.id = id, .key = mbk}, now_ms});
    if (crypto::hybrid_available()) {
        const auto pq = crypto::OwnPq::generate(turn.random);
        save_key(turn, Kind::pq, id, now_ms, pq.secret());
        pq_.insert_or_assign(id, Dated<crypto::OwnPqPreKey>{{.id = id, .key = pq}, now_ms});
    }
    list_mailbox_keys();
    record_published_ = false;
    save_setting(turn);
}

std::vector<std::uint32_t> Prekeys::destroy_old(Turn& turn) {
    std::vector<std::uint32_t> gone;
    const auto sweep = [&](auto& pool, Kind kind) {
        for (auto at = pool.begin(); at != pool.end() && pool.size() > 1;) {
            const std::uint64_t created_ms = at->second.created_ms;
            const bool old = turn.now.wall.ms > created_ms &&
                             turn.now.wall.ms - created_ms > crypto::prekey_private_lifetime_ms;
            if (!old) {
                ++at;
                continue;
            }
            turn.save(
                DeletePrekey{.kind = static_cast<std::uint8_t>(kind), .id = at->second.key.id});
            if (kind == Kind::signed_prekey) {
                turn.save(DeleteHandshakesSeen{.signed_prekey_id = at->second.key.id});
                gone.push_back(at->second.key.id);
            }
            at = pool.erase(at);
        }
    };
    sweep(signed_, Kind::signed_prekey);
    sweep(mailbox_, Kind::mailbox);
    sweep(pq_, Kind::pq);
    list_mailbox_keys();
    return gone;
}

void Prekeys::make_one_time(Turn& turn, const PrekeySigner& signer, std::size_t count,
                            std::vector<rendezvous::OneTimePrekey>& out) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t id = next_id_++;
        const crypto::OwnOneTimePreKey key{
            .id = id, .key = crypto::OwnOpk::generate(turn.random), .pq = std::nullopt};
        save_key(turn, Kind::one_time, id, turn.believed_ms, key.key.secret());
        const auto record = crypto::publish(signer.dsk, signer.cert, key);
        const ByteView encoded = record.encoded();
        out.push_back({.id = id, .record = Bytes(encoded.begin(), encoded.end())});
        one_time_.insert_or_assign(id, Dated<crypto::OwnOneTimePreKey>{key, turn.believed_ms});
    }
    while (one_time_.size() > one_time_kept_max) {
        turn.save(DeletePrekey{.kind = static_cast<std::uint8_t>(Kind::one_time),
                               .id = one_time_.begin()->first});
        one_time_.erase(one_time_.begin());
    }
}

std::optional<rendezvous::PublishPrekeys> Prekeys::publication(Turn& turn,
                                                               const PrekeySigner& signer,
                                                               std::size_t one_time_left) {
    if (signed_.empty()) rotate(turn);
    const bool low = one_time_left < crypto::one_time_prekeys_refill_below;
    if (record_published_ && !low) return std::nullopt;
    rendezvous::PublishPrekeys publication;
    if (low) {
        make_one_time(turn, signer, crypto::one_time_prekeys_published - one_time_left,
                      publication.one_time);
    }
    const auto& spk = signed_.rbegin()->second;
    const auto& mbk = mailbox_.rbegin()->second;
    crypto::PreRecFields fields{
        .seq = ++record_seq_,
        .suite_floor = signer.cert.min_suite(),
        .spk_id = spk.key.id,
        .spk = spk.key.key.public_key(),
        .mbk_id = mbk.key.id,
        .mbk = mbk.key.key.public_key(),
        .pq_id = 0,
        .pq = std::nullopt,
        .created_ms = spk.created_ms,
        .not_after_ms = spk.created_ms + crypto::prekey_validity_ms,
    };
    if (!pq_.empty()) {
        fields.pq_id = pq_.rbegin()->second.key.id;
        fields.pq = pq_.rbegin()->second.key.key.public_key();
    }
    const auto record = crypto::PreRec::create(signer.dsk, signer.cert, std::move(fields));
    publication.record.assign(record.encoded().begin(), record.encoded().end());
    save_setting(turn);
    return publication;
}

void Prekeys::published(Turn& turn, std::uint64_t record_seq) {
    if (record_published_ || record_seq != record_seq_) return;
    record_published_ = true;
    save_setting(turn);
}

bool Prekeys::raise_record_seq(std::uint64_t seq) {
    if (seq <= record_seq_) return false;
    record_seq_ = seq;
    return true;
}

void Prekeys::skip_numbers(Turn& turn) {
    next_id_ += rollback_skip;
    record_seq_ += rollback_skip;
    record_published_ = false;
    save_setting(turn);
}

crypto::ResponderKeys Prekeys::answer(const crypto::InitMessage& message) const {
    crypto::ResponderKeys keys{.spk = nullptr, .one_time = nullptr, .pq_last_resort = nullptr};
    if (const auto at = signed_.find(message.spk_id); at != signed_.end())
        keys.spk = &at->second.key;
    if (message.has_one_time) {
        const auto at = one_time_.find(message.opk_id);
        if (at != one_time_.end()) keys.one_time = &at->second.key;
    }
    if (!message.pq_one_time) {
        const auto at = pq_.find(message.pq_id);
        if (at != pq_.end()) keys.pq_last_resort = &at->second.key;
    }
    return keys;
}

void Prekeys::use_one_time(Turn& turn, std::uint32_t id) {
    if (one_time_.erase(id) == 0) return;
    turn.save(DeletePrekey{.kind = static_cast<std::uint8_t>(Kind::one_time), .id = id});
}

}  // namespace sotto::peer::engine
