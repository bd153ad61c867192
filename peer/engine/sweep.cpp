// What goes by date: private keys, sessions, keys of messages that never came, undelivered messages
// (docs/protocol.md 2.4, 2.6, 2.9). Dated in the profile, so that a program that never runs for an
// hour gets there too.
//
// Setting: u8 version || u64 when dates last held || u64 when the messages of earlier processes
// were last offered again
#include "peer/engine/core.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

constexpr std::string_view sweep_setting = "engine.sweep";
constexpr std::uint8_t blob_version = 1;

}  // namespace

void Engine::Core::load_sweep(const SaveSetting& setting) {
    if (setting.name != sweep_setting) return;
    crypto::Reader in(setting.value);
    const bool version_fits = in.u8() == blob_version;
    const std::uint64_t dated = in.u64();
    const std::uint64_t reoffered = in.u64();
    // Else as in a new profile: nothing goes before the server was heard.
    if (!in.finished() || !version_fits) return;
    dated_ms = dated;
    reoffered_ms = reoffered;
}

// A jump destroys and expires nothing: both clocks must agree. Before the server was heard our own
// must have gone on from where it was, by no more than mail is kept, or back by what records
// tolerate.
bool Engine::Core::dates_hold(const Now& now) const {
    if (server.clock_heard()) return server.clocks_agree(now);
    const std::uint64_t wall_ms = now.wall.ms;
    if (wall_ms < dated_ms) return dated_ms - wall_ms <= crypto::clock_tolerance_ms;
    return dated_ms != 0 && wall_ms - dated_ms <= undated_max_ms;
}

void Engine::Core::sweep(Turn& turn) {
    const bool dated = dates_hold(turn.now);
    // Ages are counted on while the clocks disagree (ServerSession::believe).
    if (dated || server.clock_heard()) {
        sessions.retire_old(turn);
        sessions.expire_keys(turn);
    }
    if (!dated) return;
    sessions.forget_handshakes(account.prekeys().destroy_old(turn));
    delivery.expire(turn);
    // Alone it only goes on, or a clock could be set back step by step.
    const bool heard = server.clock_heard();
    dated_ms = heard ? turn.now.wall.ms : std::max(dated_ms, turn.now.wall.ms);
    if (heard) swept_at = turn.now.mono;
    const bool offers = dated_ms < reoffered_ms || dated_ms - reoffered_ms >= reoffer_ms;
    if (offers) {
        reoffered_ms = dated_ms;
        delivery.reoffer_earlier(turn);
    }
    crypto::Writer out(17);
    out.u8(blob_version).u64(dated_ms).u64(reoffered_ms);
    turn.save(SaveSetting{.name = std::string(sweep_setting), .value = std::move(out).take()});
}

}  // namespace sotto::peer::engine
