#include "peer/engine/account.hpp"

#include "peer/engine/contact.hpp"
#include "peer/engine/limits.hpp"

namespace sotto::peer::engine {
namespace {

constexpr std::uint8_t blob_version = 1;
constexpr std::string_view token_setting = "engine.mailbox_token";
constexpr std::string_view list_owed_setting = "engine.device_list_owed";
constexpr std::string_view prekeys_setting = "engine.prekeys";
constexpr std::string_view lists_setting = "engine.own_lists";
constexpr std::string_view disputed_setting = "engine.own_list_disputed";

crypto::ByteArray<8> hash8_of(const crypto::DevListHash& hash) {
    return crypto::gossip_of({.seq = 0, .hash = hash}).hash8;
}

// What a device of this build accepts: everything it can do, so that a peer with the other
// libsodium can still talk to it. Stripping is told by the sticky floor, not here
// (docs/protocol.md 2.4).
constexpr std::uint8_t min_suite = 1;

}  // namespace

bool Account::load(const Snapshot& snapshot) {
    if (!snapshot.self) return true;
    if (!load_identity(snapshot.self->keys)) return false;
    self_ = snapshot.self->self;
    server_ = self_->server;
    confirmed_ = !self_->registered;
    if (self_->account != identity_->account_key.public_key()) return false;
    if (self_->device != identity_->cert.device()) return false;
    for (const SaveSetting& setting : snapshot.settings) {
        if (setting.name == token_setting && !load_token(setting.value)) return false;
        if (setting.name == list_owed_setting) list_owed_ = !setting.value.empty();
        if (setting.name == lists_setting && !load_lists(setting.value)) return false;
        if (setting.name == disputed_setting) list_disputed_ = !setting.value.empty();
        if (setting.name == prekeys_setting && !prekeys_.load_setting(setting.value)) return false;
    }
    for (const SavePrekey& row : snapshot.prekeys) {
        if (!prekeys_.load_key(row)) return false;
    }
    return true;
}

const Identity& Account::identity() const {
    crypto::ensure(identity_.has_value(), "the account exists");
    return *identity_;
}

const Self& Account::self() const {
    crypto::ensure(self_.has_value(), "the account exists");
    return *self_;
}

DeviceAddress Account::address() const {
    return {.account = self().account, .device = self().device};
}

void Account::create(Turn& turn) {
    if (created()) return;
    const auto account_key = crypto::OwnAccountKey::generate(turn.random);
    const auto dsk = crypto::OwnDsk::generate(turn.random);
    const auto dik = crypto::OwnDik::generate(turn.random);
    const auto cert = crypto::Cert::create(account_key, dsk,
                                           {.device = DeviceId::generate(turn.random),
                                            .dik = dik.public_key(),
                                            .suites = crypto::SuiteSet::of_this_build(),
                                            .min_suite = min_suite,
                                            .created_ms = turn.now.wall.ms});
    auto list = crypto::DevList::first(
        account_key, {{.device = cert.device(), .cert = cert.hash(), .primary = true}},
        turn.now.wall.ms);
    self_ = Self{.username = {},
                 .account = account_key.public_key(),
                 .device = cert.device(),
                 .server = server_,
                 .registered = false};
    identity_ = Identity{
        .account_key = account_key, .dsk = dsk, .dik = dik, .cert = cert, .list = std::move(list)};
    save_self(turn);
    make_token(turn, false);
    prekeys_.rotate(turn);
}

void Account::set_server(const ServerAddress& server) {
    server_ = server;
    if (self_) self_->server = server;
}

void Account::skip_numbers(Turn& turn) {
    prekeys_.skip_numbers(turn);
    token_.serial = unused_number(turn, token_.serial);
    make_token(turn, false);
}

bool Account::overtaken_by(Turn& turn, const rendezvous::Bundle& own) {
    bool overtaken = false;
    auto list = crypto::DevList::decode(own.device_list);
    const bool fits = list && list->account() == id() && list->contains(identity_->cert);
    if (fits && list->seq() > identity_->list.seq()) {
        // Only this device holds the account's key: it has signed none with other devices.
        list_strange_ = list->entries() != identity_->list.entries();
        remember_list(turn);
        identity_->list = std::move(*list);
        save_self(turn);
        overtaken = true;
    }
    for (const rendezvous::DeviceBundle& device : own.devices) {
        const auto record = crypto::PreRec::decode(device.prekeys, identity_->cert);
        if (record && prekeys_.raise_record_seq(record->fields().seq)) overtaken = true;
    }
    return overtaken;
}

void Account::set_registered(Turn& turn, const std::string& username) {
    self_->username = username;
    self_->registered = true;
    save_self(turn);
    turn.show(SelfChanged{.self = *self_, .own_list = gossip()});
}

void Account::make_token(Turn& turn, bool revoke) {
    // A revocation the server has not heard of yet is not forgotten.
    const bool owed = !token_.published && token_.revoke_previous;
    token_.token = turn.random.secret<32>();
    ++token_.serial;
    token_.made_ms = turn.believed_ms;
    token_.published = false;
    token_.revoke_previous = revoke || owed;
    save_token(turn);
}

bool Account::rotate_token(Turn& turn) {
    const std::uint64_t now_ms = turn.now.wall.ms;
    const bool from_future = token_.made_ms > now_ms + crypto::clock_tolerance_ms;
    const bool old = now_ms > token_.made_ms && now_ms - token_.made_ms >= token_rotation_ms;
    if (!created() || (!old && !from_future)) return false;
    make_token(turn, false);
    return true;
}

void Account::revoke_token(Turn& turn) {
    make_token(turn, true);
}

void Account::token_published(Turn& turn, std::uint64_t serial) {
    if (serial != token_.serial || token_.published) return;
    token_.published = true;
    save_token(turn);
}

void Account::renew_list(Turn& turn) {
    if (!created()) return;
    const std::uint64_t issued_ms = identity_->list.issued_ms();
    const std::uint64_t now_ms = turn.now.wall.ms;
    if (now_ms < issued_ms || now_ms - issued_ms < crypto::dev_list_resign_ms) return;
    remember_list(turn);
    identity_->list = crypto::DevList::successor(identity_->account_key, identity_->list,
                                                 identity_->list.entries(), now_ms);
    save_self(turn);
    set_list_owed(turn, true);
}

void Account::set_list_owed(Turn& turn, bool owed) {
    if (list_owed_ == owed) return;
    list_owed_ = owed;
    turn.save(
        SaveSetting{.name = std::string(list_owed_setting), .value = owed ? Bytes{1} : Bytes{}});
}

void Account::list_published(Turn& turn, std::uint64_t seq) {
    if (seq == identity_->list.seq()) set_list_owed(turn, false);
}

void Account::compare_list(Turn& turn, const rendezvous::Bundle& own) {
    const auto list = crypto::DevList::decode(own.device_list);
    const bool older = list && list->account() == id() && list->seq() < identity_->list.seq();
    if (older) set_list_owed(turn, true);
}

crypto::GossipMark Account::gossip() const {
    return crypto::gossip_of(crypto::mark_of(identity().list));
}

Account::ListClaim Account::judge_claim(const crypto::GossipMark& claim) const {
    const crypto::DevList& list = identity().list;
    if (claim == gossip()) return ListClaim::newest;
    if (claim.seq >= list.seq()) return ListClaim::not_ours;
    const auto known = own_lists_.find(claim.seq);
    std::optional<crypto::ByteArray<8>> hash8;
    if (known != own_lists_.end()) hash8 = known->second;
    if (claim.seq + 1 == list.seq()) hash8 = hash8_of(list.previous_hash());
    return !hash8 || *hash8 == claim.hash8 ? ListClaim::older : ListClaim::not_ours;
}

void Account::set_list_disputed(Turn& turn, bool disputed) {
    list_disputed_ = disputed;
    turn.save(
        SaveSetting{.name = std::string(disputed_setting), .value = disputed ? Bytes{1} : Bytes{}});
}

// The present one is about to be replaced. Setting: (number u64, hash 8)*.
void Account::remember_list(Turn& turn) {
    const crypto::GossipMark mark = gossip();
    own_lists_.insert_or_assign(mark.seq, mark.hash8);
    if (own_lists_.size() > own_lists_max) own_lists_.erase(own_lists_.begin());
    crypto::Writer out(own_lists_.size() * 16);
    for (const auto& [seq, hash8] : own_lists_)
        out.u64(seq).raw(hash8);
    turn.save(SaveSetting{.name = std::string(lists_setting), .value = std::move(out).take()});
}

bool Account::load_lists(ByteView blob) {
    if (blob.size() % 16 != 0 || blob.size() / 16 > own_lists_max) return false;
    crypto::Reader in(blob);
    for (std::size_t i = 0; i < blob.size() / 16; ++i) {
        const std::uint64_t seq = in.u64();
        own_lists_.insert_or_assign(seq, in.array<8>());
    }
    return in.finished();
}

// Blob: version, account seed 32, DSK seed 32, DIK secret 32, u16 cert, u16 device list.
void Account::save_self(Turn& turn) const {
    crypto::Writer out(1024);
    out.u8(blob_version);
    out.raw(identity_->account_key.seed().view()).raw(identity_->dsk.seed().view());
    out.raw(identity_->dik.secret().view());
    out.sized16(identity_->cert.encoded()).sized16(identity_->list.encoded());
    turn.save(SaveSelf{.self = *self_, .keys = std::move(out).take()});
}

bool Account::load_identity(ByteView blob) {
    crypto::Reader in(blob);
    const bool version_fits = in.u8() == blob_version;
    const crypto::Secret<32> account_seed(in.array<32>());
    const crypto::Secret<32> dsk_seed(in.array<32>());
    const crypto::Secret<32> dik_secret(in.array<32>());
    const ByteView cert_bytes = in.sized16();
    const ByteView list_bytes = in.sized16();
    if (!in.finished() || !version_fits) return false;
    const auto cert = crypto::Cert::decode(cert_bytes);
    const auto list = crypto::DevList::decode(list_bytes);
    if (!cert || !list || !list->contains(*cert)) return false;
    identity_ = Identity{.account_key = crypto::OwnAccountKey::from_seed(account_seed),
                         .dsk = crypto::OwnDsk::from_seed(dsk_seed),
                         .dik = crypto::OwnDik::from_secret(dik_secret),
                         .cert = *cert,
                         .list = *list};
    return identity_->account_key.public_key() == list->account() &&
           identity_->dsk.public_key() == cert->dsk() && identity_->dik.public_key() == cert->dik();
}

// Blob: version, token 32, serial u64, made u64, published u8, revoke u8.
void Account::save_token(Turn& turn) const {
    crypto::Writer out(51);
    out.u8(blob_version).raw(token_.token.view()).u64(token_.serial).u64(token_.made_ms);
    out.u8(token_.published ? 1 : 0).u8(token_.revoke_previous ? 1 : 0);
    turn.save(SaveSetting{.name = std::string(token_setting), .value = std::move(out).take()});
}

bool Account::load_token(ByteView blob) {
    crypto::Reader in(blob);
    const bool version_fits = in.u8() == blob_version;
    token_.token = crypto::MailboxToken(in.array<32>());
    token_.serial = in.u64();
    token_.made_ms = in.u64();
    const std::uint8_t published = in.u8();
    const std::uint8_t revoke = in.u8();
    token_.published = published == 1;
    token_.revoke_previous = revoke == 1;
    return in.finished() && version_fits && published <= 1 && revoke <= 1;
}

}  // namespace sotto::peer::engine
