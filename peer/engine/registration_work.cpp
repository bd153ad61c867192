// The proof of work a rendezvous may ask for before it takes a registration.
#include "peer/engine/limits.hpp"
#include "peer/engine/server_session.hpp"
#include "rendezvous/protocol_work.hpp"

namespace sotto::peer::engine {
namespace {

// About 10 ms a turn, so that everything else goes on meanwhile.
constexpr std::uint64_t tries_per_turn = 10'000;
// The slices' timer; the time-out of the registration has no number.
constexpr std::uint64_t slice_timer = 1;

}  // namespace

void ServerSession::begin_work(Turn& turn, const crypto::LoginContext& context,
                               const rendezvous::ChallengeProof& proof, std::uint8_t bits) {
    if (!registration_) return;
    // Minutes of a core are nobody's price for a name: such a server wants something else.
    if (bits > rendezvous::max_registration_work_bits) {
        return registration_failed(turn, CommandError::server_refused, 0);
    }
    work_ = Work{.context = context, .proof = proof, .bits = bits};
    timers_.set(timer(TimerKind::registration), turn.after(registration_work_timeout_ms));
    timers_.set(timer(TimerKind::registration, slice_timer), turn.after(0));
}

void ServerSession::work_on(Turn& turn) {
    if (!work_ || !registration_) return;
    const auto found =
        rendezvous::find_work(work_->proof.mac, work_->next, tries_per_turn, work_->bits);
    if (!found) {
        work_->next += tries_per_turn;
        timers_.set(timer(TimerKind::registration, slice_timer), turn.after(0));
        return;
    }
    const Work done = *work_;
    work_.reset();
    // Another connection meanwhile: it has asked for a challenge of its own.
    const auto& own = channel(ServerChannel::session).own;
    if (!own || own->public_key() != done.context.client) return;
    send_registration(turn, done.context, done.proof, *found);
}

}  // namespace sotto::peer::engine
