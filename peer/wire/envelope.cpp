// decode_envelope(): the reading half of envelope.hpp.
#include "peer/wire/envelope.hpp"

#include "crypto/curve.hpp"
#include "crypto/password.hpp"
#include "peer/wire/fields.hpp"
#include "peer/wire/utf8.hpp"

namespace sotto::peer::wire {
namespace {

using crypto::Reader;
using crypto::Unexpected;

// The body's fields by tag; a missing one is an empty optional.
struct Fields {
    std::array<std::optional<ByteView>, last_known_field + 1> known;
    std::uint32_t present = 0;  // bit per known tag
    bool unknown_critical = false;

    [[nodiscard]] ByteView operator[](Field field) const {
        return known[static_cast<std::size_t>(field)].value_or(ByteView{});
    }
    // Exactly these, apart from ignorable ones.
    [[nodiscard]] bool are(std::initializer_list<Field> required,
                           std::initializer_list<Field> optional = {}) const {
        std::uint32_t need = 0;
        std::uint32_t may = 0;
        for (const Field field : required)
            need |= bit(field);
        for (const Field field : optional)
            may |= bit(field);
        return (present & ~may) == need;
    }
    [[nodiscard]] static std::uint32_t bit(Field field) {
        return 1U << static_cast<unsigned>(field);
    }
};

std::optional<Fields> split(Reader& in) {
    Fields fields;
    int previous = -1;
    while (in.ok() && in.remaining() > 0) {
        const std::uint8_t tag = in.u8();
        const ByteView value = in.sized16();
        if (!in.ok() || int{tag} <= previous || tag == 0) return std::nullopt;
        previous = tag;
        if (tag <= last_known_field) {
            fields.known[tag] = value;
            fields.present |= Fields::bit(static_cast<Field>(tag));
        } else if (tag < first_ignorable_field) {
            fields.unknown_critical = true;
        }
    }
    if (!in.finished()) return std::nullopt;
    return fields;
}

using Decoded = crypto::Result<Body, EnvelopeError>;
const Unexpected malformed(EnvelopeError::malformed);

std::string as_string(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

bool is_text(ByteView value, std::size_t max_bytes, std::size_t max_characters) {
    if (value.size() > max_bytes) return false;
    const auto characters = utf8_length(as_string(value));
    return characters && *characters <= max_characters;
}

std::optional<std::uint64_t> number(ByteView value) {
    Reader in(value);
    const std::uint64_t result = in.u64();
    return in.finished() ? std::optional(result) : std::nullopt;
}

std::optional<SeqSet> ranges(ByteView value) {
    Reader in(value);
    auto set = read_ranges(in);
    return in.finished() ? std::move(set) : std::nullopt;
}

std::optional<TokenOffer> token(const Fields& fields) {
    const ByteView value = fields[Field::token];
    const auto serial = number(fields[Field::serial]);
    if (value.size() != Token::size || !serial) return std::nullopt;
    return TokenOffer{.serial = *serial, .token = Token(value.first<Token::size>())};
}

Decoded text(const Fields& fields) {
    if (!fields.are({Field::text})) return malformed;
    const ByteView value = fields[Field::text];
    if (value.empty() || !is_text(value, max_text_bytes, max_text_bytes)) {
        return Unexpected(EnvelopeError::bad_text);
    }
    return Body(Text{.text = as_string(value)});
}

Decoded delivered_receipt(const Fields& fields) {
    if (!fields.are({Field::delivered})) return malformed;
    auto delivered = ranges(fields[Field::delivered]);
    if (!delivered) return malformed;
    return Body(DeliveredReceipt{.delivered = std::move(*delivered)});
}

Decoded read_receipt(const Fields& fields) {
    if (!fields.are({Field::delivered, Field::read})) return malformed;
    auto delivered = ranges(fields[Field::delivered]);
    auto read = ranges(fields[Field::read]);
    if (!delivered || !read) return malformed;
    return Body(ReadReceipt{.delivered = std::move(*delivered), .read = std::move(*read)});
}

Decoded typing(const Fields& fields) {
    const ByteView value = fields[Field::typing];
    if (!fields.are({Field::typing}) || value.size() != 1 || value[0] > 1) return malformed;
    return Body(Typing{.typing = value[0] == 1});
}

Decoded contact_request(const Fields& fields, std::size_t body_bytes) {
    if (body_bytes > max_request_body_bytes) return malformed;
    if (!fields.are({Field::username, Field::token, Field::serial}, {Field::text}))
        return malformed;
    const auto mailbox = token(fields);
    std::string username = as_string(fields[Field::username]);
    if (!mailbox || !crypto::username_is_valid(username)) return malformed;
    const ByteView value = fields[Field::text];
    const bool explicitly_empty = value.empty() && fields.known[1].has_value();
    if (explicitly_empty || !is_text(value, max_request_text_bytes, max_request_characters)) {
        return Unexpected(EnvelopeError::bad_text);
    }
    return Body(ContactRequest{
        .username = std::move(username), .text = as_string(value), .token = *mailbox});
}

Decoded contact_accept(const Fields& fields) {
    if (!fields.are({Field::username, Field::token, Field::serial})) return malformed;
    const auto mailbox = token(fields);
    std::string username = as_string(fields[Field::username]);
    if (!mailbox || !crypto::username_is_valid(username)) return malformed;
    return Body(ContactAccept{.username = std::move(username), .token = *mailbox});
}

Decoded endpoint(const Fields& fields) {
    if (!fields.are({Field::serial, Field::endpoints, Field::server_key, Field::dial_with,
                     Field::expires})) {
        return malformed;
    }
    const auto serial = number(fields[Field::serial]);
    const auto expires = number(fields[Field::expires]);
    const auto server_key = crypto::curve_public(fields[Field::server_key]);
    const auto dial_with = crypto::curve_public(fields[Field::dial_with]);
    if (!serial || !expires || !server_key || !dial_with) return malformed;
    std::vector<std::string> endpoints;
    Reader in(fields[Field::endpoints]);
    while (in.ok() && in.remaining() > 0) {
        const std::size_t size = in.u8();
        std::string name = as_string(in.raw(size));
        if (!in.ok() || endpoints.size() == max_endpoints) return malformed;
        if (!is_endpoint(name)) return Unexpected(EnvelopeError::bad_endpoint);
        endpoints.push_back(std::move(name));
    }
    return Body(Endpoint{.serial = *serial,
                         .endpoints = std::move(endpoints),
                         .server_key = *server_key,
                         .dial_with = *dial_with,
                         .expires = {*expires}});
}

Decoded profile(const Fields& fields) {
    const auto serial = number(fields[Field::serial]);
    std::string username = as_string(fields[Field::username]);
    if (!fields.are({Field::username, Field::serial}) || !serial) return malformed;
    if (!crypto::username_is_valid(username)) return malformed;
    return Body(Profile{.serial = *serial, .username = std::move(username)});
}

Decoded mailbox_token(const Fields& fields) {
    const auto mailbox = token(fields);
    if (!fields.are({Field::token, Field::serial}) || !mailbox) return malformed;
    return Body(MailboxToken{.token = *mailbox});
}

Decoded session_reset(const Fields& fields) {
    const auto old = crypto::SessionId::from(fields[Field::old_session]);
    if (!fields.are({Field::old_session}) || !old) return malformed;
    return Body(SessionReset{.old_session = *old});
}

Decoded body(std::uint8_t type, const Fields& fields, std::size_t body_bytes) {
    if (fields.unknown_critical) return Body(Unsupported{.type = type});
    switch (static_cast<Type>(type)) {
        case Type::text:
            return text(fields);
        case Type::receipt_delivered:
            return delivered_receipt(fields);
        case Type::receipt_read:
            return read_receipt(fields);
        case Type::typing:
            return typing(fields);
        case Type::contact_request:
            return contact_request(fields, body_bytes);
        case Type::contact_accept:
            return contact_accept(fields);
        case Type::endpoint:
            return endpoint(fields);
        case Type::profile:
            return profile(fields);
        case Type::mailbox_token:
            return mailbox_token(fields);
        case Type::session_reset:
            return session_reset(fields);
    }
    return Body(Unsupported{.type = type});
}

GossipMark gossip(Reader& in) {
    const std::uint64_t seq = in.u64();
    return {.seq = seq, .hash8 = in.array<8>()};
}

// Only what makes a row is numbered; of an unknown type either is believed.
bool sequence_fits(const Body& body, std::uint64_t seq) {
    if (std::holds_alternative<Unsupported>(body)) return true;
    return std::holds_alternative<Text>(body) == (seq != 0);
}

}  // namespace

Type type_of(const Body& body) {
    static constexpr std::array types{
        Type::text,         Type::receipt_delivered, Type::receipt_read,
        Type::typing,       Type::contact_request,   Type::contact_accept,
        Type::endpoint,     Type::profile,           Type::mailbox_token,
        Type::session_reset};
    crypto::ensure(body.index() < types.size(), "an unsupported envelope has no type to send");
    return types[body.index()];
}

crypto::Result<Envelope, EnvelopeError> decode_envelope(ByteView bytes) {
    Reader in(bytes);
    const std::uint8_t version = in.u8();
    const std::uint8_t type = in.u8();
    const std::uint8_t flags = in.u8();
    const MessageId id{in.array<16>()};
    const ConversationId conversation(in.array<32>());
    const std::uint64_t seq = in.u64();
    const WallTime at{in.u64()};
    const GossipMark own = gossip(in);
    const GossipMark peer = gossip(in);
    if (!in.ok()) return malformed;
    if (version != envelope_version || flags != 0) {
        return Unexpected(EnvelopeError::unsupported_version);
    }
    const std::size_t body_bytes = in.remaining();
    const auto fields = split(in);
    if (!fields) return malformed;
    auto content = body(type, *fields, body_bytes);
    if (!content) return Unexpected(content.error());
    if (!sequence_fits(*content, seq) || seq > max_sequence) {
        return Unexpected(EnvelopeError::bad_sequence);
    }
    return Envelope{.id = id,
                    .conversation = conversation,
                    .sender_seq = seq,
                    .at = at,
                    .own_list = own,
                    .peer_list = peer,
                    .body = std::move(*content)};
}

}  // namespace sotto::peer::wire
