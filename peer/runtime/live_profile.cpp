#include "peer/runtime/live_profile.hpp"

#include <algorithm>
#include <iterator>

namespace sotto::peer::runtime {

namespace {

// The reader is woken for a whole batch: before that a search looks through the rest in a
// millisecond.
constexpr std::size_t index_after_messages = store::index_batch_size;
// A row among the engine's own, which leaves alone what it does not know.
constexpr const char* auto_lock_setting = "runtime.auto_lock";

std::uint32_t auto_lock_of(const Snapshot& snapshot) {
    for (const auto& setting : snapshot.settings) {
        if (setting.name != auto_lock_setting) continue;
        crypto::Reader in(setting.value);
        const std::uint32_t minutes = in.u32();
        return in.finished() ? std::min(minutes, auto_lock_minutes_max) : 0;
    }
    return 0;
}

constexpr std::string_view draft_prefix = "runtime.draft.";

// What does not read as ours is left where it is.
std::map<AccountId, std::string> drafts_of(const Snapshot& snapshot) {
    std::map<AccountId, std::string> out;
    for (const auto& setting : snapshot.settings) {
        if (!setting.name.starts_with(draft_prefix) || setting.value.empty()) continue;
        const auto bytes = crypto::from_hex(setting.name.substr(draft_prefix.size()));
        const auto peer = bytes ? AccountId::from(*bytes) : std::nullopt;
        if (!peer || out.size() >= drafts_max) continue;
        out.emplace(*peer, std::string(setting.value.begin(), setting.value.end()));
    }
    return out;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Who a profile is before its registration began: nobody yet.
Self nobody() {
    constexpr crypto::ByteArray<32> zero{};
    return {.username = {},
            .account = AccountId(zero),
            .device = DeviceId(crypto::ByteArray<DeviceId::size>{}),
            .server = {.host = {}, .port = 0, .key = *crypto::CurvePublic::parse(zero)},
            .registered = false};
}

}  // namespace

LiveProfile::LiveProfile(store::Profile profile, std::vector<ConversationSummary> conversations,
                         ChangeQueue& changes, crypto::RandomSource& random)
    : changes_(changes),
      random_(random),
      profile_(std::move(profile)),
      self_(nobody()),
      conversations_(std::move(conversations)) {}

std::unique_ptr<LiveProfile> LiveProfile::open(OpenedVault&& vault, ChangeQueue& changes,
                                               crypto::RandomSource& random) {
    std::unique_ptr<LiveProfile> out(
        new LiveProfile(std::move(vault.profile), std::move(vault.conversations), changes, random));
    out->reader_ = std::make_unique<HistoryReader>(std::move(vault.history), changes);
    if (!out->build_engine(std::move(vault.snapshot), std::nullopt)) return nullptr;
    return out;
}

bool LiveProfile::rebuild(const std::optional<ServerAddress>& server) {
    auto snapshot = profile_.store().load();
    return snapshot && build_engine(std::move(*snapshot), server);
}

bool LiveProfile::build_engine(Snapshot snapshot, const std::optional<ServerAddress>& server) {
    engine_.reset();
    auto_lock_minutes_ = auto_lock_of(snapshot);
    drafts_ = drafts_of(snapshot);
    self_ = snapshot.self ? snapshot.self->self : nobody();
    if (server && !self_.registered) {
        self_.server = *server;  // perhaps the first link was mistyped
        if (snapshot.self) snapshot.self->self.server = *server;
    }
    contacts_.clear();
    for (const auto& row : snapshot.contacts)
        contacts_.push_back(row.contact);
    if (!snapshot.self && !server) return true;  // nothing to speak for yet
    auto engine = engine::Engine::from(snapshot, self_.server);
    if (!engine) return false;
    engine_.emplace(std::move(*engine));
    return true;
}

std::vector<ViewChange> LiveProfile::introduction() const {
    std::vector<ViewChange> out;
    std::vector<Draft> drafts;
    for (const auto& [peer, text] : drafts_)
        drafts.push_back({.peer = peer, .text = text});
    out.emplace_back(Opened{.self = self_,
                            .contacts = contacts_,
                            .conversations = conversations_,
                            .auto_lock_minutes = auto_lock_minutes_,
                            .own_list = engine_ ? engine_->own_list() : crypto::GossipMark{},
                            .drafts = std::move(drafts),
                            .device_watch = engine_ ? engine_->device_watch() : DeviceWatch{},
                            .read_receipts = !engine_ || engine_->read_receipts()});
    return out;
}

std::vector<ViewChange> LiveProfile::introduction_after_failure() const {
    std::vector<ViewChange> out;
    out.emplace_back(ServerStateChanged{.state = ServerState::offline});
    for (const auto& contact : contacts_)
        out.emplace_back(ContactChanged{.contact = contact});
    return out;
}

std::optional<CommandError> LiveProfile::prepare_registration(
    const ServerAddress& server, const crypto::SecretBytes& old_passphrase,
    const crypto::SecretBytes& passphrase, const crypto::PasswordCost& cost, Transport& transport,
    const Now& now) {
    if (!old_passphrase.empty() && !crypto::constant_time_equal(old_passphrase, passphrase)) {
        // A person who changes the password on the second try means both.
        auto options = store::profile_options_default;
        options.cost = cost;
        const auto changed =
            profile_.change_passphrase(old_passphrase, passphrase, options, random_);
        if (!changed) return to_command_error(changed.error());
    }
    if (engine_) {
        step(now, GoOffline{}, 0);
        if (const auto done = carry_out(transport); !done) return to_command_error(done.error());
    }
    if (!rebuild(server)) return CommandError::profile_damaged;
    return std::nullopt;
}

void LiveProfile::set_auto_lock(std::uint32_t minutes, CommandId command) {
    if (command != 0) unanswered_.insert(command);
    crypto::Writer out(sizeof minutes);
    out.u32(minutes);
    batch_.saves.emplace_back(
        SaveSetting{.name = auto_lock_setting, .value = std::move(out).take()});
    batch_.changes.emplace_back(CommandDone{.command = command});
    auto_lock_minutes_ = minutes;
}

std::optional<CommandError> LiveProfile::save_draft(const SaveDraft& draft, CommandId command) {
    if (draft.text.size() > draft_bytes_max) return CommandError::text_too_long;
    if (draft.text.empty()) {
        drafts_.erase(draft.peer);
    } else if (!drafts_.contains(draft.peer) && drafts_.size() >= drafts_max) {
        return CommandError::list_full;
    } else {
        drafts_.insert_or_assign(draft.peer, draft.text);
    }
    if (command != 0) unanswered_.insert(command);
    const auto bytes = crypto::as_bytes(draft.text);
    batch_.saves.emplace_back(
        SaveSetting{.name = std::string(draft_prefix) + crypto::to_hex(draft.peer.view()),
                    .value = {bytes.begin(), bytes.end()}});
    batch_.changes.emplace_back(CommandDone{.command = command});
    return std::nullopt;
}

void LiveProfile::step(const Now& now, const Input& input, CommandId command) {
    if (command != 0) unanswered_.insert(command);
    now_ = now;
    Outputs out = engine_->step(now, random_, input);
    append(batch_.saves, std::move(out.saves));
    append(batch_.sends, std::move(out.sends));
    append(batch_.changes, std::move(out.changes));
}

crypto::Result<void, store::StoreError> LiveProfile::carry_out(Transport& transport) {
    std::vector<RepeatChecked> checked;
    if (!batch_.saves.empty()) {
        const auto committed = profile_.store().commit(batch_.saves);
        if (!committed) return crypto::Unexpected(committed.error());
        checked = drop_duplicates(*committed);
        count_for_index();
    }
    for (const auto& send : batch_.sends)
        transport.perform(send);
    note_answers();
    changes_.push(std::move(batch_.changes));
    batch_ = {};
    if (checked.empty()) return {};
    for (const RepeatChecked& each : checked)
        step(now_, each, 0);
    return carry_out(transport);  // what they lead to saves no message, so it is the last
}

std::vector<RepeatChecked> LiveProfile::drop_duplicates(const store::CommitSummary& summary) {
    std::vector<RepeatChecked> checked;
    auto duplicate = summary.duplicates.begin();
    for (std::size_t position = 0; position < batch_.saves.size(); ++position) {
        const auto* saved = std::get_if<SaveMessage>(&batch_.saves[position]);
        if (saved == nullptr) continue;
        std::optional<RepeatChecked::Kept> kept;
        if (duplicate != summary.duplicates.end() && duplicate->position == position) {
            kept = {.row = duplicate->row, .read = duplicate->read};
            ++duplicate;
            std::erase_if(batch_.changes, [&](const ViewChange& change) {
                const auto* added = std::get_if<MessageAdded>(&change);
                return added != nullptr && added->message.row == saved->message.row;
            });
        }
        if (auto told = repeat_checked(*saved, kept)) checked.push_back(std::move(*told));
    }
    return checked;
}

void LiveProfile::note_answers() {
    for (auto& change : batch_.changes) {
        if (const auto* done = std::get_if<CommandDone>(&change)) {
            unanswered_.erase(done->command);
            if (auto failed = end_account_change(done->command)) change = std::move(*failed);
        } else if (const auto* failed = std::get_if<CommandFailed>(&change)) {
            unanswered_.erase(failed->command);
            if (account_change() == failed->command) account_change_.reset();
        }
        if (const auto* self = std::get_if<SelfChanged>(&change)) self_ = self->self;
    }
}

std::optional<CommandFailed> LiveProfile::end_account_change(CommandId done) {
    if (account_change() != done) return std::nullopt;
    const auto ended = std::exchange(account_change_, std::nullopt);
    if (!ended->header || profile_.adopt_header(*ended->header)) return std::nullopt;
    return CommandFailed{.command = done, .error = CommandError::passphrase_kept};
}

void LiveProfile::count_for_index() {
    not_indexed_ += static_cast<std::size_t>(
        std::count_if(batch_.saves.begin(), batch_.saves.end(),
                      [](const SaveOp& op) { return std::holds_alternative<SaveMessage>(op); }));
    if (not_indexed_ < index_after_messages) return;
    not_indexed_ = 0;
    reader_->index_soon();
}

std::vector<CommandId> LiveProfile::abandon() {
    batch_ = {};
    account_change_.reset();
    const auto unanswered = std::exchange(unanswered_, {});
    return {unanswered.begin(), unanswered.end()};
}

std::optional<Instant> LiveProfile::next_deadline() const {
    return engine_ ? engine_->next_deadline() : std::nullopt;
}

void LiveProfile::maintain() {
    // Both ways of failing mean "later": the next idle moment comes.
    if (profile_.store().wants_maintenance()) static_cast<void>(profile_.store().maintain());
}

void LiveProfile::advance_epoch() {
    static_cast<void>(profile_.advance_epoch());
}

}  // namespace sotto::peer::runtime
