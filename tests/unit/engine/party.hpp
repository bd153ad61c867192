// One peer's nouns, worked by hand: for tests of what a contact's bytes may and may not do.
//
// No network: a test takes the encrypted bytes from one party and gives them to another, in any
// order and as often as it likes.
#pragma once

#include "crypto/init.hpp"
#include "peer/engine/core.hpp"
#include "peer/engine/limits.hpp"
#include "tests/support/sim_store.hpp"

namespace sotto::peer::engine {

inline constexpr std::uint64_t test_wall_ms = 1'790'000'000'000;

inline ServerAddress test_server() {
    crypto::SeededRandom random(99);
    return {.host = "rendezvous.example",
            .port = 7313,
            .key = crypto::OwnCurve::generate(random).public_key()};
}

class Party {
public:
    explicit Party(const std::string& name, std::uint64_t seed) : random_(seed) {
        core_ = std::make_unique<Engine::Core>(test_server(), 1);
        auto t = turn();
        core().account.create(t);
        core().account.set_registered(t, name);
        finish(t);
    }

    [[nodiscard]] Engine::Core& core() { return *core_; }
    [[nodiscard]] const AccountId& id() { return core().account.id(); }
    [[nodiscard]] DeviceAddress address() { return core().account.address(); }
    [[nodiscard]] Turn turn() {
        const Now now{.mono = {mono_ms_}, .wall = {wrong_clock_ms_.value_or(true_ms())}};
        return {.now = now,
                .believed_ms = core().server.believe(now),
                .undisputed_ms = core().server.undisputed(now),
                .random = random_};
    }
    [[nodiscard]] std::uint64_t true_ms() const { return test_wall_ms + mono_ms_; }
    /// From now on our wall clock says this; nothing: it is right.
    void set_clock(std::optional<std::uint64_t> wall_ms) { wrong_clock_ms_ = wall_ms; }
    /// The server says what the time is.
    void hear_time(std::uint64_t server_ms) {
        auto t = turn();
        core().dispatch(
            t, {ServerChannel::session, ForPing{}, rendezvous::Pong{.server_time_ms = server_ms}});
        finish(t);
    }
    void pass(std::uint64_t ms) { mono_ms_ += ms; }
    /// Ends a turn: what it saved is on the disk.
    Outputs finish(Turn& t) {
        core().finish(t);
        crypto::ensure(!store_.commit(t.out.saves), "a turn can be saved");
        for (const RepeatChecked& each : store_.take_checked()) {
            auto next = turn();
            core().on(next, each);
            finish(next);
        }
        return std::move(t.out);
    }
    /// A new process on the same disk. Not confirmed: it asks the server for its own record first.
    void restart(bool confirmed = true) {
        const auto snapshot = store_.load();
        core_ = std::make_unique<Engine::Core>(test_server(), snapshot.next_row);
        crypto::ensure(core_->load(snapshot), "what was saved can be loaded");
        if (confirmed) core_->account.confirm();  // there is no server to ask
    }

    /// What the server would hand out, with one of our one-time prekeys if there is one left.
    [[nodiscard]] rendezvous::Bundle bundle(bool one_time) {
        auto t = turn();
        const Identity& identity = core().account.identity();
        if (one_time_.empty()) {
            auto publication = core().account.prekeys().publication(t, identity.signer(), 0);
            record_ = publication->record;
            one_time_ = publication->one_time;
        }
        finish(t);
        const auto bytes = [](ByteView view) { return Bytes(view.begin(), view.end()); };
        rendezvous::DeviceBundle device{
            .cert = bytes(identity.cert.encoded()), .prekeys = record_, .one_time = {}};
        if (one_time) {
            device.one_time = one_time_.back().record;
            one_time_.pop_back();
        }
        return {.device_list = bytes(identity.list.encoded()), .devices = {device}};
    }

    /// Makes `other` known in this state, as if everything before had happened.
    ContactRecord& know(Party& other, ContactState state) {
        ContactRecord* record = core().contacts.find(other.id());
        if (record == nullptr) {
            record = &core().contacts.add({.account = other.id(),
                                           .username = other.core().account.self().username,
                                           .request_text = {},
                                           .changed_at = {}});
        }
        record->view.state = state;
        record->token = other.core().account.token().token;
        crypto::ensure(adopt_list(*record, other.core().account.identity().list).has_value(),
                       "a list that fits");
        core().contacts.touch(*record);
        return *record;
    }
    /// Starts a session with the other's device.
    void start(Party& other, bool one_time = false) {
        auto t = turn();
        const auto bundle = other.bundle(one_time);
        const auto list = crypto::DevList::decode(bundle.device_list).value();
        const auto cert = crypto::Cert::decode(bundle.devices[0].cert).value();
        std::optional<crypto::OpkRec> opk;
        if (one_time) {
            opk = crypto::OpkRec::decode(bundle.devices[0].one_time, cert).value();
        }
        const auto started = core().sessions.start(
            t, {.dev_list = list,
                .cert = cert,
                .prerec = crypto::PreRec::decode(bundle.devices[0].prekeys, cert).value(),
                .one_time = opk});
        crypto::ensure(started.has_value(), "a session with this bundle");
        finish(t);
    }
    [[nodiscard]] wire::Envelope envelope(Party& to, wire::Body body, std::uint64_t seq = 0) {
        const auto mark = crypto::mark_of(to.core().account.identity().list);
        return {.id = {random_.array<16>()},
                .conversation = crypto::conversation_id(id(), to.id()),
                .sender_seq = seq,
                .at = {test_wall_ms + mono_ms_},
                .own_list = core().account.gossip(),
                .peer_list = crypto::gossip_of(mark),
                .body = std::move(body)};
    }
    /// Encrypted for the other's device, with our active session.
    [[nodiscard]] Encrypted encrypt(Party& to, const wire::Envelope& envelope) {
        auto t = turn();
        auto encrypted = core().sessions.encrypt(t, to.address(), encode(envelope));
        crypto::ensure(encrypted.has_value(), "it fits a message");
        finish(t);
        return std::move(*encrypted);
    }
    [[nodiscard]] Encrypted encrypt(Party& to, wire::Body body, std::uint64_t seq = 0) {
        return encrypt(to, envelope(to, std::move(body), seq));
    }

    struct Taken {
        Received received;
        Outputs out;
    };
    /// As if it had come from the mailbox.
    Taken take(const Encrypted& message) {
        auto t = turn();
        Taken taken{.received = core().conversation.receive(
                        t, {.kind = message.kind, .payload = message.payload}),
                    .out = {}};
        core().took(t, taken.received);
        taken.out = finish(t);
        return taken;
    }

    [[nodiscard]] std::size_t rows() const { return store_.disk().messages.size(); }
    [[nodiscard]] sim::SimStore& store() { return store_; }

private:
    crypto::SeededRandom random_;
    std::unique_ptr<Engine::Core> core_;
    sim::SimStore store_;
    std::uint64_t mono_ms_ = 10'000;
    std::optional<std::uint64_t> wrong_clock_ms_;
    Bytes record_;
    std::vector<rendezvous::OneTimePrekey> one_time_;
};

/// Two who are contacts; `a` has started the session and `b` has not heard of it yet.
inline void introduce(Party& a, Party& b) {
    a.know(b, ContactState::accepted);
    b.know(a, ContactState::accepted);
    a.start(b);
}

inline wire::ContactRequest request_of(Party& party) {
    return {.username = party.core().account.self().username,
            .text = "hello",
            .token = {.serial = 1, .token = party.core().account.token().token}};
}

}  // namespace sotto::peer::engine
