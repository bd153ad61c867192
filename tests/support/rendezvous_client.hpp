// A person with keys, and a client that is a plain CURVE DEALER speaking the rendezvous protocol.
//
// For tests and benchmarks: it trusts nobody and hides nothing, so that a caller sees each frame.
// Waits at most `patience_ms` and then throws.
#pragma once

#include "crypto/curve.hpp"
#include "crypto/dev_list.hpp"
#include "rendezvous/protocol.hpp"

#include <zmq.hpp>

#include <chrono>
#include <deque>
#include <stdexcept>

namespace sotto::rendezvous::testing {

inline constexpr std::uint64_t start_ms = 1'800'000'000'000;
// Only ends what would otherwise hang.
inline constexpr int patience_ms = 20'000;

// Somebody with an account: keys, certificate, device list.
struct Person {
    std::string username;
    crypto::OwnAccountKey amk;
    crypto::OwnDsk dsk;
    crypto::OwnLk login_key;
    crypto::Cert cert;
    crypto::DevList list;

    static Person make(crypto::RandomSource& random, std::string username) {
        auto amk = crypto::OwnAccountKey::generate(random);
        auto dsk = crypto::OwnDsk::generate(random);
        auto cert = make_cert(random, amk, dsk);
        auto list = crypto::DevList::first(amk, {{cert.device(), cert.hash(), true}}, start_ms);
        return {std::move(username), std::move(amk),
                std::move(dsk),      crypto::OwnLk::generate(random),
                std::move(cert),     std::move(list)};
    }
    static crypto::Cert make_cert(crypto::RandomSource& random, const crypto::OwnAccountKey& amk,
                                  const crypto::OwnDsk& dsk) {
        return crypto::Cert::create(amk, dsk,
                                    {.device = DeviceId::generate(random),
                                     .dik = crypto::OwnDik::generate(random).public_key(),
                                     .suites = crypto::SuiteSet(1),
                                     .min_suite = 1,
                                     .created_ms = start_ms});
    }
    [[nodiscard]] AccountId account() const { return amk.public_key(); }
    [[nodiscard]] DeviceId device() const { return cert.device(); }
    [[nodiscard]] ops::MailAddress address() const { return {account(), device()}; }
    [[nodiscard]] crypto::DeviceLogin subject() const { return {account(), device()}; }
};

inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}

// The client's half of a login. `server` and `client` are CURVE keys.
inline crypto::LoginContext context_of(const crypto::CurvePublic& server,
                                       const crypto::CurvePublic& client,
                                       crypto::LoginPurpose purpose, const Bytes32& cnonce,
                                       const Challenge& challenge) {
    return {.server = server,
            .client = client,
            .purpose = purpose,
            .client_nonce = cnonce,
            .challenge_ts_ms = challenge.ts_ms,
            .server_nonce = challenge.snonce};
}

inline ChallengeProof proof_of(const Bytes32& cnonce, const Challenge& challenge) {
    return {cnonce, challenge.ts_ms, challenge.snonce, challenge.mac};
}

inline Register register_request(const Person& person, const crypto::LoginContext& context,
                                 const ChallengeProof& proof) {
    return {
        .username = person.username,
        .cert = to_bytes(person.cert.encoded()),
        .device_list = to_bytes(person.list.encoded()),
        .login_key = person.login_key.public_key(),
        .listed = true,
        .visibility = Visibility::members,
        .invite_token = std::nullopt,
        .proof = proof,
        .login_signature = crypto::sign_password_login(person.login_key, context, person.username),
        .device_signature = crypto::sign_device_login(person.dsk, context, person.subject())};
}

// One connection. Options that a hostile client would set are set before connect().
class RawClient {
public:
    RawClient(zmq::context_t& context, const crypto::CurvePublic& server_key,
              const crypto::OwnCurve& own)
        : own_(own), server_key_(server_key), socket_(context, zmq::socket_type::dealer) {
        namespace opt = zmq::sockopt;
        socket_.set(opt::curve_serverkey, buffer(server_key.view()));
        socket_.set(opt::curve_publickey, buffer(own.public_key().view()));
        socket_.set(opt::curve_secretkey, buffer(own.secret().view()));
        socket_.set(opt::linger, 0);
        socket_.set(opt::sndtimeo, patience_ms);
    }
    zmq::socket_t& socket() { return socket_; }
    [[nodiscard]] crypto::CurvePublic user() const { return own_.public_key(); }
    void connect(const std::string& endpoint) { socket_.connect(endpoint); }

    RequestId send(Request request) {
        const RequestId request_id = next_id_++;
        const Bytes bytes = encode(RequestFrame{request_id, std::move(request)});
        socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
        return request_id;
    }
    // Id 0: nobody answers it.
    void send_silently(AckMail request) {
        const Bytes bytes = encode(RequestFrame{0, std::move(request)});
        socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
    }
    // The next frame, whatever it is.
    ReplyFrame receive() {
        if (!pushed_.empty()) {
            ReplyFrame frame = std::move(pushed_.front());
            pushed_.pop_front();
            return frame;
        }
        return receive_new();
    }
    // Skips pushes, which stay for receive().
    Reply ask(Request request) {
        const RequestId request_id = send(std::move(request));
        while (true) {
            ReplyFrame frame = receive_new();
            if (frame.id == request_id) return std::move(frame.reply);
            pushed_.push_back(std::move(frame));
        }
    }
    template <class R>
    R ask_for(Request request) {
        return std::get<R>(ask(std::move(request)));
    }
    template <class P>
    P next_push() {
        while (true) {
            ReplyFrame frame = receive();
            if (auto* push = std::get_if<P>(&frame.reply)) return std::move(*push);
        }
    }

    void join(const Person& person) {
        const auto c = challenge(crypto::LoginPurpose::register_account, person.username);
        (void)ask_for<LoggedIn>(register_request(person, c.first, c.second));
    }
    LoggedIn log_in(const Person& person) {
        const auto c = challenge(crypto::LoginPurpose::login, person.subject());
        return ask_for<LoggedIn>(
            LoginDevice{person.account(), person.device(), c.second,
                        crypto::sign_device_login(person.dsk, c.first, person.subject())});
    }

private:
    static zmq::const_buffer buffer(std::span<const std::uint8_t, 32> key) {
        return {key.data(), key.size()};
    }
    std::pair<crypto::LoginContext, ChallengeProof> challenge(crypto::LoginPurpose purpose,
                                                              crypto::LoginSubject subject) {
        const Bytes32 cnonce{1, 2, 3};
        const auto reply =
            ask_for<Challenge>(ChallengeRequest{purpose, std::move(subject), cnonce});
        return {context_of(server_key_, user(), purpose, cnonce, reply), proof_of(cnonce, reply)};
    }
    ReplyFrame receive_new() {
        zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
        if (zmq::poll(&item, 1, std::chrono::milliseconds(patience_ms)) == 0) {
            throw std::runtime_error("waited in vain for a frame");
        }
        zmq::message_t frame;
        (void)socket_.recv(frame, zmq::recv_flags::dontwait);
        auto decoded = decode_reply({frame.data<std::uint8_t>(), frame.size()});
        if (!decoded) throw std::runtime_error("the server sent what no client reads");
        return std::move(*decoded);
    }

    crypto::OwnCurve own_;
    crypto::CurvePublic server_key_;
    zmq::socket_t socket_;
    std::deque<ReplyFrame> pushed_;
    RequestId next_id_ = 1;
};

}  // namespace sotto::rendezvous::testing
