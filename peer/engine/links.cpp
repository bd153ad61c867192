#include "peer/engine/links.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;  // clang 14 does not find it by itself

}  // namespace

void Links::add(Turn& turn, Link link) {
    link.nonce = turn.random.array<16>();
    link.last_heard = turn.now.mono;
    send(turn, link, wire::LinkHello{.nonce = link.nonce});
    schedule(link, turn.now.mono);
    by_peer_[link.peer].push_back(link.id);
    links_.insert_or_assign(link.id, std::move(link));
}

std::optional<Link> Links::remove(LinkId id) {
    const auto at = links_.find(id);
    if (at == links_.end()) return std::nullopt;
    Link link = std::move(at->second);
    links_.erase(at);
    timers_.cancel(timer(TimerKind::link, id.value));
    auto& siblings = by_peer_[link.peer];
    std::erase(siblings, id);
    if (siblings.empty()) by_peer_.erase(link.peer);
    return link;
}

Link* Links::find(LinkId id) {
    const auto at = links_.find(id);
    return at == links_.end() ? nullptr : &at->second;
}

const Link* Links::best(const DeviceAddress& peer) const {
    const auto siblings = by_peer_.find(peer);
    if (siblings == by_peer_.end()) return nullptr;
    const Link* best = nullptr;
    for (const LinkId id : siblings->second) {
        const Link& link = links_.at(id);
        if (!link.live) continue;
        if (best == nullptr || (best->suspect && !link.suspect)) best = &link;
    }
    return best;
}

std::vector<LinkId> Links::all_of(const AccountId& account) const {
    std::vector<LinkId> ids;
    for (const auto& [id, link] : links_) {
        if (link.peer.account == account) ids.push_back(id);
    }
    return ids;
}

std::vector<LinkId> Links::all() const {
    std::vector<LinkId> ids;
    for (const auto& [id, link] : links_)
        ids.push_back(id);
    return ids;
}

void Links::schedule(const Link& link, Instant now) {
    // The next ping, or the moment at which silence means more than it did, whichever is first.
    const std::uint64_t limit = link.suspect || !link.live ? link_dead_ms : link_suspect_ms;
    const Instant next{std::min(now.ms + heartbeat_ms, link.last_heard.ms + limit)};
    timers_.set(timer(TimerKind::link, link.id.value), std::max(next, Instant{now.ms + 1}));
}

Links::Event Links::heard(Turn& turn, Link& link, ByteView bytes) {
    auto frame = wire::decode_link_frame(bytes);
    if (!frame) return Refused{};
    link.last_heard = turn.now.mono;
    const bool was_suspect = std::exchange(link.suspect, false);
    const Event usual = was_suspect ? Event(NoLongerSuspect{}) : Event(Nothing{});
    return std::visit(Overloaded{
                          [&](const wire::LinkHello& hello) {
                              send(turn, link, wire::LinkWelcome{.nonce = hello.nonce});
                              return usual;
                          },
                          [&](const wire::LinkWelcome& welcome) {
                              if (link.live || welcome.nonce != link.nonce) return usual;
                              link.live = true;
                              return Event(BecameLive{});
                          },
                          [&](const wire::LinkPing& ping) {
                              send(turn, link, wire::LinkPong{.token = ping.token});
                              return usual;
                          },
                          [&](const wire::LinkPong&) { return usual; },
                          [&](wire::LinkMessage& message) { return Event(std::move(message)); },
                          [&](wire::LinkAck& ack) { return Event(std::move(ack)); },
                          [&](const wire::LinkBye& bye) { return Event(bye); },
                      },
                      *frame);
}

Links::Silence Links::timer_due(Turn& turn, Link& link) {
    const std::uint64_t silent_ms = turn.now.mono.ms - link.last_heard.ms;
    if (silent_ms >= link_dead_ms || (!link.live && silent_ms >= link_suspect_ms)) {
        return Silence::dead;
    }
    const bool news = link.live && !link.suspect && silent_ms >= link_suspect_ms;
    if (news) link.suspect = true;
    if (link.live) {
        send(turn, link, wire::LinkPing{.token = turn.now.mono.ms});
    } else {
        send(turn, link, wire::LinkHello{.nonce = link.nonce});  // the first may have been lost
    }
    schedule(link, turn.now.mono);
    return news ? Silence::suspect : Silence::none;
}

void Links::send(Turn& turn, const Link& link, const wire::LinkFrame& frame) const {
    turn.send(SendToPeer{.link = link.id, .frame = encode(frame)});
}

void Links::acknowledge(Turn& turn, Link& link, const EnvelopeId& envelope) {
    link.acks.push_back(envelope);
    if (link.acks.size() >= wire::max_link_acks) {
        send(turn, link, wire::LinkAck{.envelopes = std::exchange(link.acks, {})});
        return;
    }
    timers_.set_by(timer(TimerKind::acknowledge_links), turn.now.mono);
}

void Links::send_acknowledgements(Turn& turn) {
    for (auto& [id, link] : links_) {
        if (link.acks.empty()) continue;
        send(turn, link, wire::LinkAck{.envelopes = std::exchange(link.acks, {})});
    }
}

}  // namespace sotto::peer::engine
