#include "tests/support/sim_server.hpp"

#include "rendezvous/protocol.hpp"

namespace sotto::sim {
namespace {

constexpr std::uint64_t tick_ms = 250;
constexpr std::uint64_t resting_tick_ms = 60'000;
constexpr std::uint64_t epoch_ms = 1'790'000'000'000;  // the world's wall clock at time 0

rendezvous::Settings settings() {
    rendezvous::Settings chosen;
    chosen.community = rendezvous::Community::open;
    // Worlds are crowded into minutes; the limits have tests of their own.
    chosen.rates = rendezvous::default_rates(100);
    return chosen;
}

}  // namespace

SimServer::SimServer(Schedule& schedule, Dice& dice, const Options& options, Network& network)
    : schedule_(schedule),
      dice_(dice),
      options_(options),
      network_(network),
      random_(options.seed ^ 0x5e4e4e5e4e5ULL),
      key_(crypto::OwnCurve::generate(random_)) {}

void SimServer::start() {
    logic_ = std::make_unique<rendezvous::Logic>(settings(), key_.public_key(), random_);
    ++life_;
    network_.server_up();
    tick();
}

void SimServer::crash() {
    network_.server_down();
    logic_.reset();
    ++life_;
    store_.forget_submitted();
}

void SimServer::tick() {
    const std::uint64_t life = life_;
    step(rendezvous::Tick{});
    schedule_.after(resting_ ? resting_tick_ms : tick_ms, [this, life] {
        if (life == life_ && logic_) tick();
    });
}

void SimServer::connected(const crypto::CurvePublic& user, PeerIndex from) {
    step(rendezvous::ClientConnected{user, std::nullopt,
                                     "10.0.0." + std::to_string(from + 1) + ":40000"});
}

bool SimServer::fails(const crypto::CurvePublic& user, const crypto::Bytes& frame) {
    const bool forgets = options_.canary == Canary::server_forgets_mail;
    if (!forgets && prekeys_refused_ == 0) return false;
    const auto request = rendezvous::decode_request(frame);
    if (!request) return false;
    rendezvous::Reply reply = rendezvous::Accepted{};
    if (prekeys_refused_ > 0 &&
        std::holds_alternative<rendezvous::PublishPrekeys>(request->request)) {
        --prekeys_refused_;
        reply = rendezvous::Error{.code = rendezvous::ErrorCode::busy};
    } else if (!forgets || !std::holds_alternative<rendezvous::PutMail>(request->request) ||
               ++puts_ % 3 != 0) {
        return false;  // or it answers "accepted" for some of the mail, and keeps none of it
    }
    network_.to_client(
        user, rendezvous::encode(rendezvous::ReplyFrame{.id = request->id, .reply = reply}));
    return true;
}

void SimServer::received(const crypto::CurvePublic& user, crypto::Bytes frame) {
    if (!fails(user, frame)) step(rendezvous::ClientFrame{user, std::move(frame)});
}

void SimServer::gone(const crypto::CurvePublic& user) {
    step(rendezvous::ClientGone{user});
}

void SimServer::step(rendezvous::Input input) {
    if (!logic_) return;
    const rendezvous::Now now{.mono_ms = schedule_.now_ms(),
                              .wall_ms = epoch_ms + schedule_.now_ms()};
    carry_out(logic_->step(now, random_, std::move(input)));
}

void SimServer::carry_out(rendezvous::Outputs outputs) {
    for (rendezvous::Output& output : outputs) {
        if (auto* frame = std::get_if<rendezvous::SendFrame>(&output)) {
            network_.to_client(frame->user, frame->bytes);
        } else if (auto* request = std::get_if<rendezvous::StoreRequest>(&output)) {
            std::vector<rendezvous::StoreRequest> batch;
            batch.push_back(std::move(*request));
            store_.submit(std::move(batch));
            const std::uint64_t life = life_;
            schedule_.after(dice_.below(options_.store_delay_max_ms + 1), [this, life] {
                if (life == life_) collect();
            });
        } else if (auto* kick = std::get_if<rendezvous::Kick>(&output)) {
            network_.kick(kick->user);
        }
        // A MailHint is for other nodes; this server has none.
    }
}

std::size_t SimServer::waiting(const crypto::AccountId& account, const crypto::DeviceId& device) {
    std::vector<rendezvous::StoreRequest> question;
    question.push_back({.token = ~0ULL, .batch = {rendezvous::ops::OpenDevice{{account, device}}}});
    store_.submit(std::move(question));
    for (rendezvous::StoreDone& done : store_.collect()) {
        if (done.token != ~0ULL || !done.results) continue;
        const auto& row = std::get<rendezvous::ops::OpenDeviceResult>(done.results->front());
        return row ? row->mail_waiting : 0;
    }
    return 0;
}

void SimServer::collect() {
    for (rendezvous::StoreDone& done : store_.collect())
        step(std::move(done));
}

}  // namespace sotto::sim
