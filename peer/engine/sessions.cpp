#include "peer/engine/sessions.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {
namespace {

constexpr std::uint8_t blob_version = 1;
constexpr std::uint8_t flag_active = 1;
constexpr std::uint8_t flag_reset_taken = 2;

using crypto::Unexpected;

bool is_own_first(const crypto::SessionId& own, const crypto::SessionId& theirs) {
    return own < theirs;
}

}  // namespace

// Blob: version, flags u8, since u64, u16 init prefix, ratchet.
bool Sessions::load(const SaveSession& row) {
    crypto::Reader in(row.state);
    const bool version_fits = in.u8() == blob_version;
    const std::uint8_t flags = in.u8();
    const std::uint64_t since_ms = in.u64();
    const ByteView prefix = in.sized16();
    const ByteView state = in.rest();
    if (!in.finished() || !version_fits || flags > (flag_active | flag_reset_taken)) return false;
    auto ratchet = crypto::Ratchet::deserialise(state);
    if (!ratchet || !crypto::equal(ratchet->sid().view(), row.session_id)) return false;
    insert({.peer = {.account = row.account, .device = row.device},
            .ratchet = std::move(*ratchet),
            .init_prefix = Bytes(prefix.begin(), prefix.end()),
            .active = (flags & flag_active) != 0,
            .reset_taken = (flags & flag_reset_taken) != 0,
            .since_ms = since_ms});
    return true;
}

bool Sessions::load(const SaveHandshakeSeen& row) {
    const auto transcript = crypto::TranscriptHash::from(row.transcript_hash);
    if (!transcript) return false;
    seen_.insert_or_assign(*transcript, row.signed_prekey_id);
    return true;
}

void Sessions::flush(Turn& turn) {
    for (const crypto::SessionId& sid : std::exchange(touched_, {})) {
        const Session* session = find(sid);
        if (session == nullptr) continue;
        const auto state = session->ratchet.serialise();
        crypto::Writer out(12 + session->init_prefix.size() + state.size());
        const int flags =
            (session->active ? flag_active : 0) | (session->reset_taken ? flag_reset_taken : 0);
        out.u8(blob_version).u8(static_cast<std::uint8_t>(flags)).u64(session->since_ms);
        out.sized16(session->init_prefix).raw(state);
        turn.save(SaveSession{.device = session->peer.device,
                              .session_id = Bytes(sid.view().begin(), sid.view().end()),
                              .account = session->peer.account,
                              .state = std::move(out).take()});
    }
}

void Sessions::insert(Session session) {
    const crypto::SessionId sid = session.ratchet.sid();
    auto& sids = by_peer_[session.peer];
    if (std::find(sids.begin(), sids.end(), sid) == sids.end()) sids.push_back(sid);
    sessions_.insert_or_assign(sid, std::move(session));
}

Session* Sessions::find(const crypto::SessionId& sid) {
    const auto at = sessions_.find(sid);
    return at == sessions_.end() ? nullptr : &at->second;
}

const Session* Sessions::find(const crypto::SessionId& sid) const {
    const auto at = sessions_.find(sid);
    return at == sessions_.end() ? nullptr : &at->second;
}

const Session* Sessions::active(const DeviceAddress& peer) const {
    const auto sids = by_peer_.find(peer);
    if (sids == by_peer_.end()) return nullptr;
    for (const crypto::SessionId& sid : sids->second) {
        const Session* session = find(sid);
        if (session->active) return session;
    }
    return nullptr;
}

void Sessions::make_active(Turn& turn, const DeviceAddress& peer, const crypto::SessionId& sid) {
    for (const crypto::SessionId& other : by_peer_[peer]) {
        Session& session = *find(other);
        const bool active = other == sid;
        if (session.active == active && session.since_ms != 0) continue;
        session.active = active;
        session.since_ms = turn.dated ? turn.believed_ms : 0;
        touched_.insert(other);
    }
    drop_surplus(turn, peer);
}

void Sessions::drop_surplus(Turn& turn, const DeviceAddress& peer) {
    auto& sids = by_peer_[peer];
    while (sids.size() > receive_only_sessions_max + 1) {
        // In order of arrival, so the first that is not active is the oldest.
        const auto oldest = std::find_if(sids.begin(), sids.end(),
                                         [this](const auto& sid) { return !find(sid)->active; });
        if (oldest == sids.end()) return;
        drop(turn, *oldest);
    }
}

void Sessions::drop(Turn& turn, const crypto::SessionId& sid) {
    const auto at = sessions_.find(sid);
    if (at == sessions_.end()) return;
    const DeviceAddress peer = at->second.peer;
    turn.save(DeleteSession{.device = peer.device,
                            .session_id = Bytes(sid.view().begin(), sid.view().end())});
    auto& sids = by_peer_[peer];
    std::erase(sids, sid);
    if (sids.empty()) by_peer_.erase(peer);
    sessions_.erase(at);
}

void Sessions::forget(Turn& turn, const AccountId& account) {
    std::vector<crypto::SessionId> sids;
    for (const auto& [sid, session] : sessions_) {
        if (session.peer.account == account) sids.push_back(sid);
    }
    for (const crypto::SessionId& sid : sids)
        drop(turn, sid);
}

void Sessions::forget(Turn& turn, const DeviceAddress& peer) {
    const auto at = by_peer_.find(peer);
    if (at == by_peer_.end()) return;
    for (const crypto::SessionId& sid : std::vector(at->second))
        drop(turn, sid);
}

void Sessions::retire(Turn& turn, const AccountId& account) {
    for (auto& [sid, session] : sessions_) {
        if (session.peer.account != account || !session.active) continue;
        session.active = false;
        session.since_ms = turn.dated ? turn.believed_ms : 0;
        touched_.insert(sid);
    }
}

void Sessions::forget_handshakes(const std::vector<std::uint32_t>& signed_prekey_ids) {
    std::erase_if(seen_, [&](const auto& item) {
        return std::find(signed_prekey_ids.begin(), signed_prekey_ids.end(), item.second) !=
               signed_prekey_ids.end();
    });
}

// Somebody who was ignored may still be accepted, and then goes on where they were, for as long as
// their messages could be waiting.
bool Sessions::is_over(const Session& session, std::uint64_t now_ms) const {
    const ContactRecord* record = contacts_.find(session.peer.account);
    if (record == nullptr || !record->lists(session.peer.device)) return true;
    if (record->view.state == ContactState::blocked) return true;
    const bool ends = !session.active || record->view.state == ContactState::ignored;
    return ends && session.since_ms != 0 && now_ms > session.since_ms &&
           now_ms - session.since_ms > receive_only_session_ms;
}

void Sessions::retire_old(Turn& turn) {
    std::vector<crypto::SessionId> old;
    for (auto& [sid, session] : sessions_) {
        // Of a clock that was ahead: it would never be over.
        if (session.since_ms > turn.believed_ms + crypto::clock_tolerance_ms) {
            session.since_ms = turn.believed_ms;
            touched_.insert(sid);
        }
        if (is_over(session, turn.undisputed_ms)) old.push_back(sid);
    }
    for (const crypto::SessionId& sid : old)
        drop(turn, sid);
}

void Sessions::expire_keys(const Turn& turn) {
    for (auto& [sid, session] : sessions_) {
        if (session.since_ms == 0) {
            session.since_ms = turn.believed_ms;
            touched_.insert(sid);
        }
        if (session.ratchet.expire(turn.undisputed_ms)) touched_.insert(sid);
    }
}

crypto::Result<void, crypto::HandshakeError> Sessions::start(Turn& turn,
                                                             const crypto::PreKeyBundle& bundle) {
    const AccountId account = bundle.dev_list.account();
    ContactRecord* record = contacts_.find(account);
    if (record == nullptr) return Unexpected(crypto::HandshakeError::wrong_account);
    const DeviceAddress peer{.account = account, .device = bundle.cert.device()};
    PeerDevice* known_device = contacts_.find(peer);
    if (known_device == nullptr) return Unexpected(crypto::HandshakeError::not_listed);
    PeerDevice& device = *known_device;
    const crypto::KnownPeer known{
        .account = account, .dev_list = record->list_mark(), .floor = device.floor};
    auto initiated =
        crypto::initiate(account_.identity().view(), bundle, known, turn.now.wall.ms, turn.random);
    if (!initiated) return Unexpected(initiated.error());
    device.floor = initiated->floor;
    contacts_.touch(*record);
    const crypto::SessionId sid = initiated->ratchet.sid();
    insert({.peer = peer,
            .ratchet = std::move(initiated->ratchet),
            .init_prefix = std::move(initiated->init_prefix)});
    make_active(turn, peer, sid);
    return {};
}

std::optional<Encrypted> Sessions::encrypt(Turn& turn, const DeviceAddress& peer,
                                           ByteView content) {
    const Session* current = active(peer);
    crypto::ensure(current != nullptr, "an active session to encrypt with");
    Session& session = *find(current->ratchet.sid());
    auto message = session.ratchet.encrypt(content, turn.random);
    if (!message) return std::nullopt;
    Encrypted encrypted{.session = session.ratchet.sid(), .payload = std::move(*message)};
    if (!session.init_prefix.empty()) {
        encrypted.kind = crypto::SealedKind::init;
        encrypted.payload = crypto::make_init_message(session.init_prefix, encrypted.payload);
    }
    touched_.insert(encrypted.session);
    return encrypted;
}

bool Sessions::take_reset(const crypto::SessionId& sid) {
    Session* session = find(sid);
    if (session == nullptr || session->reset_taken || session->ratchet.is_initiator()) return false;
    session->reset_taken = true;
    touched_.insert(sid);
    return true;
}

void Sessions::answer_in(Turn& turn, const crypto::SessionId& sid) {
    const Session* theirs = find(sid);
    if (theirs == nullptr) return;
    const DeviceAddress peer = theirs->peer;
    const Session* own = active(peer);
    const bool unheard = own != nullptr && own->ratchet.is_initiator() && !own->ratchet.confirmed();
    if (unheard) make_active(turn, peer, sid);
}

void Sessions::prepare(Turn& turn, const crypto::SessionId& sid) {
    Session* session = find(sid);
    if (session == nullptr || !session->active) return;
    session->ratchet.prepare(turn.random);
    touched_.insert(sid);
}

crypto::Result<Opened, OpenFailure> Sessions::open(const Turn& turn, crypto::SealedKind kind,
                                                   ByteView payload) {
    return kind == crypto::SealedKind::init ? open_init(turn, payload)
                                            : open_message(turn, payload);
}

crypto::Result<Opened, OpenFailure> Sessions::open_message(const Turn& turn,
                                                           ByteView payload) const {
    const auto sid = crypto::peek_session_id(payload);
    if (!sid) return Unexpected(OpenFailure{.error = OpenError::malformed, .from = {}});
    const Session* session = find(*sid);
    if (session == nullptr) {
        return Unexpected(OpenFailure{.error = OpenError::unknown_session, .from = {}});
    }
    // Whatever it sent before it was removed: only its word says when that was.
    if (!contacts_.lists(session->peer)) {
        return Unexpected(OpenFailure{.error = OpenError::removed_device, .from = session->peer});
    }
    auto decrypted = session->ratchet.decrypt(payload, turn.undisputed_ms);
    if (!decrypted) {
        const bool repeated = decrypted.error() == crypto::RatchetError::duplicate;
        return Unexpected(
            OpenFailure{.error = repeated ? OpenError::repeated : OpenError::undecryptable,
                        .from = session->peer});
    }
    return Opened{.from = session->peer,
                  .session = *sid,
                  .content = std::move(decrypted->content),
                  .next = std::move(decrypted->next),
                  .start = std::nullopt};
}

crypto::Result<Opened, OpenFailure> Sessions::open_init(const Turn& turn, ByteView payload) {
    const auto refused = Unexpected(OpenFailure{.error = OpenError::refused, .from = {}});
    auto message = crypto::decode_init_message(payload, verified_);
    if (!message) return Unexpected(OpenFailure{.error = OpenError::malformed, .from = {}});
    const DeviceAddress from{.account = message->cert.account(), .device = message->cert.device()};
    // A repeated handshake: its inner message belongs to the session it made.
    if (const Session* live = find(message->session)) {
        return live->peer == from ? open_message(turn, message->ratchet_message) : refused;
    }
    const ContactRecord* record = contacts_.find(from.account);
    const PeerDevice* device = nullptr;
    if (record != nullptr) {
        const auto at = record->devices.find(from.device);
        if (at != record->devices.end()) device = &at->second;
    }
    const crypto::KnownSender sender{
        .dev_list = record != nullptr && record->list ? &*record->list : nullptr,
        .suite_floor = device != nullptr ? device->floor.suite_floor : std::uint8_t{0}};
    // One account must not fill what all others need.
    if (starts_too_often(turn, from.account)) return refused;
    if (!has_room_for_handshake()) {
        return Unexpected(OpenFailure{.error = OpenError::not_now, .from = {}});
    }
    auto accepted = crypto::accept(account_.identity().view(), account_.prekeys().answer(*message),
                                   *message, sender, turn.now.wall.ms);
    if (!accepted) {
        return Unexpected(OpenFailure{.error = OpenError::refused,
                                      .from = {},
                                      .start = RefusedStart{accepted.error(), message->dev_list}});
    }
    if (seen_.contains(accepted->transcript)) return refused;
    return Opened{.from = from,
                  .session = accepted->ratchet.sid(),
                  .content = std::move(accepted->first_plaintext),
                  .next = std::move(accepted->ratchet),
                  .start = Opened::Start{.transcript = accepted->transcript,
                                         .signed_prekey_id = message->spk_id,
                                         .one_time_id = accepted->used_one_time_id,
                                         .suite = accepted->suite,
                                         .list = message->dev_list}};
}

bool Sessions::has_room_for_handshake() const {
    return seen_.size() < handshakes_seen_max;
}

bool Sessions::starts_too_often(const Turn& turn, const AccountId& account) const {
    const auto at = starts_paid_at_.find(account);
    if (at == starts_paid_at_.end()) return false;
    const std::uint64_t now_ms = turn.now.mono.ms;
    return at->second.ms > now_ms + (handshakes_burst - 1) * handshake_pace_ms;
}

void Sessions::note_start(const Turn& turn, const AccountId& account) {
    std::erase_if(starts_paid_at_, [&](const auto& item) { return item.second <= turn.now.mono; });
    Instant& paid = starts_paid_at_.try_emplace(account, turn.now.mono).first->second;
    paid.ms += handshake_pace_ms;
}

void Sessions::commit(Turn& turn, Opened opened) {
    touched_.insert(opened.session);
    if (!opened.start) {
        Session& session = *find(opened.session);
        session.ratchet = std::move(opened.next);
        session.init_prefix.clear();  // the other side has the session: it answered
        return;
    }
    const Opened::Start& start = *opened.start;
    note_start(turn, opened.from.account);
    if (start.one_time_id) account_.prekeys().use_one_time(turn, *start.one_time_id);
    const auto transcript = start.transcript.view();
    turn.save(SaveHandshakeSeen{
        .transcript_hash = Bytes(transcript.begin(), transcript.end()),
        .session_id = Bytes(opened.session.view().begin(), opened.session.view().end()),
        .signed_prekey_id = start.signed_prekey_id});
    seen_.insert_or_assign(start.transcript, start.signed_prekey_id);
    if (PeerDevice* device = contacts_.find(opened.from)) {
        device->floor.suite_floor =
            std::max(device->floor.suite_floor, static_cast<std::uint8_t>(start.suite));
    }
    // Both sides started at once and neither has heard the other: the smaller id wins, on both.
    // When ours was confirmed, theirs is a reset (docs/protocol.md 2.9).
    const Session* own = active(opened.from);
    const bool own_stays = own != nullptr && own->ratchet.is_initiator() &&
                           !own->ratchet.confirmed() &&
                           is_own_first(own->ratchet.sid(), opened.session);
    insert({.peer = opened.from, .ratchet = std::move(opened.next), .init_prefix = {}});
    if (own_stays) {
        find(opened.session)->since_ms = turn.dated ? turn.believed_ms : 0;
        drop_surplus(turn, opened.from);
    } else {
        make_active(turn, opened.from, opened.session);
    }
}

}  // namespace sotto::peer::engine
