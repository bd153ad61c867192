#include "people.hpp"

#include <utility>

namespace sotto::ui::testing {
namespace {

constexpr std::uint64_t minute_ms = 60'000;

}  // namespace

peer::AccountId account(unsigned number) {
    crypto::ByteArray<32> bytes{};
    std::uint32_t state = number * 2654435761U + 12345U;
    for (std::uint8_t& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24U);
    }
    return peer::AccountId(bytes);
}

peer::Contact contact(unsigned number, const std::string& name, peer::ContactState state,
                      peer::Presence presence) {
    return {.account = account(number),
            .username = name,
            .state = state,
            .request_text = {},
            .verified = false,
            .allow_direct = false,
            .presence = presence,
            .path = presence == peer::Presence::online ? peer::Path::direct : peer::Path::mailbox,
            .changed_at = {stage_now.ms - 30 * 24 * 60 * minute_ms - number}};
}

peer::Message message(std::uint64_t row, unsigned peer, const std::string& text,
                      const MessageOptions& options) {
    peer::MessageId id;
    for (unsigned i = 0; i < 8; ++i) {
        id.bytes[i] = static_cast<std::uint8_t>(row >> (8U * i));
    }
    return {.row = row,
            .id = id,
            .peer = account(peer),
            .outgoing = options.outgoing,
            .kind = peer::MessageKind::text,
            .text = text,
            .at = {stage_now.ms - options.minutes_ago * minute_ms},
            .state = options.state,
            .failure = peer::MessageFailure::none,
            .read_locally = options.read};
}

peer::ServerAddress server() {
    crypto::ByteArray<32> key{};
    key[0] = 9;  // the base point: canonical, and nobody's
    return {.host = "chat.example.org", .port = 7313, .key = *crypto::CurvePublic::parse(key)};
}

peer::Self self(const std::string& name) {
    return {.username = name,
            .account = account(1000),
            .device = peer::DeviceId(crypto::ByteArray<16>{}),
            .server = server(),
            .registered = true};
}

peer::Opened opened(std::vector<peer::Contact> contacts,
                    std::vector<peer::ConversationSummary> conversations) {
    return {
        .self = self(), .contacts = std::move(contacts), .conversations = std::move(conversations)};
}

peer::DirectoryPage directory(std::vector<peer::Member> members) {
    return {.query = {}, .after = {}, .members = std::move(members), .more = false};
}

}  // namespace sotto::ui::testing
