// What we asked the rendezvous, kept until it is answered: which noun the answer is for.
//
// An answer that never comes (connection lost, time-out) is an answer too: Answer without a reply.
#pragma once

#include "peer/engine/timers.hpp"
#include "rendezvous/protocol.hpp"

namespace sotto::peer::engine {

// The session's own requests.
enum class LoginFlow : std::uint8_t { device_login, registration, proof, password_change };
struct ForChallenge {
    LoginFlow flow{};
    std::array<std::uint8_t, 32> cnonce{};
};
struct ForLogin {};
struct ForRegistration {};
struct ForProof {};
struct ForPasswordChange {
    crypto::LkPublic to;
};
struct ForPing {};
struct ForPrekeys {
    std::uint64_t record_seq = 0;
};
struct ForDeviceList {
    std::uint64_t seq = 0;
};
struct ForOwnRecord {};
struct ForToken {
    std::uint64_t serial = 0;
};
struct ForNothing {};  // nobody waits

// Other nouns' requests.
struct ForLookUp {
    SendContactRequest request;
};
struct ForPage {
    SearchDirectory search;
};
struct ForListing {
    CommandId command = 0;
};
struct ForWatch {};
struct ForBundle {
    AccountId account;
};
struct ForPut {
    EnvelopeId envelope;
};
struct ForMailAck {
    std::vector<std::uint64_t> rows;
};

using Purpose =
    std::variant<ForChallenge, ForLogin, ForRegistration, ForProof, ForPasswordChange, ForPing,
                 ForPrekeys, ForDeviceList, ForToken, ForNothing, ForLookUp, ForPage, ForListing,
                 ForWatch, ForBundle, ForOwnRecord, ForPut, ForMailAck>;

struct Answer {
    ServerChannel channel = ServerChannel::session;
    Purpose purpose;
    std::optional<rendezvous::Reply> reply;  // nothing: never came

    [[nodiscard]] const rendezvous::Error* error() const {
        return reply ? std::get_if<rendezvous::Error>(&*reply) : nullptr;
    }
    template <class T>
    [[nodiscard]] const T* as() const {
        return reply ? std::get_if<T>(&*reply) : nullptr;
    }
};

class Requests {
public:
    explicit Requests(Timers& timers) : timers_(timers) {}

    /// Sends the request; at most requests_in_flight_max wait at a time (see full()).
    void ask(Turn& turn, ServerChannel channel, rendezvous::Request request, Purpose purpose);
    [[nodiscard]] bool full() const;
    [[nodiscard]] std::size_t puts_in_flight() const { return puts_; }

    /// The request a reply answers; nothing for a reply nobody waits for.
    [[nodiscard]] std::optional<Answer> match(ServerChannel channel, rendezvous::ReplyFrame frame);
    /// Everything asked over this channel: it will not be answered any more.
    [[nodiscard]] std::vector<Answer> give_up(ServerChannel channel);
    /// What has waited too long.
    [[nodiscard]] std::vector<Answer> expired(Instant now);

private:
    struct Pending {
        ServerChannel channel{};
        Instant deadline;
        Purpose purpose;
    };
    [[nodiscard]] Answer take(std::map<rendezvous::RequestId, Pending>::iterator at);

    Timers& timers_;
    std::map<rendezvous::RequestId, Pending> pending_;
    rendezvous::RequestId next_id_ = 1;
    std::size_t puts_ = 0;
};

}  // namespace sotto::peer::engine
