#include "tests/support/sim_peer.hpp"

#include "peer/notice.hpp"

#include <algorithm>

namespace sotto::sim {
namespace {

using namespace peer;

constexpr std::uint64_t epoch_ms = 1'790'000'000'000;
constexpr std::uint64_t restart_max_ms = 4'000;

}  // namespace

SimPeer::SimPeer(Schedule& schedule, Dice& dice, const Options& options, Network& network,
                 const ServerAddress& server, std::uint64_t number)
    : schedule_(schedule),
      dice_(dice),
      options_(options),
      network_(network),
      index_(network.attach(*this)),
      server_(server),
      name_("peer" + std::to_string(number)) {}

std::optional<AccountId> SimPeer::account() const {
    const Disk& disk = store_.disk();
    if (!disk.self || !disk.self->self.registered) return std::nullopt;
    return disk.self->self.account;
}

Now SimPeer::now() const {
    const auto wall = static_cast<std::int64_t>(epoch_ms + schedule_.now_ms()) + skew_ms_;
    return {.mono = {schedule_.now_ms()},
            .wall = {static_cast<std::uint64_t>(std::max<std::int64_t>(wall, 1))}};
}

void SimPeer::start() {
    ++life_;
    // A process never sees the same randomness twice, whatever is on its disk.
    random_ = std::make_unique<crypto::SeededRandom>(dice_.next());
    auto engine = engine::Engine::from(store_.load(), server_);
    if (!engine) {
        violation_ = "the engine does not read what it wrote";
        return;
    }
    engine_ = std::make_unique<engine::Engine>(std::move(*engine));
    inbox_.clear();
    batch_ = {};
    (void)store_.take_checked();
    turn_scheduled_ = false;
    deadline_ms_ = ~0ULL;
    command(GoOnline{});
}

void SimPeer::die() {
    ++life_;
    engine_.reset();
    inbox_.clear();
    network_.process_died(index_);
    if (options_.canary == Canary::store_forgets_commits) store_.forget_commits();
    if (options_.canary == Canary::store_forgets_contacts) store_.forget_contacts();
    if (stays_down_) return;
    schedule_.after(100 + dice_.below(restart_max_ms), [this] {
        if (!running() && violation_.empty()) start();
    });
}

void SimPeer::put_back(const Disk& copy) {
    lost_.anything = true;
    auto& numbers = lost_.numbers.emplace_back();
    for (const auto& [row, stored] : store_.disk().messages) {
        const Message& message = stored.message;
        const auto kept = copy.rows.find(message.id);
        if (kept == copy.rows.end()) {
            lost_.messages.insert(message.id);
            const std::uint64_t number = stored.sender_seq;
            if (message.outgoing && number != 0) {
                auto& used = numbers.try_emplace(message.peer, number, number).first->second;
                used = {std::min(used.first, number), std::max(used.second, number)};
            }
        }
        const auto seen = store_.disk().read_up_to.find(message.peer);
        if (seen != store_.disk().read_up_to.end() && row <= seen->second) {
            lost_.seen.insert(message.id);
        }
    }
    std::erase_if(screen_, [&](const auto& item) { return !copy.messages.contains(item.first); });
    just_put_back_ = true;
    network_.forget_bytes();  // under names that the copy gives again
    store_.put_back(copy);
    die();
}

void SimPeer::command(Input input) {
    if (!running()) return;
    // Every command is answered: failures name it.
    std::visit(
        [this](auto& each) {
            if constexpr (requires { each.command; }) each.command = ++next_command_;
        },
        input);
    inbox_.push_back(std::move(input));
    schedule_turn(0);
}

void SimPeer::deliver(NetworkInput input) {
    if (!running()) return;
    inbox_.push_back(
        std::visit([](auto&& each) { return Input(std::move(each)); }, std::move(input)));
    schedule_turn(dice_.below(options_.turn_delay_max_ms + 1));
}

void SimPeer::schedule_turn(std::uint64_t delay_ms) {
    if (turn_scheduled_) return;
    turn_scheduled_ = true;
    schedule_.after(delay_ms, [this, life = life_] {
        if (life != life_) return;
        turn_scheduled_ = false;
        turn();
    });
}

void SimPeer::schedule_deadline() {
    const auto next = engine_->next_deadline();
    if (!next || next->ms >= deadline_ms_) return;
    deadline_ms_ = next->ms;
    const std::uint64_t at_ms = std::max(next->ms, schedule_.now_ms());
    schedule_.after(at_ms - schedule_.now_ms(), [this, life = life_, at = next->ms] {
        if (life != life_ || deadline_ms_ != at) return;
        deadline_ms_ = ~0ULL;
        turn();
    });
}

void SimPeer::step(const Input& input) {
    Outputs out = engine_->step(now(), *random_, input);
    if (just_put_back_ && engine_->counters().rollbacks > 0) {
        just_put_back_ = false;
        lost_.numbers.pop_back();  // it says so before it encrypts anything
    }
    const auto append = [](auto& to, auto& from) {
        std::move(from.begin(), from.end(), std::back_inserter(to));
    };
    append(batch_.saves, out.saves);
    append(batch_.sends, out.sends);
    append(batch_.changes, out.changes);
}

void SimPeer::turn() {
    const std::uint64_t count = std::max<std::uint64_t>(options_.batch_max, 1);
    for (std::uint64_t i = 0; i < count && !inbox_.empty(); ++i) {
        const Input input = std::move(inbox_.front());
        inbox_.pop_front();
        step(input);
    }
    const auto due = engine_->next_deadline();
    if (due && due->ms <= schedule_.now_ms()) step(Tick{});
    if (!carry_out()) return;
    if (!inbox_.empty()) schedule_turn(dice_.below(options_.turn_delay_max_ms + 1));
    schedule_deadline();
}

// Commit, then send, then show; false when the process died on the way.
bool SimPeer::carry_out() {
    Outputs batch = std::exchange(batch_, {});
    if (chance(options_.peer_crash)) return die(), false;
    // A full disk: nothing of the turn was saved, sent or shown; the engine is made anew.
    if (!batch.saves.empty() && chance(options_.commit_fails)) return die(), false;
    if (dice_.chance(100)) store_.remember();
    if (!batch.saves.empty()) {
        if (const auto error = store_.commit(batch.saves)) {
            violation_ = "commit: " + *error;
            return die(), false;
        }
    }
    for (const NetworkOutput& output : batch.sends) {
        if (chance(options_.peer_crash / 4)) return die(), false;
        network_.perform(index_, output);
    }
    for (const ViewChange& change : batch.changes) {
        const auto* added = std::get_if<MessageAdded>(&change);
        if (added != nullptr && store_.duplicates().contains(added->message.row)) continue;
        show(change);
    }
    const auto checked = store_.take_checked();
    if (checked.empty()) return true;
    for (const RepeatChecked& each : checked)
        step(each);
    return carry_out();
}

namespace {

// In these worlds everybody signs his own lists and nobody hides one: no such line is ever true.
bool blames_a_list(const Message& message) {
    const auto notice =
        message.kind == MessageKind::notice ? parse_notice(message.text) : std::nullopt;
    return notice && (has_count(notice->kind) ? notice->kind != NoticeKind::missing
                                              : notice->kind >= NoticeKind::list_fork);
}

}  // namespace

void SimPeer::show(const ViewChange& change) {
    changes_.push_back(change);
    if (const auto* contact = std::get_if<ContactChanged>(&change)) {
        live_contacts_.insert_or_assign(contact->contact.account, contact->contact);
    }
    if (const auto* failed = std::get_if<CommandFailed>(&change)) last_error_ = failed->error;
    const auto* added = std::get_if<MessageAdded>(&change);
    if (added == nullptr) return;
    const Message& message = added->message;
    if (blames_a_list(message)) violation_ = "told without cause: " + message.text;
    if (!screen_.emplace(message.row, message.id).second) violation_ = "a row is shown twice";
    const auto stored = store_.disk().messages.find(message.row);
    if (stored == store_.disk().messages.end() || stored->second.message.id != message.id) {
        violation_ = "the screen shows what the disk does not have";
    }
}

}  // namespace sotto::sim
