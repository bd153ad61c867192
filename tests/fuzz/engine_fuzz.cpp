// The engine's step(): the bytes become a run of inputs, as a hostile rendezvous, hostile contacts
// and a hasty person would make them. Frames are both raw bytes and well-formed ones with hostile
// insides: envelopes are encrypted with the contact's real session, so they get past the ratchet.
//
// What must hold: nothing aborts, every turn can be saved, and what was saved can be loaded.
#include "peer/wire/link_frame.hpp"
#include "rendezvous/protocol.hpp"
#include "tests/fuzz/support.hpp"
#include "tests/unit/engine/party.hpp"

namespace {

using namespace sotto;
using namespace sotto::peer;
using engine::Party;
using fuzz::Bytes;
using fuzz::ByteView;

// The fuzzer's bytes as choices; zeroes when there are none left.
class Choices {
public:
    explicit Choices(ByteView bytes) : rest_(bytes) {}
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    std::uint64_t number(std::size_t size = 8) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size && !rest_.empty(); ++i) {
            value = value << 8U | rest_.front();
            rest_ = rest_.subspan(1);
        }
        return value;
    }
    std::size_t below(std::size_t end) { return number(end > 256 ? 2 : 1) % end; }
    bool flag() { return below(2) == 1; }
    Bytes bytes() {
        const std::size_t wanted = below(600);  // takes from what is left
        const std::size_t size = std::min(wanted, rest_.size());
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return {taken.begin(), taken.end()};
    }

private:
    ByteView rest_;
};

constexpr std::size_t steps_max = 64;  // longer runs find nothing that shorter ones do not

// The same town in every run: Bob is the one under test. Alice is a contact with a session, Carol
// has asked and got no answer, Mallory is unknown to Bob.
struct Town {
    fuzz::Ready ready;
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party carol{"carol", 3};
    Party mallory{"mallory", 4};
    crypto::OwnCurve key = [] {
        crypto::SeededRandom random(5);
        return crypto::OwnCurve::generate(random);
    }();
    rendezvous::Bundle alices = alice.bundle(false);
    rendezvous::Bundle mallorys = mallory.bundle(false);
    crypto::SealTarget bobs_mailbox = [this] {
        const auto& cert = bob.core().account.identity().cert;
        const auto record = crypto::PreRec::decode(bob.bundle(false).devices[0].prekeys, cert);
        return crypto::SealTarget{.device = bob.address().device,
                                  .mbk_id = record->fields().mbk_id,
                                  .mbk = record->fields().mbk};
    }();
    Snapshot snapshot;
    std::vector<engine::Encrypted> recorded;  // good messages that Bob has not had

    Town() {
        introduce(alice, bob);
        (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
        (void)alice.take(bob.encrypt(alice, wire::Text{"two"}, 1));
        alice.know(bob, ContactState::accepted).view.allow_direct = true;
        bob.know(alice, ContactState::accepted).view.allow_direct = true;
        auto t = bob.turn();
        bob.core().on(t, SendText{.to = alice.id(), .text = "three"});
        bob.finish(t);
        for (Party* asker : {&carol, &mallory}) {
            asker->know(bob, ContactState::accepted);
            asker->start(bob);
        }
        (void)bob.take(carol.encrypt(bob, request_of(carol)));
        recorded.push_back(alice.encrypt(bob, wire::Text{"four"}, 2));
        // With this Bob lets a link of that key in.
        recorded.push_back(
            alice.encrypt(bob, wire::Endpoint{.serial = 1,
                                              .endpoints = {"tcp://192.0.2.1:21000"},
                                              .server_key = key.public_key(),
                                              .dial_with = key.public_key(),
                                              .expires = {engine::test_wall_ms * 2}}));
        recorded.push_back(mallory.encrypt(bob, request_of(mallory)));
        recorded.push_back(carol.encrypt(bob, request_of(carol)));
        snapshot = bob.store().load();
    }
};

class Run {
public:
    Run(Town& town, Choices& in) : town_(town), in_(in) {
        start(town_.snapshot);
        step(GoOnline{});
    }

    void one() {
        switch (in_.below(13)) {
            case 0:
                mono_ms_ += std::uint64_t{1} << in_.below(32);
                return step(Tick{});
            case 1:
                skew_ms_ =
                    static_cast<std::int64_t>(in_.number() % 800'000'000'000) - 400'000'000'000;
                return;
            case 2:
                return step(ServerUp{.channel = channel()});
            case 3:
                return step(ServerDown{.channel = channel(),
                                       .reason = static_cast<ServerDownReason>(in_.below(3))});
            case 4:
                return step(ServerFrame{.channel = channel(), .frame = bytes()});
            case 5:
                return answer();
            case 6:
                return mail();
            case 7:
                return step(ListenerReady{.endpoints = {"tcp://192.0.2.7:2000"}});
            case 8:
                return link();
            case 9:
                return step(PeerFrame{.link = link_id(), .frame = bytes()});
            case 10:
                return link_message();
            case 11:
                return command();
            default:
                return start(store_.load());  // a new process
        }
    }

private:
    void start(const Snapshot& snapshot) {
        if (!engine_) store_ = town_.bob.store();
        auto engine = engine::Engine::from(snapshot, std::nullopt);
        fuzz::ensure(engine.has_value(), "what was saved can be loaded");
        engine_.emplace(std::move(*engine));
    }
    void step(const Input& input) {
        const std::uint64_t wall_ms = engine::test_wall_ms + mono_ms_;
        Outputs out = engine_->step(
            {.mono = {mono_ms_}, .wall = {wall_ms + static_cast<std::uint64_t>(skew_ms_)}}, random_,
            input);
        fuzz::ensure(!store_.commit(out.saves), "a turn can be saved");
        for (NetworkOutput& send : out.sends)
            note(send);
        ++mono_ms_;
    }
    void note(const NetworkOutput& send) {
        if (const auto* request = std::get_if<SendToServer>(&send)) {
            const auto frame = rendezvous::decode_request(request->frame);
            fuzz::ensure(frame.has_value(), "what it sends can be read");
            asked_.push_back({request->channel, frame->id});
        } else if (const auto* frame = std::get_if<SendToPeer>(&send)) {
            fuzz::ensure(wire::decode_link_frame(frame->frame).has_value(),
                         "what it sends can be read");
            last_link_frame_ = frame->frame;
        }
    }

    ServerChannel channel() {
        return in_.flag() ? ServerChannel::session : ServerChannel::anonymous;
    }
    LinkId link_id() { return {(1 + in_.below(4))}; }
    Bytes bytes() { return in_.bytes(); }
    AccountId person() {
        const std::array people{&town_.alice, &town_.carol, &town_.mallory, &town_.bob};
        return people[in_.below(4)]->id();
    }
    std::string name() {
        constexpr std::array names{"alice", "bob", "carol", "mallory", "", "No Name"};
        return names[in_.below(names.size())];
    }

    // An answer to something it asked: of any kind, fitting or not.
    void answer() {
        if (asked_.empty()) return;
        const auto [where, id] = asked_[in_.below(asked_.size())];
        step(ServerFrame{.channel = where, .frame = encode(rendezvous::ReplyFrame{id, reply()})});
    }
    rendezvous::MemberEntry member() {
        return {.account = person(), .username = name(), .online = in_.flag()};
    }
    rendezvous::Reply reply() {
        const std::uint64_t server_ms = engine::test_wall_ms + mono_ms_;
        switch (in_.below(8)) {
            case 0:
                return rendezvous::Ok{};
            case 1:
                return rendezvous::Challenge{.ts_ms = server_ms, .snonce = {}, .mac = {}};
            case 2:
                return rendezvous::LoggedIn{
                    .account = town_.bob.id(),
                    .username = "bob",
                    .server_time_ms = server_ms,
                    .observed = "tcp://192.0.2.9:1000",
                    .one_time_left = static_cast<std::uint16_t>(in_.number(2)),
                    .has_mailbox_token = in_.flag()};
            case 3:
                return rendezvous::Pong{.server_time_ms = server_ms};
            case 4:
                return bundle();
            case 5:
                return rendezvous::Accepted{};
            case 6:
                return rendezvous::Found{.member = member()};
            default:
                return rendezvous::Error{
                    .code = static_cast<rendezvous::ErrorCode>((1 + in_.below(15))),
                    .retry_after_ms = static_cast<std::uint32_t>(in_.number(4))};
        }
    }
    rendezvous::Bundle bundle() {
        rendezvous::Bundle bundle = in_.flag() ? town_.alices : town_.mallorys;
        Bytes* const parts[]{&bundle.device_list, &bundle.devices[0].cert,
                             &bundle.devices[0].prekeys};
        damage(*parts[in_.below(3)]);
        return bundle;
    }
    void damage(Bytes& bytes) {
        if (bytes.empty() || in_.flag()) return;
        bytes[in_.below(bytes.size())] ^= static_cast<std::uint8_t>(in_.number(1));
    }

    // Something encrypted for Bob: recorded earlier, or an envelope of the fuzzer's own writing.
    engine::Encrypted message() {
        if (in_.flag()) {
            engine::Encrypted out = town_.recorded[in_.below(town_.recorded.size())];
            damage(out.payload);
            return out;
        }
        Party& from = in_.flag() ? town_.alice : town_.mallory;
        const engine::Session& session = *from.core().sessions.active(town_.bob.address());
        auto& ratchet = ratchets_.try_emplace(&from, session.ratchet).first->second;
        auto payload = ratchet.encrypt(envelope(from), random_);
        fuzz::ensure(payload.has_value(), "it fits a message");
        if (session.init_prefix.empty()) {
            return {.session = ratchet.sid(), .payload = std::move(*payload)};
        }
        return {.kind = crypto::SealedKind::init,
                .session = ratchet.sid(),
                .payload = crypto::make_init_message(session.init_prefix, *payload)};
    }
    // The fixed part is right as far as the fuzzer wants it; the body is its own.
    Bytes envelope(Party& from) {
        crypto::Writer out(128);
        const auto conversation = crypto::conversation_id(from.id(), town_.bob.id());
        out.u8(1).u8(static_cast<std::uint8_t>(in_.number(1))).u8(0);
        out.raw(random_.array<16>()).raw(conversation.view());
        out.u64(in_.flag() ? 0 : in_.number() >> 16U);
        out.u64(in_.number());
        out.u64(static_cast<std::uint8_t>(in_.number(1))).u64(0).u64(0).u64(0);
        out.raw(bytes());
        return std::move(out).take();
    }
    void mail() {
        if (in_.below(8) == 0) {
            return step(ServerFrame{.frame = encode(rendezvous::ReplyFrame{
                                        0, rendezvous::Presence{.entries = {member()}}})});
        }
        const engine::Encrypted inside = message();
        auto item = crypto::seal(town_.bobs_mailbox,
                                 {.kind = inside.kind,
                                  .sender_account = town_.alice.id(),
                                  .sender_device = town_.alice.address().device,
                                  .payload = inside.payload},
                                 random_);
        fuzz::ensure(item.has_value(), "it can be sealed");
        step(ServerFrame{.frame = encode(rendezvous::ReplyFrame{
                             0, rendezvous::Mail{.row = in_.below(4), .item = std::move(*item)}})});
    }
    void link() {
        if (in_.flag()) return step(PeerLinkDown{.link = link_id()});
        step(
            PeerLinkUp{.link = link_id(), .remote = town_.key.public_key(), .inbound = in_.flag()});
        // The answer to its hello makes the link live.
        const auto frame = wire::decode_link_frame(last_link_frame_);
        if (!frame) return;
        if (const auto* hello = std::get_if<wire::LinkHello>(&*frame)) {
            step(PeerFrame{.link = link_id(), .frame = encode(wire::LinkWelcome{hello->nonce})});
        }
    }
    void link_message() {
        engine::Encrypted inside = message();
        step(PeerFrame{.link = link_id(),
                       .frame = encode(wire::LinkMessage{.envelope = {random_.array<16>()},
                                                         .kind = inside.kind,
                                                         .payload = std::move(inside.payload)})});
    }
    void command() {
        const AccountId who = person();
        switch (in_.below(15)) {
            case 0:
                return step(SendText{.to = who, .text = "text", .command = 1});
            case 1:
                return step(MarkRead{.peer = who, .row = in_.number()});
            case 2:
                return step(AcceptContact{.account = who, .allow_direct = in_.flag()});
            case 3:
                return step(IgnoreContact{.account = who});
            case 4:
                return step(BlockContact{.account = who});
            case 5:
                return step(VerifyContact{.account = who, .verified = in_.flag()});
            case 6:
                return step(
                    AcceptKey{.account = who, .key = person(), .although_verified = in_.flag()});
            case 7:
                return step(SetAllowDirect{.account = who, .allow_direct = in_.flag()});
            case 8:
                return step(SendContactRequest{.username = name(), .account = who, .text = "hi"});
            case 9:
                return step(SetTyping{.peer = who, .typing = in_.flag()});
            case 10:
                return step(SearchDirectory{.query = name(), .after = {}});
            case 11:
                return step(SetHoldNewDevices{.hold = in_.flag()});
            case 12:
                return in_.flag() ? step(AllowDevices{.account = who}) : step(SettleOwnList{});
            case 13:
                return step(SetReadReceipts{.on = in_.flag()});
            default:
                return in_.flag() ? step(GoOffline{}) : step(GoOnline{});
        }
    }

    Town& town_;
    Choices& in_;
    crypto::SeededRandom random_{9};
    sim::SimStore store_;
    std::optional<engine::Engine> engine_;
    std::uint64_t mono_ms_ = 20'000;
    std::int64_t skew_ms_ = 0;
    std::vector<std::pair<ServerChannel, rendezvous::RequestId>> asked_;
    Bytes last_link_frame_;
    std::map<const Party*, crypto::Ratchet> ratchets_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Town town;
    Choices in(ByteView(data, size));
    Run run(town, in);
    for (std::size_t i = 0; i < steps_max && !in.empty(); ++i)
        run.one();
    return 0;
}
