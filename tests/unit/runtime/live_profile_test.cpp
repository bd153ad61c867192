// A profile in use, with its real database: what the engine hears of what was committed.
#include "peer/runtime/live_profile.hpp"

#include "crypto/init.hpp"
#include "crypto/vault_header.hpp"
#include "peer/runtime/no_network.hpp"
#include "tests/unit/engine/party.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace sotto::peer::runtime {
namespace {

// Bob's profile is on the disk, and Alice's sealed items come in as the rendezvous pushes them.
class LiveProfileTest : public testing::Test {
protected:
    LiveProfileTest() {
        crypto::initialise();
        std::string name = (std::filesystem::temp_directory_path() / "sotto-live-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        introduce(alice_, bob_);
        const Snapshot made = bob_.store().load();
        std::vector<SaveOp> saves{*made.self};
        const auto add = [&saves](const auto& rows) {
            saves.insert(saves.end(), rows.begin(), rows.end());
        };
        add(made.settings);
        add(made.contacts);
        add(made.prekeys);
        auto profile = store::Profile::create(folder_ / "profile", passphrase(),
                                              store::profile_options_for_tests, random_);
        EXPECT_TRUE(profile && profile->store().commit(saves));
    }
    ~LiveProfileTest() override { std::filesystem::remove_all(folder_); }

    static crypto::SecretBytes passphrase() { return {'p', 'a', 's', 's'}; }
    /// A new process.
    void open() {
        live_.reset();
        auto profile = store::Profile::open(folder_ / "profile", passphrase(),
                                            store::profile_options_for_tests);
        ASSERT_TRUE(profile);
        auto snapshot = profile->store().load();
        auto history = profile->open_history();
        ASSERT_TRUE(snapshot && history);
        live_ = LiveProfile::open({.profile = std::move(*profile),
                                   .history = std::move(*history),
                                   .conversations = {},
                                   .snapshot = std::move(*snapshot)},
                                  changes_, random_);
        ASSERT_NE(live_, nullptr);
    }
    void step(const Input& input) {
        live_->step(bob_.turn().now, input, 0);
        ASSERT_TRUE(live_->carry_out(network_));
    }
    /// Through the mailbox, each time encrypted anew.
    void deliver(const wire::Envelope& envelope) {
        auto encrypted = alice_.encrypt(bob_, envelope);
        const auto& key = bob_.core().account.prekeys().mailbox_keys().front();
        auto item = crypto::seal(
            {.device = bob_.address().device, .mbk_id = key.id, .mbk = key.key.public_key()},
            {.kind = encrypted.kind,
             .sender_account = alice_.id(),
             .sender_device = alice_.address().device,
             .payload = std::move(encrypted.payload)},
            random_);
        ASSERT_TRUE(item);
        step(ServerFrame{.channel = ServerChannel::session,
                         .frame = encode(rendezvous::ReplyFrame{
                             .id = 0, .reply = rendezvous::Mail{.row = 0, .item = *item}})});
    }
    void read_all() { step(MarkRead{.peer = alice_.id(), .row = UINT64_MAX >> 1U}); }
    /// How many messages the front end was shown since the last question.
    [[nodiscard]] std::size_t shown() {
        std::size_t count = 0;
        for (const ViewChange& change : changes_.drain(changes_max))
            count += std::holds_alternative<MessageAdded>(change) ? 1U : 0U;
        return count;
    }
    /// As a front end is told.
    [[nodiscard]] bool tells_of_reading() const {
        return std::get<Opened>(live_->introduction().at(0)).read_receipts;
    }
    /// As it is on the disk.
    [[nodiscard]] bool counts_as_read(std::uint64_t number) {
        const auto snapshot = live_->profile().store().load();
        const SaveContact& row = snapshot->contacts.at(0);
        auto record = engine::decode_contact_state(row.contact, row.engine_state);
        return record->devices.at(alice_.address().device).read.contains(number);
    }

    crypto::SystemRandom random_;
    engine::Party alice_{"alice", 1};
    engine::Party bob_{"bob", 2};
    std::filesystem::path folder_;
    EventFd room_;
    ChangeQueue changes_{room_, {}};
    NoNetwork network_;
    std::unique_ptr<LiveProfile> live_;
};

TEST_F(LiveProfileTest, a_text_that_comes_again_after_a_restart_stays_read) {
    open();
    const auto text = alice_.envelope(bob_, wire::Text{.text = "hello"}, 1);
    deliver(text);
    EXPECT_EQ(shown(), 1U);
    read_all();
    ASSERT_TRUE(counts_as_read(1));
    open();
    deliver(text);
    EXPECT_EQ(shown(), 0U);
    EXPECT_TRUE(counts_as_read(1));
    // The receipt that was lost is owed again.
    ASSERT_TRUE(live_->next_deadline());
    EXPECT_LE(live_->next_deadline()->ms,
              bob_.turn().now.mono.ms + engine::mailbox_receipt_delay_max_ms);
}

// Of a profile that was put back: nobody has read this one.
TEST_F(LiveProfileTest, another_text_under_a_known_number_is_shown_and_unread) {
    open();
    deliver(alice_.envelope(bob_, wire::Text{.text = "hello"}, 1));
    read_all();
    open();
    deliver(alice_.envelope(bob_, wire::Text{.text = "another"}, 1));
    EXPECT_EQ(shown(), 2U);
    EXPECT_FALSE(counts_as_read(1));
    read_all();
    EXPECT_TRUE(counts_as_read(1));
}

// The account's password, and the vault's passphrase with it: after the rendezvous agreed.
class AccountChange : public LiveProfileTest {
protected:
    static constexpr CommandId command = 5;
    static crypto::SecretBytes fresh() { return {'f', 'r', 'e', 's', 'h'}; }
    std::optional<Bytes> new_header() {
        auto made = crypto::change_passphrase(live_->profile().header(), passphrase(), fresh(),
                                              crypto::password_cost_for_tests,
                                              crypto::password_cost_limits_for_tests, random_);
        return made ? std::optional(std::move(*made)) : std::nullopt;
    }
    /// The engine's answer comes as any other; the one the front end gets.
    ViewChange answered(bool done) {
        (void)changes_.drain(changes_max);
        if (done) {
            live_->set_auto_lock(1, command);
        } else {  // nobody is connected
            crypto::SeededRandom random(5);
            const auto key = crypto::OwnLk::generate(random);
            live_->step(bob_.turn().now,
                        ReplaceLoginKey{.from = key, .to = key, .command = command}, command);
        }
        EXPECT_TRUE(live_->carry_out(network_));
        auto shown = changes_.drain(changes_max);
        EXPECT_EQ(shown.size(), 1U);
        return shown.empty() ? ViewChange(CommandDone{}) : shown.front();
    }
    bool opens(const crypto::SecretBytes& secret) {
        live_.reset();
        return store::Profile::open(folder_ / "profile", secret, store::profile_options_for_tests)
            .has_value();
    }
};

TEST_F(AccountChange, the_passphrase_follows) {
    open();
    live_->begin_account_change(command, new_header());
    EXPECT_EQ(live_->account_change(), command);
    EXPECT_TRUE(std::holds_alternative<CommandDone>(answered(true)));
    EXPECT_FALSE(live_->account_change());
    EXPECT_FALSE(opens(passphrase()));
    EXPECT_TRUE(opens(fresh()));
}

TEST_F(AccountChange, the_passphrase_stays_where_the_server_refused) {
    open();
    live_->begin_account_change(command, new_header());
    const ViewChange answer = answered(false);
    ASSERT_TRUE(std::holds_alternative<CommandFailed>(answer));
    EXPECT_EQ(std::get<CommandFailed>(answer).error, CommandError::server_unreachable);
    EXPECT_FALSE(live_->account_change());
    EXPECT_TRUE(opens(passphrase()));
}

TEST_F(AccountChange, a_passphrase_that_could_not_be_written_is_said) {
    open();
    live_->begin_account_change(command, Bytes(149, 7));  // not this vault's
    const ViewChange answer = answered(true);
    ASSERT_TRUE(std::holds_alternative<CommandFailed>(answer));
    EXPECT_EQ(std::get<CommandFailed>(answer).error, CommandError::passphrase_kept);
    EXPECT_TRUE(opens(passphrase()));
}

TEST_F(LiveProfileTest, what_is_read_without_receipts_is_kept_from_them_for_good) {
    open();
    EXPECT_TRUE(tells_of_reading());
    step(SetReadReceipts{.on = false});
    deliver(alice_.envelope(bob_, wire::Text{.text = "hello"}, 1));
    read_all();
    EXPECT_FALSE(counts_as_read(1));
    open();
    EXPECT_FALSE(tells_of_reading());
    step(SetReadReceipts{.on = true});
    open();
    EXPECT_TRUE(tells_of_reading());
    deliver(alice_.envelope(bob_, wire::Text{.text = "again"}, 2));
    read_all();
    EXPECT_FALSE(counts_as_read(1));
    EXPECT_TRUE(counts_as_read(2));
}

}  // namespace
}  // namespace sotto::peer::runtime
