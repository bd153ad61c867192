#include "tests/support/sim_world.hpp"

#include "tests/support/sim_checker.hpp"

#include <sstream>

namespace sotto::sim {
namespace {

using namespace peer;

constexpr const char* marker = "MOST-SECRET-TEXT";
constexpr std::uint64_t slice_ms = 500;
// What is still missing so long after the heal waits for something that takes hours.
constexpr std::uint64_t soon_ms = 1'200'000;
constexpr std::uint64_t long_slice_ms = 20'000;
constexpr std::uint64_t absent_slice_ms = 6ULL * 3600 * 1000;
// Longest honest repair: a back-off of five minutes after the heal, twice, and a contact request
// that has to be asked again. An unreceipted message is offered again after at most an hour.
constexpr std::uint64_t patience_ms = 3ULL * 3600 * 1000;
// Where a profile was put back: who forgot a contact is asked again after two rounds of silence,
// and the rendezvous takes one request a day from each to each; it says nothing when it swallows the
// one that a clock which jumped made too early.
constexpr std::uint64_t long_patience_ms = 60ULL * 3600 * 1000;

std::string describe_counters(const Counters& c) {
    std::ostringstream text;
    text << "frames refused " << c.frames_refused << ", link frames refused "
         << c.link_frames_refused << ", unopenable " << c.items_unopenable << ", undecryptable "
         << c.messages_undecryptable << ", repeated " << c.messages_repeated
         << ", envelopes refused " << c.envelopes_refused << ", unwelcome " << c.envelopes_unwelcome
         << ", handshakes refused " << c.handshakes_refused << ", sessions reset "
         << c.sessions_reset << ", lists suspicious " << c.lists_suspicious << ", links refused "
         << c.links_refused << ", resent " << c.resent;
    return text.str();
}

}  // namespace

World::World(const Options& options)
    : options_(options),
      dice_(options.seed),
      network_(schedule_, dice_, options_),
      server_(schedule_, dice_, options_, network_) {
    network_.attach(server_);
    network_.forbid(marker);
    const ServerAddress address{.host = "rendezvous.example", .port = 7313, .key = server_.key()};
    for (std::uint64_t i = 0; i < options_.peers; ++i) {
        peers_.push_back(
            std::make_unique<SimPeer>(schedule_, dice_, options_, network_, address, i));
        const auto skew = static_cast<std::int64_t>(dice_.below(options_.clock_skew_max_ms + 1));
        peers_.back()->set_clock(dice_.chance(500) ? skew : -skew);
    }
    server_.start();
    for (auto& each : peers_) {
        schedule_.after(dice_.below(2'000), [peer = each.get()] { peer->start(); });
    }
    make_wishes();
    plan_trouble();
    plan_absence();
    plan_put_backs();
}

void World::make_wishes() {
    const std::size_t count = peers_.size();
    for (PeerIndex a = 0; a < count; ++a) {
        for (PeerIndex b = a + 1; b < count; ++b) {
            const bool neighbours = b == a + 1 || (a == 0 && b == count - 1);
            if (!neighbours && !options_.everybody_knows_everybody) continue;
            const bool crossing = dice_.chance(options_.crossing_requests);
            const bool first = dice_.chance(500);
            for (const auto& [from, to, asks] :
                 {std::tuple{a, b, crossing || first}, std::tuple{b, a, crossing || !first}}) {
                wishes_.push_back({.from = from,
                                   .to = to,
                                   .asks = asks,
                                   .texts = options_.texts_per_pair,
                                   .direct = dice_.chance(options_.direct)});
            }
            if (dice_.chance(options_.direct_impossible)) network_.make_impossible(a, b);
        }
    }
    for (std::size_t i = 0; i < wishes_.size(); ++i) {
        schedule_.after(dice_.below(4'000), [this, i] { pursue(i); });
    }
}

void World::plan_trouble() {
    const auto some_time = [this] { return dice_.below(options_.chaos_ms); };
    for (std::uint64_t i = 0; i < options_.partitions; ++i) {
        const PeerIndex peer = dice_.below(peers_.size());
        const bool from_server = dice_.chance(700);
        std::optional<PeerIndex> from_peer;
        if (dice_.chance(500)) from_peer = dice_.below(peers_.size());
        const std::uint64_t length_ms = dice_.below(30'000);
        schedule_.after(some_time(), [this, peer, from_server, from_peer, length_ms] {
            if (healed_) return;
            network_.cut_off(peer, from_server, from_peer);
            schedule_.after(length_ms, [this, peer] { network_.reconnect(peer); });
        });
    }
    for (std::uint64_t i = 0; i < options_.server_crashes; ++i) {
        const std::uint64_t length_ms = dice_.below(8'000);
        schedule_.after(some_time(), [this, length_ms] {
            if (healed_ || !server_.running()) return;
            server_.crash();
            schedule_.after(length_ms, [this] {
                if (!server_.running()) server_.start();
            });
        });
    }
    for (std::uint64_t i = 0; i < options_.leaves; ++i) {
        SimPeer* peer = peers_[dice_.below(peers_.size())].get();
        const std::uint64_t length_ms = dice_.below(40'000);
        schedule_.after(some_time(), [this, peer, length_ms] {
            if (healed_) return;
            peer->command(GoOffline{});
            schedule_.after(length_ms, [peer] { peer->command(GoOnline{}); });
        });
    }
    for (std::uint64_t i = 0; i < options_.clock_jumps; ++i) {
        SimPeer* peer = peers_[dice_.below(peers_.size())].get();
        // Years off, and set right in the end; or some hours, which with the skew stay within the
        // two days that records tolerate.
        const bool far = dice_.chance(300);
        auto by_ms =
            static_cast<std::int64_t>(dice_.below(far ? 300'000'000'000ULL : 5ULL * 3600 * 1000));
        if (dice_.chance(500)) by_ms = -by_ms;
        schedule_.after(some_time(), [peer, by_ms] { peer->jump_clock(by_ms); });
        if (far) schedule_.after(options_.chaos_ms, [peer, by_ms] { peer->jump_clock(-by_ms); });
    }
}

// Between two times of chaos everybody is away for days.
void World::plan_absence() {
    absent_from_ms_ = absent_to_ms_ = schedule_.now_ms() + options_.chaos_ms;
    if (options_.away_days == 0) return;
    absent_to_ms_ += options_.away_days * 24 * 3600 * 1000;
    const std::uint64_t again_ms = 6ULL * 3600 * 1000;  // who crashed came back
    for (std::uint64_t at = absent_from_ms_; at < absent_to_ms_; at += again_ms) {
        schedule_.after(at - schedule_.now_ms(), [this] {
            server_.rest(true);
            for (auto& each : peers_)
                each->command(GoOffline{});
        });
    }
    schedule_.after(absent_to_ms_ - schedule_.now_ms(), [this] {
        server_.rest(false);
        for (auto& each : peers_)
            each->command(GoOnline{});
    });
}

bool World::absent() const {
    return schedule_.now_ms() >= absent_from_ms_ && schedule_.now_ms() < absent_to_ms_;
}

// The whole folder, as it was some seconds ago: nothing on the disk tells. After a clean end the
// rendezvous does; after a crash only the contacts can.
void World::plan_put_backs() {
    for (std::uint64_t i = 0; i < options_.put_backs; ++i) {
        SimPeer* peer = peers_[dice_.below(peers_.size())].get();
        const bool cleanly = dice_.chance(400);
        const std::uint64_t copied_ms = dice_.below(options_.chaos_ms);
        const std::uint64_t age_ms =
            dice_.below(60'000) +
            (options_.away_days == 0 ? 0 : absent_to_ms_ - schedule_.now_ms() - copied_ms);
        schedule_.after(copied_ms, [this, peer, cleanly, age_ms] {
            if (!peer->account()) return;
            const auto copy = std::make_shared<const Disk>(peer->disk());
            schedule_.after(age_ms, [this, peer, cleanly, copy] {
                if (healed_ || !peer->running()) return;
                if (!cleanly) return peer->put_back(*copy);
                peer->command(GoOffline{});
                schedule_.after(1'000, [this, peer, copy] {
                    if (!healed_ && peer->running()) peer->put_back(*copy);
                });
            });
        });
    }
}

// --- people ------------------------------------------------------------------------------------

const Contact* World::contact(PeerIndex of, PeerIndex with) const {
    const auto account = peers_[with]->account();
    if (!account) return nullptr;
    const auto& contacts = peers_[of]->disk().contacts;
    const auto at = contacts.find(*account);
    return at == contacts.end() ? nullptr : &at->second.contact;
}

std::uint64_t World::written(PeerIndex from, PeerIndex to) const {
    const auto account = peers_[to]->account();
    std::uint64_t count = 0;
    for (const auto& [row, stored] : peers_[from]->disk().messages) {
        if (account && stored.message.outgoing && stored.message.peer == *account) ++count;
    }
    return count;
}

std::string World::text(const Wish& wish) {
    std::string text = marker + std::string(" ") + std::to_string(next_text_++) + " from " +
                       peers_[wish.from]->name() + " to " + peers_[wish.to]->name() + " ";
    const std::uint64_t extra = dice_.chance(100) ? dice_.below(30'000) : dice_.below(300);
    return text.append(extra, 'x');
}

void World::pursue(std::size_t index) {
    const Wish& wish = wishes_[index];
    SimPeer& peer = *peers_[wish.from];
    if (absent()) {
        schedule_.after(absent_to_ms_ - schedule_.now_ms() + dice_.below(8'000),
                        [this, index] { pursue(index); });
        return;
    }
    if (!peer.account()) {
        // Everybody registers once; the login key is the password's, so the same each time.
        crypto::SeededRandom password(options_.seed * 1000 + wish.from);
        peer.command(RegisterAccount{.username = peer.name(),
                                     .login_key = crypto::OwnLk::generate(password)});
    } else {
        ask_or_accept(wish);
        write(wish);
        if (dice_.chance(300)) look(wish.from);
    }
    const std::uint64_t pause_ms = dice_.chance(300) ? dice_.below(300) : dice_.below(8'000);
    schedule_.after(500 + pause_ms, [this, index] { pursue(index); });
}

void World::ask_or_accept(const Wish& wish) {
    const Contact* known = contact(wish.from, wish.to);
    SimPeer& peer = *peers_[wish.from];
    if (known == nullptr) {
        if (!wish.asks && !peer.lost().anything) return;
        peer.command(SendContactRequest{.username = peers_[wish.to]->name(),
                                        .account = std::nullopt,
                                        .text = marker + std::string(" may I?"),
                                        .allow_direct = wish.direct});
    } else if (known->state == ContactState::request_received && dice_.chance(500)) {
        peer.command(AcceptContact{.account = known->account, .allow_direct = wish.direct});
    } else if (known->state == ContactState::accepted && !healed_ && dice_.chance(20)) {
        peer.command(
            SetAllowDirect{.account = known->account, .allow_direct = !known->allow_direct});
    }
}

void World::write(const Wish& wish) {
    const Contact* known = contact(wish.from, wish.to);
    const bool writable = known != nullptr && (known->state == ContactState::accepted ||
                                               known->state == ContactState::request_sent);
    if (!writable) return;
    const std::uint64_t burst = dice_.chance(200) ? dice_.between(2, 6) : 1;
    for (std::uint64_t i = 0; i < burst && written(wish.from, wish.to) + i < wish.texts; ++i) {
        peers_[wish.from]->command(SendText{.to = known->account, .text = text(wish)});
    }
    if (dice_.chance(100)) {
        peers_[wish.from]->command(SetTyping{.peer = known->account, .typing = true});
    }
}

// Somebody looks at a conversation to its end.
void World::look(PeerIndex reader) {
    for (const auto& [account, row] : peers_[reader]->disk().contacts) {
        std::uint64_t last = 0;
        for (const auto& [number, stored] : peers_[reader]->disk().messages) {
            if (stored.message.peer == account && !stored.message.outgoing) last = number;
        }
        if (last != 0) peers_[reader]->command(MarkRead{.peer = account, .row = last});
    }
}

// --- judgement ---------------------------------------------------------------------------------

std::string World::broken() const {
    if (!network_.violation().empty()) return network_.violation();
    for (const auto& each : peers_) {
        if (!each->violation().empty()) return each->name() + ": " + each->violation();
    }
    for (const Wish& wish : wishes_) {
        const auto from = peers_[wish.from]->account();
        const auto to = peers_[wish.to]->account();
        if (!from || !to) continue;
        const std::string problem =
            check_always({peers_[wish.from]->disk(), *from, peers_[wish.from]->lost()},
                         {peers_[wish.to]->disk(), *to, peers_[wish.to]->lost()});
        if (!problem.empty()) {
            return peers_[wish.from]->name() + " to " + peers_[wish.to]->name() + ": " + problem;
        }
    }
    return {};
}

std::string World::unsatisfied() const {
    for (const Wish& wish : wishes_) {
        const SimPeer& peer = *peers_[wish.from];
        const std::string pair = peer.name() + " to " + peers_[wish.to]->name() + ": ";
        if (!peer.running() || !peer.account()) return pair + "not registered";
        const Contact* known = contact(wish.from, wish.to);
        if (known == nullptr) return pair + "not known";
        if (known->state != ContactState::accepted) {
            return pair + "no contact, state " + std::to_string(static_cast<int>(known->state));
        }
        if (written(wish.from, wish.to) < wish.texts) return pair + "not everything is written";
        if (!peer.outbox_empty()) {
            return pair + "the outbox is not empty" + ": " + peer.describe_outbox();
        }
        const SimPeer& other = *peers_[wish.to];
        const std::string problem = check_end({peer.disk(), *peer.account(), peer.lost()},
                                              {other.disk(), *other.account(), other.lost()});
        if (!problem.empty()) return pair + problem;
    }
    return {};
}

void World::heal() {
    healed_ = true;
    network_.heal();
    if (!server_.running()) server_.start();
    for (auto& each : peers_) {
        each->heal();
        each->command(GoOnline{});
    }
}

std::uint64_t World::slice(std::uint64_t heal_at_ms) const {
    if (absent()) return std::min(absent_slice_ms, absent_to_ms_ - schedule_.now_ms());
    return schedule_.now_ms() < heal_at_ms + soon_ms ? slice_ms : long_slice_ms;
}

Result World::run() {
    Result result;
    std::string problem;
    const std::uint64_t heal_at_ms =
        options_.away_days == 0 ? absent_to_ms_ : absent_to_ms_ + options_.chaos_ms;
    const std::uint64_t end_ms =
        heal_at_ms + (options_.put_backs == 0 ? patience_ms : long_patience_ms);
    while (schedule_.now_ms() < end_ms) {
        schedule_.run_until(schedule_.now_ms() + slice(heal_at_ms));
        problem = broken();
        if (!problem.empty()) break;
        if (schedule_.now_ms() < heal_at_ms) continue;
        if (!healed_) heal();
        problem = unsatisfied();
        if (problem.empty()) break;
        if (dice_.chance(100)) {
            for (PeerIndex i = 0; i < peers_.size(); ++i)
                look(i);
        }
    }
    result.good = problem.empty();
    result.steps = schedule_.steps();
    result.frames = network_.frames();
    result.links = network_.links_made();
    result.simulated_ms = schedule_.now_ms();
    for (const auto& each : peers_)
        result.messages += each->disk().messages.size();
    if (!result.good) {
        std::ostringstream text;
        text << problem << "\n  at " << schedule_.now_ms() << " ms; " << options_.describe();
        for (const auto& each : peers_) {
            if (each->counters() == nullptr) continue;
            text << "\n  " << each->name() << ": " << describe_counters(*each->counters())
                 << "\n    " << each->describe_outbox();
        }
        result.problem = text.str();
    }
    return result;
}

Result run_world(const Options& options) {
    return World(options).run();
}

}  // namespace sotto::sim
