#include "rendezvous/protocol.hpp"
#include "rendezvous/protocol_types.hpp"
#include "rendezvous/wire_reader.hpp"
#include "rendezvous/wire_writer.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

WireWriter writer(MessageType type, RequestId id, std::uint32_t fields, std::size_t payload = 256) {
    return {static_cast<std::uint8_t>(type), id, fields, payload + 64};
}

void write(WireWriter& out, const ChallengeProof& proof) {
    out.bytes(proof.cnonce);
    out.number(proof.ts_ms);
    out.bytes(proof.snonce);
    out.bytes(proof.mac);
}

// A name is text, a device is bytes: the msgpack type tells which.
void write(WireWriter& out, const crypto::LoginSubject& subject) {
    if (const auto* username = std::get_if<std::string>(&subject)) {
        out.text(*username);
        return;
    }
    const auto& device = std::get<crypto::DeviceLogin>(subject);
    crypto::ByteArray<AccountId::size + DeviceId::size> both{};
    const auto middle =
        std::copy(device.account.view().begin(), device.account.view().end(), both.begin());
    std::copy(device.device.view().begin(), device.device.view().end(), middle);
    out.bytes(both);
}

struct Encoder {
    RequestId id;

    Bytes operator()(const ChallengeRequest& m) const {
        WireWriter out = writer(MessageType::challenge_request, id, 3);
        out.choice(m.purpose);
        write(out, m.subject);
        out.bytes(m.cnonce);
        return std::move(out).take();
    }
    Bytes operator()(const Register& m) const {
        WireWriter out = writer(MessageType::register_account, id, 14, 2048);
        out.text(m.username);
        out.bytes(m.cert);
        out.bytes(m.device_list);
        out.id(m.login_key);
        out.boolean(m.listed);
        out.choice(m.visibility);
        out.optional_id(m.invite_token);
        write(out, m.proof);
        out.id(m.login_signature);
        out.id(m.device_signature);
        out.number(m.work);
        return std::move(out).take();
    }
    Bytes operator()(const LoginPassword& m) const {
        WireWriter out = writer(MessageType::login_password, id, 7);
        out.boolean(m.check_only);
        out.text(m.username);
        write(out, m.proof);
        out.id(m.signature);
        return std::move(out).take();
    }
    Bytes operator()(const LoginDevice& m) const {
        WireWriter out = writer(MessageType::login_device, id, 7);
        out.id(m.account);
        out.id(m.device);
        write(out, m.proof);
        out.id(m.signature);
        return std::move(out).take();
    }
    Bytes operator()(const Logout&) const { return writer(MessageType::logout, id, 0, 0).take(); }
    Bytes operator()(const Ping&) const { return writer(MessageType::ping, id, 0, 0).take(); }
    Bytes operator()(const PublishPrekeys& m) const {
        WireWriter out = writer(MessageType::publish_prekeys, id, 2, 16384);
        out.bytes(m.record);
        out.array(m.one_time.size());
        for (const OneTimePrekey& prekey : m.one_time) {
            out.array(2);
            out.number(prekey.id);
            out.bytes(prekey.record);
        }
        return std::move(out).take();
    }
    Bytes operator()(const PublishDeviceList& m) const {
        WireWriter out = writer(MessageType::publish_device_list, id, 2, 4096);
        out.array(m.certs.size());
        for (const Bytes& cert : m.certs)
            out.bytes(cert);
        out.bytes(m.device_list);
        return std::move(out).take();
    }
    Bytes operator()(const FetchBundle& m) const {
        WireWriter out = writer(MessageType::fetch_bundle, id, 3);
        out.id(m.account);
        out.boolean(m.want_one_time);
        out.optional_id(m.token);
        return std::move(out).take();
    }
    Bytes operator()(const LookUp& m) const {
        WireWriter out = writer(MessageType::look_up, id, 1);
        out.text(m.username);
        return std::move(out).take();
    }
    Bytes operator()(const DirectoryPage& m) const {
        WireWriter out = writer(MessageType::directory_page, id, 3);
        out.text(m.query);
        out.text(m.after);
        out.number(m.limit);
        return std::move(out).take();
    }
    Bytes operator()(const Watch& m) const {
        WireWriter out = writer(MessageType::watch, id, 2, m.accounts.size() * 70);
        out.boolean(m.directory);
        out.array(m.accounts.size());
        for (const WatchEntry& entry : m.accounts) {
            out.array(2);
            out.id(entry.account);
            out.optional_id(entry.token);
        }
        return std::move(out).take();
    }
    Bytes operator()(const SetListing& m) const {
        WireWriter out = writer(MessageType::set_listing, id, 2);
        out.boolean(m.listed);
        out.choice(m.visibility);
        return std::move(out).take();
    }
    Bytes operator()(const SetMailboxToken& m) const {
        WireWriter out = writer(MessageType::set_mailbox_token, id, 2);
        out.id(m.token_hash);
        out.boolean(m.revoke_previous);
        return std::move(out).take();
    }
    Bytes operator()(const PutMail& m) const {
        WireWriter out = writer(MessageType::put_mail, id, 7, m.item.size() + 128);
        out.id(m.account);
        out.id(m.device);
        out.id(m.envelope);
        out.choice(m.authority);
        out.optional_id(m.token);
        out.boolean(m.stored);
        out.bytes(m.item);
        return std::move(out).take();
    }
    Bytes operator()(const AckMail& m) const {
        WireWriter out = writer(MessageType::ack_mail, id, 1, m.rows.size() * 9);
        out.array(m.rows.size());
        for (const std::uint64_t row : m.rows)
            out.number(row);
        return std::move(out).take();
    }
    Bytes operator()(const Observe&) const { return writer(MessageType::observe, id, 0, 0).take(); }
    Bytes operator()(const ChangePassword& m) const {
        WireWriter out = writer(MessageType::change_password, id, 9, 512);
        out.text(m.username);
        out.number(m.login_version);
        out.id(m.login_key);
        write(out, m.proof);
        out.id(m.signature);
        out.id(m.possession);
        return std::move(out).take();
    }
};

// Braced initialisers evaluate their clauses in order, so the fields are read as they are listed.

ChallengeProof read_proof(WireReader& in) {
    return {.cnonce = in.fixed<32>(),
            .ts_ms = in.u64(),
            .snonce = in.fixed<32>(),
            .mac = in.fixed<32>()};
}

crypto::LoginSubject read_subject(WireReader& in) {
    if (in.next_is_text()) return in.text(max_typed_name_bytes);
    const auto both = in.fixed<AccountId::size + DeviceId::size>();
    const std::span view(both);
    return crypto::DeviceLogin{.account = AccountId(view.first<AccountId::size>()),
                               .device = DeviceId(view.last<DeviceId::size>())};
}

Request read_challenge(WireReader& in) {
    return ChallengeRequest{
        .purpose = in.choice(crypto::LoginPurpose::login, crypto::LoginPurpose::change_password),
        .subject = read_subject(in),
        .cnonce = in.fixed<32>()};
}

Visibility read_visibility(WireReader& in) {
    return in.choice(Visibility::members, Visibility::nobody);
}

Request read_register(WireReader& in) {
    return Register{.username = in.text(max_typed_name_bytes),
                    .cert = in.bytes(1, max_cert_bytes),
                    .device_list = in.bytes(1, max_device_list_bytes),
                    .login_key = in.id<crypto::LkPublic>(),
                    .listed = in.boolean(),
                    .visibility = read_visibility(in),
                    .invite_token = in.optional_id<InviteToken>(),
                    .proof = read_proof(in),
                    .login_signature = in.id<crypto::Signature>(),
                    .device_signature = in.id<crypto::Signature>(),
                    .work = in.u64()};
}

Request read_login_password(WireReader& in) {
    return LoginPassword{.check_only = in.boolean(),
                         .username = in.text(max_typed_name_bytes),
                         .proof = read_proof(in),
                         .signature = in.id<crypto::Signature>()};
}

Request read_login_device(WireReader& in) {
    return LoginDevice{.account = in.id<AccountId>(),
                       .device = in.id<DeviceId>(),
                       .proof = read_proof(in),
                       .signature = in.id<crypto::Signature>()};
}

Request read_change_password(WireReader& in) {
    return ChangePassword{.username = in.text(max_typed_name_bytes),
                          .login_version = in.u16(),
                          .login_key = in.id<crypto::LkPublic>(),
                          .proof = read_proof(in),
                          .signature = in.id<crypto::Signature>(),
                          .possession = in.id<crypto::Signature>()};
}

Request read_publish_prekeys(WireReader& in) {
    PublishPrekeys m{.record = in.bytes(1, max_prekey_record_bytes), .one_time = {}};
    const std::size_t count = in.array(0, max_one_time_per_publish);
    std::uint32_t last = 0;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        (void)in.array(2, 2);
        m.one_time.push_back({.id = in.u32(), .record = in.bytes(1, max_one_time_record_bytes)});
        if (m.one_time.back().id <= last) in.fail(DecodeError::not_canonical);
        last = m.one_time.back().id;
    }
    return m;
}

Request read_publish_device_list(WireReader& in) {
    PublishDeviceList m;
    const std::size_t count = in.array(1, max_devices);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        m.certs.push_back(in.bytes(1, max_cert_bytes));
    }
    m.device_list = in.bytes(1, max_device_list_bytes);
    return m;
}

Request read_fetch_bundle(WireReader& in) {
    return FetchBundle{.account = in.id<AccountId>(),
                       .want_one_time = in.boolean(),
                       .token = in.optional_id<MailboxToken>()};
}

Request read_look_up(WireReader& in) {
    return LookUp{.username = in.text(max_typed_name_bytes)};
}

Request read_directory_page(WireReader& in) {
    DirectoryPage m{.query = in.text(max_query_bytes),
                    .after = in.text(username_max_bytes),
                    .limit = static_cast<std::uint8_t>(in.number(max_directory_page))};
    if (m.limit == 0) in.fail(DecodeError::out_of_limits);
    return m;
}

Request read_watch(WireReader& in) {
    Watch m{.directory = in.boolean(), .accounts = {}};
    const std::size_t count = in.array(0, max_watched_accounts);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        (void)in.array(2, 2);
        m.accounts.push_back(
            {.account = in.id<AccountId>(), .token = in.optional_id<MailboxToken>()});
        // Increasing order: one list, one encoding, and no account twice.
        if (i > 0 && !(m.accounts[i - 1].account < m.accounts[i].account)) {
            in.fail(DecodeError::not_canonical);
        }
    }
    return m;
}

Request read_set_listing(WireReader& in) {
    return SetListing{.listed = in.boolean(), .visibility = read_visibility(in)};
}

Request read_set_mailbox_token(WireReader& in) {
    return SetMailboxToken{.token_hash = in.id<MailboxTokenHash>(),
                           .revoke_previous = in.boolean()};
}

Request read_put_mail(WireReader& in) {
    PutMail m{.account = in.id<AccountId>(),
              .device = in.id<DeviceId>(),
              .envelope = in.id<EnvelopeId>(),
              .authority = in.choice(PutAuthority::mailbox_token, PutAuthority::own_device),
              .token = in.optional_id<MailboxToken>(),
              .stored = in.boolean(),
              .item = in.bytes(1, max_item_bytes)};
    if ((m.authority == PutAuthority::mailbox_token) != m.token.has_value()) {
        in.fail(DecodeError::out_of_limits);
    }
    return m;
}

Request read_ack_mail(WireReader& in) {
    AckMail m;
    const std::size_t count = in.array(1, max_ack_rows);
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::uint64_t row = in.u64();
        if (row <= last) in.fail(DecodeError::not_canonical);
        m.rows.push_back(row);
        last = row;
    }
    return m;
}

struct Shape {
    MessageType type;
    std::size_t fields;
    Request (*read)(WireReader&);
};

constexpr std::array shapes{
    Shape{MessageType::challenge_request, 3, read_challenge},
    Shape{MessageType::register_account, 14, read_register},
    Shape{MessageType::login_password, 7, read_login_password},
    Shape{MessageType::login_device, 7, read_login_device},
    Shape{MessageType::logout, 0, [](WireReader&) { return Request(Logout{}); }},
    Shape{MessageType::ping, 0, [](WireReader&) { return Request(Ping{}); }},
    Shape{MessageType::publish_prekeys, 2, read_publish_prekeys},
    Shape{MessageType::publish_device_list, 2, read_publish_device_list},
    Shape{MessageType::fetch_bundle, 3, read_fetch_bundle},
    Shape{MessageType::look_up, 1, read_look_up},
    Shape{MessageType::directory_page, 3, read_directory_page},
    Shape{MessageType::watch, 2, read_watch},
    Shape{MessageType::set_listing, 2, read_set_listing},
    Shape{MessageType::set_mailbox_token, 2, read_set_mailbox_token},
    Shape{MessageType::put_mail, 7, read_put_mail},
    Shape{MessageType::ack_mail, 1, read_ack_mail},
    Shape{MessageType::observe, 0, [](WireReader&) { return Request(Observe{}); }},
    Shape{MessageType::change_password, 9, read_change_password},
};

}  // namespace

Bytes encode(const RequestFrame& frame) {
    return std::visit(Encoder{frame.id}, frame.request);
}

crypto::Result<RequestFrame, DecodeFailure> decode_request(ByteView frame) {
    using Failed = crypto::Unexpected<DecodeFailure>;
    if (frame.size() > max_frame_bytes) return Failed({DecodeError::too_large, 0});
    WireReader in(frame);
    const std::size_t count = in.array(3, 17);
    if (in.u8() != protocol_version) in.fail(DecodeError::unsupported_version);
    const std::uint8_t type = in.u8();
    const RequestId id = in.u32();
    if (const auto error = in.failed()) return Failed({*error, 0});

    const auto* shape = std::find_if(shapes.begin(), shapes.end(), [type](const Shape& s) {
        return static_cast<std::uint8_t>(s.type) == type;
    });
    if (shape == shapes.end()) return Failed({DecodeError::unknown_message, id});
    if (count != 3 + shape->fields) return Failed({DecodeError::out_of_limits, id});
    if (id == 0 && shape->type != MessageType::ack_mail) {
        return Failed({DecodeError::out_of_limits, id});
    }
    Request request = shape->read(in);
    in.finish();
    if (const auto error = in.failed()) return Failed({*error, id});
    return RequestFrame{.id = id, .request = std::move(request)};
}

bool is_username(std::string_view text) {
    if (text.size() < username_min_bytes || text.size() > username_max_bytes) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

}  // namespace sotto::rendezvous
