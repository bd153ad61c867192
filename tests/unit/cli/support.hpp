// People and keys for the front end's tests.
#pragma once

#include "crypto/random.hpp"
#include "peer/output.hpp"
#include "peer/server_link.hpp"

#include <string>

namespace sotto::peer::cli::test {

inline AccountId account(std::uint8_t number) {
    crypto::ByteArray<AccountId::size> bytes{};
    bytes[0] = number;
    return AccountId(bytes);
}

inline ServerAddress server() {
    crypto::SeededRandom random(7);
    return {
        .host = "127.0.0.1", .port = 7313, .key = crypto::OwnCurve::generate(random).public_key()};
}

inline Contact contact(std::uint8_t number, std::string name,
                       ContactState state = ContactState::accepted) {
    return {.account = account(number),
            .username = std::move(name),
            .state = state,
            .request_text = {},
            .verified = false,
            .allow_direct = false,
            .presence = Presence::unknown,
            .path = Path::none,
            .changed_at = {}};
}

inline Self self(std::string name, bool registered) {
    return {.username = std::move(name),
            .account = account(99),
            .device = DeviceId(crypto::ByteArray<DeviceId::size>{}),
            .server = server(),
            .registered = registered};
}

inline Message incoming(std::uint8_t peer, std::string text, std::uint64_t row) {
    return {.row = row,
            .id = {},
            .peer = account(peer),
            .outgoing = false,
            .kind = MessageKind::text,
            .text = std::move(text),
            .at = {},
            .state = DeliveryState::delivered,
            .failure = MessageFailure::none,
            .read_locally = false};
}

inline Message outgoing(std::uint8_t peer, std::string text, std::uint64_t row) {
    Message message = incoming(peer, std::move(text), row);
    message.outgoing = true;
    message.id.bytes[0] = static_cast<std::uint8_t>(row);
    message.state = DeliveryState::saved;
    return message;
}

}  // namespace sotto::peer::cli::test
