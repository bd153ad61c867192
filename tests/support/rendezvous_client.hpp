// A client that is a plain CURVE DEALER speaking the rendezvous protocol.
//
// For tests and benchmarks: it trusts nobody and hides nothing, so that a caller sees each frame.
// Waits at most `patience_ms` and then throws. One thread.
#pragma once

#include "tests/support/rendezvous_person.hpp"

#include <zmq.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>

namespace sotto::rendezvous::testing {

// Only ends what would otherwise hang.
inline constexpr int patience_ms = 20'000;

// One connection. Options that a hostile client would set are set before connect().
class RawClient {
public:
    RawClient(zmq::context_t& context, const crypto::CurvePublic& server_key,
              const crypto::OwnCurve& own);
    zmq::socket_t& socket() { return socket_; }
    [[nodiscard]] crypto::CurvePublic user() const { return own_.public_key(); }
    void connect(const std::string& endpoint) { socket_.connect(endpoint); }

    RequestId send(Request request);
    // Whatever it is, as one frame.
    void send_bytes(ByteView bytes);
    // Id 0: nobody answers it.
    void send_silently(AckMail request);
    // The next frame, whatever it is.
    ReplyFrame receive();
    // Nothing when none comes so soon; 0 = what is there.
    std::optional<ReplyFrame> receive_within(int wait_ms);
    // Skips pushes, which stay for receive().
    Reply ask(Request request);
    // The reply to ask(), as its bytes.
    Bytes ask_for_bytes(Request request);
    template <class R>
    R ask_for(Request request) {
        Reply reply = ask(std::move(request));
        if (auto* wanted = std::get_if<R>(&reply)) return std::move(*wanted);
        const auto* error = std::get_if<Error>(&reply);
        throw std::runtime_error(error != nullptr ? std::string(to_string(error->code))
                                                  : "another kind of reply");
    }
    template <class P>
    P next_push() {
        while (true) {
            ReplyFrame frame = receive();
            if (auto* push = std::get_if<P>(&frame.reply)) return std::move(*push);
        }
    }

    // --- logins ----------------------------------------------------------------------------
    struct Challenged {
        crypto::LoginContext context;
        ChallengeProof proof;
    };
    Challenged challenge(crypto::LoginPurpose purpose, crypto::LoginSubject subject);
    void join(const Person& person);
    LoggedIn log_in(const Person& person);
    // Gives the person logged in here this token.
    void give_token(const MailboxToken& token);

private:
    Bytes receive_bytes();
    static ReplyFrame decoded(ByteView bytes);

    crypto::OwnCurve own_;
    crypto::CurvePublic server_key_;
    zmq::socket_t socket_;
    std::deque<ReplyFrame> pushed_;
    RequestId next_id_ = 1;
};

}  // namespace sotto::rendezvous::testing
