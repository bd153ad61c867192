// kill -9 at each system call while a peer takes two messages, with a real handshake and a real
// ratchet: what docs/protocol.md 2.5 and 2.6 want in one transaction is there whole or not at all,
// and the process that starts again goes on from it, with either outcome.
#include "killed_child.hpp"
#include "store_fixture.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::peer::store {
namespace {

constexpr std::uint8_t one_time_kind = 2;  // any: the store does not look at it
const ByteView passphrase = crypto::as_bytes("correct horse");

Bytes bytes_of(ByteView view) {
    return {view.begin(), view.end()};
}

class SessionCrashTest : public StoreTest {
protected:
    SessionCrashTest() {
        auto started = crypto::initiate(alice_.identity(), bob_.bundle(true), bob_.known(),
                                        crypto::test::now_ms, alice_.random);
        first_ = crypto::test::send(started->ratchet, "one", alice_.random);
        init_ = crypto::make_init_message(started->init_prefix, first_);
        second_ = crypto::test::send(started->ratchet, "two", alice_.random);
    }
    [[nodiscard]] std::filesystem::path base() const { return folder.path() / "base"; }
    [[nodiscard]] std::filesystem::path copy() const { return folder.path() / "copy"; }
    void make_base() {
        auto profile = Profile::create(base(), passphrase, profile_options_for_tests, random);
        ASSERT_TRUE(profile);
        commit(profile->store(), {SavePrekey{.kind = one_time_kind,
                                             .id = bob_.one_time.id,
                                             .secret = bytes_of(bob_.one_time.key.secret().view())},
                                  contact(alice_.cert.account(), marker(0))});
    }

    [[nodiscard]] SaveSession save(const crypto::Ratchet& ratchet) const {
        return {.device = alice_.device,
                .session_id = bytes_of(ratchet.sid().view()),
                .account = alice_.cert.account(),
                .state = bytes_of(ratchet.serialise())};
    }
    [[nodiscard]] SaveMessage row(std::uint8_t number, ByteView content) {
        SaveMessage out =
            incoming(number, alice_.cert.account(), std::string(content.begin(), content.end()));
        out.message.id = {{number}};
        out.sender_device = alice_.device;
        return out;
    }
    /// The init message: session, text, numbers of the contact, one-time key and transcript.
    [[nodiscard]] std::vector<SaveOp> take_first() {
        const auto message = crypto::decode_init_message(init_);
        const auto accepted =
            crypto::accept(bob_.identity(), bob_.keys(), *message,
                           {.dev_list = nullptr, .suite_floor = 0}, crypto::test::now_ms);
        crypto::ensure(accepted.has_value(), "an honest handshake");
        return {row(1, accepted->first_plaintext), save(accepted->ratchet),
                contact(alice_.cert.account(), marker(1)),
                DeletePrekey{.kind = one_time_kind, .id = *accepted->used_one_time_id},
                SaveHandshakeSeen{.transcript_hash = bytes_of(accepted->transcript.view()),
                                  .session_id = bytes_of(accepted->ratchet.sid().view()),
                                  .signed_prekey_id = bob_.spk.id}};
    }
    [[nodiscard]] std::vector<SaveOp> take_second(const Snapshot& snapshot) {
        const auto ratchet = crypto::Ratchet::deserialise(snapshot.sessions.at(0).state);
        const auto opened = ratchet.value().decrypt(second_, crypto::test::now_ms);
        crypto::ensure(opened.has_value(), "an honest message");
        return {row(2, opened->content), save(opened->next),
                contact(alice_.cert.account(), marker(2))};
    }
    /// What a process does that starts on this disk and gets both messages (again). `done`: after
    /// each commit. False: the disk failed.
    template <class Done>
    bool go_on(Profile& profile, Done done) {
        for (;;) {
            const auto snapshot = profile.store().load();
            if (!snapshot) return false;
            if (snapshot->next_row > 2) return true;
            const auto batch = snapshot->next_row == 1 ? take_first() : take_second(*snapshot);
            const auto summary = profile.store().commit(batch);
            if (!summary || !summary->duplicates.empty()) return false;
            done();
        }
    }

    /// Everything there belongs to the same moment: after none, one or both of the messages.
    void expect_one_moment(const Snapshot& snapshot, const std::vector<Message>& rows,
                           const std::string& when) const {
        SCOPED_TRACE(when);
        const std::size_t taken = rows.size();
        ASSERT_EQ(snapshot.next_row, taken + 1);
        std::vector<std::string> texts{"one", "two"};
        ASSERT_LE(taken, texts.size());
        texts.resize(taken);
        ASSERT_EQ(texts_of(rows), texts);
        EXPECT_EQ(snapshot.contacts.at(0).engine_state, marker(static_cast<std::uint8_t>(taken)));
        EXPECT_EQ(snapshot.prekeys.size(), taken == 0 ? 1U : 0U);
        EXPECT_EQ(snapshot.handshakes.size(), taken == 0 ? 0U : 1U);
        ASSERT_EQ(snapshot.sessions.size(), taken == 0 ? 0U : 1U);
        if (taken == 0) return;
        const auto ratchet = crypto::Ratchet::deserialise(snapshot.sessions[0].state);
        ASSERT_TRUE(ratchet);
        const auto refused = [&](const Bytes& message) {
            const auto opened = ratchet->decrypt(message, crypto::test::now_ms);
            return !opened && opened.error() == crypto::RatchetError::duplicate;
        };
        EXPECT_TRUE(refused(first_));
        EXPECT_EQ(refused(second_), taken == 2);
    }

    crypto::test::Party alice_ = crypto::test::make_party(801, crypto::Suite::classical);
    crypto::test::Party bob_ = crypto::test::make_party(802, crypto::Suite::classical);
    Bytes first_, init_, second_;
};

std::vector<Message> rows_of(Profile& profile, const AccountId& peer) {
    auto history = profile.open_history();
    return history.value().page(peer, 0, 10).value().messages;
}

TEST_F(SessionCrashTest, two_messages_are_taken_once_wherever_the_process_dies) {
    make_base();
    std::array<unsigned, 3> moments{};
    for (unsigned n = 1;; ++n) {
        std::filesystem::remove_all(copy());
        std::filesystem::copy(base(), copy());
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto profile = Profile::open(copy(), passphrase, profile_options_for_tests);
            child.start();
            return profile && go_on(*profile, [&] { child.say('c'); }) ? 0 : 1;
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        const std::string when = "call " + std::to_string(n);
        auto profile = Profile::open(copy(), passphrase, profile_options_for_tests);
        ASSERT_TRUE(profile) << when;
        const auto rows = rows_of(*profile, alice_.cert.account());
        expect_one_moment(load(profile->store()), rows, when);
        ASSERT_LE(end.said.size(), rows.size()) << "a confirmed message was lost at " << when;
        ++moments.at(rows.size());
        ASSERT_TRUE(go_on(*profile, [] {})) << when;
        expect_one_moment(load(profile->store()), rows_of(*profile, alice_.cert.account()), when);
        if (HasFatalFailure()) return;
        if (!end.killed) {
            EXPECT_EQ(end.exit_code, 0);
            break;
        }
    }
    for (const unsigned times : moments)
        EXPECT_GE(times, 2U);
}

}  // namespace
}  // namespace sotto::peer::store
