#include "tests/support/rendezvous_client.hpp"

#include <chrono>

namespace sotto::rendezvous::testing {

namespace {

zmq::const_buffer buffer(std::span<const std::uint8_t, 32> key) {
    return {key.data(), key.size()};
}

}  // namespace

RawClient::RawClient(zmq::context_t& context, const crypto::CurvePublic& server_key,
                     const crypto::OwnCurve& own)
    : own_(own), server_key_(server_key), socket_(context, zmq::socket_type::dealer) {
    namespace opt = zmq::sockopt;
    socket_.set(opt::curve_serverkey, buffer(server_key.view()));
    socket_.set(opt::curve_publickey, buffer(own.public_key().view()));
    socket_.set(opt::curve_secretkey, buffer(own.secret().view()));
    socket_.set(opt::linger, 0);
    socket_.set(opt::sndtimeo, patience_ms);
}

RequestId RawClient::send(Request request) {
    const RequestId request_id = next_id_++;
    send_bytes(encode(RequestFrame{request_id, std::move(request)}));
    return request_id;
}

void RawClient::send_bytes(ByteView bytes) {
    socket_.send(zmq::const_buffer(bytes.data(), bytes.size()), zmq::send_flags::none);
}

void RawClient::send_silently(AckMail request) {
    send_bytes(encode(RequestFrame{0, std::move(request)}));
}

ReplyFrame RawClient::receive() {
    auto frame = receive_within(patience_ms);
    if (!frame) throw std::runtime_error("waited in vain for a frame");
    return std::move(*frame);
}

std::optional<ReplyFrame> RawClient::receive_within(int wait_ms) {
    if (!pushed_.empty()) {
        ReplyFrame frame = std::move(pushed_.front());
        pushed_.pop_front();
        return frame;
    }
    zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
    if (zmq::poll(&item, 1, std::chrono::milliseconds(wait_ms)) == 0) return std::nullopt;
    return decoded(receive_bytes());
}

Reply RawClient::ask(Request request) {
    const RequestId request_id = send(std::move(request));
    while (true) {
        ReplyFrame frame = decoded(receive_bytes());
        if (frame.id == request_id) return std::move(frame.reply);
        pushed_.push_back(std::move(frame));
    }
}

Bytes RawClient::ask_for_bytes(Request request) {
    const RequestId request_id = send(std::move(request));
    while (true) {
        Bytes bytes = receive_bytes();
        ReplyFrame frame = decoded(bytes);
        if (frame.id == request_id) return bytes;
        pushed_.push_back(std::move(frame));
    }
}

Bytes RawClient::receive_bytes() {
    zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
    if (zmq::poll(&item, 1, std::chrono::milliseconds(patience_ms)) == 0) {
        throw std::runtime_error("waited in vain for a frame");
    }
    zmq::message_t frame;
    (void)socket_.recv(frame, zmq::recv_flags::dontwait);
    const auto* data = frame.data<std::uint8_t>();
    return {data, data + frame.size()};
}

ReplyFrame RawClient::decoded(ByteView bytes) {
    auto frame = decode_reply(bytes);
    if (!frame) throw std::runtime_error("the server sent what no client reads");
    return std::move(*frame);
}

// --- logins ------------------------------------------------------------------------------------

RawClient::Challenged RawClient::challenge(crypto::LoginPurpose purpose,
                                           crypto::LoginSubject subject) {
    const Bytes32 cnonce{1, 2, 3};
    const auto reply = ask_for<Challenge>(ChallengeRequest{purpose, std::move(subject), cnonce});
    return {context_of(server_key_, user(), purpose, cnonce, reply), proof_of(cnonce, reply)};
}

void RawClient::join(const Person& person) {
    const auto c = challenge(crypto::LoginPurpose::register_account, person.username);
    (void)ask_for<LoggedIn>(register_request(person, c.context, c.proof));
}

LoggedIn RawClient::log_in(const Person& person) {
    const auto c = challenge(crypto::LoginPurpose::login, person.subject());
    return ask_for<LoggedIn>(device_login(person, c.context, c.proof));
}

void RawClient::give_token(const MailboxToken& token) {
    (void)ask_for<Ok>(SetMailboxToken{token_hash(token), false});
}

}  // namespace sotto::rendezvous::testing
