// Direct CURVE links that are up: proven by a hello, kept alive, watched for silence.
//
// A link is added only after its CURVE key was matched with what came inside a session (see
// reachability.hpp). It carries messages once its hello was answered. Silence of 6.5 s makes it
// suspect (what is sent goes over the relay as well), 15 s end it (docs/protocol.md 2.11).
#pragma once

#include "peer/engine/timers.hpp"
#include "peer/wire/link_frame.hpp"

namespace sotto::peer::engine {

struct Link {
    LinkId id;
    DeviceAddress peer;
    bool inbound = false;
    std::array<std::uint8_t, 16> nonce{};  // of our hello
    bool live = false;                     // the hello was answered
    bool suspect = false;
    Instant last_heard{};
    unsigned unusable = 0;  // messages in a row whose header nothing opens
    std::vector<EnvelopeId> acks{};
};

class Links {
public:
    explicit Links(Timers& timers) : timers_(timers) {}

    void add(Turn& turn, Link link);
    /// Forgets the link; returns it if it was there.
    std::optional<Link> remove(LinkId id);
    [[nodiscard]] Link* find(LinkId id);
    /// The live link to a device over which to send: one that is not suspect, if possible.
    [[nodiscard]] const Link* best(const DeviceAddress& peer) const;
    [[nodiscard]] bool live(const DeviceAddress& peer) const { return best(peer) != nullptr; }
    [[nodiscard]] std::vector<LinkId> all_of(const AccountId& account) const;
    [[nodiscard]] std::vector<LinkId> all() const;

    struct Nothing {};
    struct BecameLive {};
    struct NoLongerSuspect {};
    struct Refused {};  // not a frame
    using Event = std::variant<Nothing, BecameLive, NoLongerSuspect, Refused, wire::LinkMessage,
                               wire::LinkAck, wire::LinkBye>;
    /// A frame on a known link.
    [[nodiscard]] Event heard(Turn& turn, Link& link, ByteView frame);

    enum class Silence : std::uint8_t { none, suspect, dead };
    /// The link's timer: pings, and tells when the silence has become long.
    [[nodiscard]] Silence timer_due(Turn& turn, Link& link);

    void send(Turn& turn, const Link& link, const wire::LinkFrame& frame) const;
    /// To be sent with others at the end of the batch of inputs.
    void acknowledge(Turn& turn, Link& link, const EnvelopeId& envelope);
    void send_acknowledgements(Turn& turn);

private:
    void schedule(const Link& link, Instant now);

    Timers& timers_;
    std::map<LinkId, Link> links_;
    std::map<DeviceAddress, std::vector<LinkId>> by_peer_;
};

}  // namespace sotto::peer::engine
