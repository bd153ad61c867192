#include "rendezvous/protocol.hpp"
#include "rendezvous/protocol_types.hpp"
#include "rendezvous/wire_reader.hpp"
#include "rendezvous/wire_writer.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

WireWriter writer(MessageType type, RequestId id, std::uint32_t fields, std::size_t payload = 128) {
    return {static_cast<std::uint8_t>(type), id, fields, payload + 64};
}

void write(WireWriter& out, const MemberEntry& member) {
    out.array(3);
    out.id(member.account);
    out.text(member.username);
    out.boolean(member.online);
}

void write(WireWriter& out, const std::vector<MemberEntry>& members) {
    out.array(members.size());
    for (const MemberEntry& member : members)
        write(out, member);
}

void write(WireWriter& out, const DeviceBundle& device) {
    out.array(3);
    out.bytes(device.cert);
    out.bytes(device.prekeys);
    out.bytes(device.one_time);
}

struct Encoder {
    RequestId id;

    Bytes operator()(const Challenge& m) const {
        WireWriter out = writer(MessageType::challenge, id, 5);
        out.number(m.ts_ms);
        out.bytes(m.snonce);
        out.bytes(m.mac);
        out.number(m.login_version);
        out.number(m.work_bits);
        return std::move(out).take();
    }
    Bytes operator()(const LoggedIn& m) const {
        WireWriter out = writer(MessageType::logged_in, id, 8, 256);
        out.choice(m.kind);
        out.id(m.account);
        out.text(m.username);
        out.number(m.server_time_ms);
        out.text(m.observed);
        out.number(m.one_time_left);
        out.number(m.mail_waiting);
        out.boolean(m.has_mailbox_token);
        return std::move(out).take();
    }
    Bytes operator()(const Ok&) const { return writer(MessageType::ok, id, 0, 0).take(); }
    Bytes operator()(const Pong& m) const {
        WireWriter out = writer(MessageType::pong, id, 1);
        out.number(m.server_time_ms);
        return std::move(out).take();
    }
    Bytes operator()(const Bundle& m) const {
        WireWriter out = writer(MessageType::bundle, id, 2, 1024 + m.devices.size() * 4096);
        out.bytes(m.device_list);
        out.array(m.devices.size());
        for (const DeviceBundle& device : m.devices)
            write(out, device);
        return std::move(out).take();
    }
    Bytes operator()(const Found& m) const {
        WireWriter out = writer(MessageType::found, id, 1);
        write(out, m.member);
        return std::move(out).take();
    }
    Bytes operator()(const Members& m) const {
        WireWriter out = writer(MessageType::members, id, 2, m.members.size() * 72);
        write(out, m.members);
        out.boolean(m.more);
        return std::move(out).take();
    }
    Bytes operator()(const Accepted&) const {
        return writer(MessageType::accepted, id, 0, 0).take();
    }
    Bytes operator()(const Error& m) const {
        WireWriter out = writer(MessageType::error, id, 2);
        out.choice(m.code);
        out.number(m.retry_after_ms);
        return std::move(out).take();
    }
    Bytes operator()(const Observed& m) const {
        WireWriter out = writer(MessageType::observed, id, 1);
        out.text(m.endpoint);
        return std::move(out).take();
    }
    Bytes operator()(const Mail& m) const {
        WireWriter out = writer(MessageType::mail, id, 2, m.item.size());
        out.number(m.row);
        out.bytes(m.item);
        return std::move(out).take();
    }
    Bytes operator()(const Presence& m) const {
        WireWriter out = writer(MessageType::presence, id, 1, m.entries.size() * 72);
        write(out, m.entries);
        return std::move(out).take();
    }
    Bytes operator()(const PrekeysLow& m) const {
        WireWriter out = writer(MessageType::prekeys_low, id, 1);
        out.number(m.one_time_left);
        return std::move(out).take();
    }
    Bytes operator()(const SessionEnded& m) const {
        WireWriter out = writer(MessageType::session_ended, id, 1);
        out.choice(m.reason);
        return std::move(out).take();
    }
};

// Braced initialisers evaluate their clauses in order, so the fields are read as they are listed.

Reply read_challenge(WireReader& in) {
    return Challenge{.ts_ms = in.u64(),
                     .snonce = in.fixed<32>(),
                     .mac = in.fixed<32>(),
                     .login_version = in.u16(),
                     .work_bits = in.u8()};
}

// Shown to nobody as it is, but kept harmless for logs and dialling: digits, letters, . : [ ] %
std::string read_observed(WireReader& in) {
    std::string text = in.text(max_observed_bytes);
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == ':' ||
               c == '[' || c == ']' || c == '%';
    });
    if (!plain) in.fail(DecodeError::out_of_limits);
    return text;
}

Reply read_logged_in(WireReader& in) {
    return LoggedIn{.kind = in.choice(SessionKind::password_only, SessionKind::device),
                    .account = in.id<AccountId>(),
                    .username = in.username(),
                    .server_time_ms = in.u64(),
                    .observed = read_observed(in),
                    .one_time_left = in.u16(),
                    .mail_waiting = in.u16(),
                    .has_mailbox_token = in.boolean()};
}

DeviceBundle read_device(WireReader& in) {
    (void)in.array(3, 3);
    return {.cert = in.bytes(1, max_cert_bytes),
            .prekeys = in.bytes(0, max_prekey_record_bytes),
            .one_time = in.bytes(0, max_one_time_record_bytes)};
}

Reply read_bundle(WireReader& in) {
    Bundle m{.device_list = in.bytes(1, max_device_list_bytes), .devices = {}};
    const std::size_t count = in.array(0, max_devices);
    for (std::size_t i = 0; i < count && !in.failed(); ++i)
        m.devices.push_back(read_device(in));
    return m;
}

MemberEntry read_member(WireReader& in) {
    (void)in.array(3, 3);
    return {.account = in.id<AccountId>(), .username = in.username(), .online = in.boolean()};
}

std::vector<MemberEntry> read_member_list(WireReader& in, std::size_t most) {
    std::vector<MemberEntry> members;
    const std::size_t count = in.array(0, most);
    for (std::size_t i = 0; i < count && !in.failed(); ++i)
        members.push_back(read_member(in));
    return members;
}

Reply read_members(WireReader& in) {
    return Members{.members = read_member_list(in, max_directory_page), .more = in.boolean()};
}

Reply read_error(WireReader& in) {
    return Error{.code = in.choice(ErrorCode::unknown_session, ErrorCode::busy),
                 .retry_after_ms = in.u32()};
}

Reply read_mail(WireReader& in) {
    return Mail{.row = in.u64(), .item = in.bytes(1, max_item_bytes)};
}

struct Shape {
    MessageType type;
    std::size_t fields;
    Reply (*read)(WireReader&);
};

constexpr std::array shapes{
    Shape{MessageType::challenge, 5, read_challenge},
    Shape{MessageType::logged_in, 8, read_logged_in},
    Shape{MessageType::ok, 0, [](WireReader&) { return Reply(Ok{}); }},
    Shape{MessageType::pong, 1, [](WireReader& in) { return Reply(Pong{in.u64()}); }},
    Shape{MessageType::bundle, 2, read_bundle},
    Shape{MessageType::found, 1, [](WireReader& in) { return Reply(Found{read_member(in)}); }},
    Shape{MessageType::members, 2, read_members},
    Shape{MessageType::accepted, 0, [](WireReader&) { return Reply(Accepted{}); }},
    Shape{MessageType::error, 2, read_error},
    Shape{MessageType::observed, 1,
          [](WireReader& in) { return Reply(Observed{read_observed(in)}); }},
    Shape{MessageType::mail, 2, read_mail},
    Shape{
        MessageType::presence, 1,
        [](WireReader& in) { return Reply(Presence{read_member_list(in, max_presence_entries)}); }},
    Shape{MessageType::prekeys_low, 1, [](WireReader& in) { return Reply(PrekeysLow{in.u16()}); }},
    Shape{MessageType::session_ended, 1,
          [](WireReader& in) {
              return Reply(SessionEnded{in.choice(SessionEnd::replaced, SessionEnd::revoked)});
          }},
};

// A push has id 0, a reply has not; an Error may be about a request whose id was not readable.
bool id_fits(MessageType type, RequestId id) {
    if (type == MessageType::error) return true;
    return (type >= MessageType::mail) == (id == 0);
}

}  // namespace

Bytes encode(const ReplyFrame& frame) {
    return std::visit(Encoder{frame.id}, frame.reply);
}

crypto::Result<ReplyFrame, DecodeFailure> decode_reply(ByteView frame) {
    using Failed = crypto::Unexpected<DecodeFailure>;
    if (frame.size() > max_frame_bytes) return Failed({DecodeError::too_large, 0});
    WireReader in(frame);
    const std::size_t count = in.array(3, 16);
    if (in.u8() != protocol_version) in.fail(DecodeError::unsupported_version);
    const std::uint8_t type = in.u8();
    const RequestId id = in.u32();
    if (const auto error = in.failed()) return Failed({*error, 0});

    const auto* shape = std::find_if(shapes.begin(), shapes.end(), [type](const Shape& s) {
        return static_cast<std::uint8_t>(s.type) == type;
    });
    if (shape == shapes.end()) return Failed({DecodeError::unknown_message, id});
    if (count != 3 + shape->fields || !id_fits(shape->type, id)) {
        return Failed({DecodeError::out_of_limits, id});
    }
    Reply reply = shape->read(in);
    in.finish();
    if (const auto error = in.failed()) return Failed({*error, id});
    return ReplyFrame{.id = id, .reply = std::move(reply)};
}

}  // namespace sotto::rendezvous
