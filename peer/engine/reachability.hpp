// Where devices can be reached directly, and how links to them come about (docs/protocol.md 2.11).
//
// Both sides tell each other, inside the session, where they listen, under which CURVE key, and
// with which key they will dial. Only who allows direct links with this contact does so. The side
// with the smaller account id dials first, the other after 1.5 s without a link; one live link
// serves both. A link is trusted only if its CURVE key is the one the session named for that
// device. Keys live for one process and at most a day.
#pragma once

#include "peer/engine/delivery.hpp"

namespace sotto::peer::engine {

class Reachability {
public:
    Reachability(Account& account, Contacts& contacts, Delivery& delivery, Links& links,
                 ServerSession& server, Timers& timers, Counters& counters)
        : account_(account),
          contacts_(contacts),
          delivery_(delivery),
          links_(links),
          server_(server),
          timers_(timers),
          counters_(counters) {}

    void listener_ready(Turn& turn, const ListenerReady& input);
    void listener_due(Turn& turn);
    void go_offline(Turn& turn);
    /// Something changed that may make a direct link possible or unwanted: contact state, the
    /// person's choice, presence, our own addresses.
    void consider(Turn& turn, const AccountId& account);
    void consider_all(Turn& turn);
    void endpoint_received(Turn& turn, const DeviceAddress& peer, wire::Endpoint endpoint);
    void offer_due(Turn& turn, const DeviceAddress& peer);
    void dial_due(Turn& turn, const DeviceAddress& peer);

    /// The device is gone: its links end, and its key is not let in any more.
    void forget(Turn& turn, const DeviceAddress& peer);
    /// Nothing: the link is refused and closed.
    void link_up(Turn& turn, const PeerLinkUp& input);
    void link_down(Turn& turn, LinkId id);
    void link_due(Turn& turn, LinkId id);
    /// The hello was answered.
    void link_live(Turn& turn, Link link);
    void close(Turn& turn, LinkId id);

private:
    struct Device {
        crypto::OwnCurve dial_with;  // our client key for this device
        std::optional<wire::Endpoint> theirs{};
        Instant theirs_expire{};
        std::optional<std::uint64_t> told{};  // serial of our endpoint, as last told
        unsigned offers = 0;
        Instant live_since{};  // of the newest link
        unsigned dials = 0;
        std::optional<LinkId> dialing{};
    };

    [[nodiscard]] bool wanted(const ContactRecord& record) const;
    [[nodiscard]] bool there(const ContactRecord& record) const;
    [[nodiscard]] Device& device(Turn& turn, const DeviceAddress& peer);
    void listen(Turn& turn);
    void stop_listening(Turn& turn);
    void offer(Turn& turn, const DeviceAddress& peer, Device& device);
    void offer_later(Turn& turn, const DeviceAddress& peer, Device& device);
    void dial(Turn& turn, Device& device);
    void dial_soon(Turn& turn, const DeviceAddress& peer);
    void retry_dial(Turn& turn, const DeviceAddress& peer, Device& device);
    void allow_peers(Turn& turn);
    void lose(Turn& turn, const Link& link);
    [[nodiscard]] std::optional<DeviceAddress> owner_of(const PeerLinkUp& input) const;

    Account& account_;
    Contacts& contacts_;
    Delivery& delivery_;
    Links& links_;
    ServerSession& server_;
    Timers& timers_;
    Counters& counters_;
    std::optional<crypto::OwnCurve> listener_;
    std::vector<std::string> own_endpoints_;
    std::uint64_t serial_ = 0;  // of own endpoint; rises with each change
    std::map<DeviceAddress, Device> devices_;
    std::vector<crypto::CurvePublic> allowed_;
    std::uint64_t next_link_ = 1;  // inbound links are numbered by the transport, from 2^63 up
};

}  // namespace sotto::peer::engine
