// Attacks 28 to 32, 34 and 35 on the rendezvous' logic: a hostile client, or none at all.
// (Sockets, ZAP and several connections of one identity: tests/unit/rendezvous and tests/e2e.)
#include <malloc.h>

#include "tests/unit/rendezvous/logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

constexpr auto login = crypto::LoginPurpose::login;

class OnTheServer : public ::testing::Test {
protected:
    World world;
    Person anna = world.person("anna");
    Person bob = world.person("bob");
    UserId anna_user = world.join(anna);
    UserId bob_user = world.join(bob);
    UserId user = world.connect();

    /// The reply's bytes as they go over the wire, always under the same request id.
    Bytes bytes_of(const UserId& from, Request request) {
        return encode(ReplyFrame{1, world.ask(from, std::move(request))});
    }
};

// --- 28 ---------------------------------------------------------------------------------------

class Attack28Login : public OnTheServer {
protected:
    void refused(const UserId& from, Request request, const char* what) {
        EXPECT_EQ(world.error_of(from, std::move(request)), ErrorCode::bad_credentials) << what;
    }
};

TEST_F(Attack28Login, ASignatureIsForOneConnectionOnceAndSoon) {
    const LoginDevice request = world.device_login_of(user, anna);
    refused(world.connect(), request, "another connection");
    world.logged_in(user, request);
    refused(user, request, "again");
    const LoginDevice late = world.device_login_of(user, anna);
    world.advance(crypto::challenge_lifetime_ms + 1);
    refused(user, late, "after a minute");
    const LoginPassword password = world.password_login_of(user, anna);
    refused(world.connect(), password, "a password's on another connection");
    world.logged_in(user, password);
    refused(user, password, "a password's again");
}

TEST_F(Attack28Login, ASignatureIsForOneServerPurposeAndSubject) {
    auto c = world.challenge(user, login, anna.subject());
    auto changed = c.context;
    changed.server = crypto::OwnCurve::generate(world.random).public_key();
    const auto signed_in = [&](const crypto::LoginContext& context) {
        return LoginDevice{anna.account(), anna.device(), c.proof,
                           crypto::sign_device_login(anna.dsk, context, anna.subject())};
    };
    refused(user, signed_in(changed), "another server");
    changed = c.context;
    changed.client = world.connect();
    refused(user, signed_in(changed), "another CURVE key");
    changed = c.context;
    changed.purpose = crypto::LoginPurpose::register_account;
    refused(user, signed_in(changed), "another purpose");
    c = world.challenge(user, login, bob.subject());
    refused(user, signed_in(c.context), "a challenge for somebody else");
    c = world.challenge(user, login, anna.subject());
    for (const std::size_t at : {0U, 15U, 31U}) {
        auto forged = signed_in(c.context);
        forged.proof.mac[at] ^= 1U;
        refused(user, forged, "a forged mac");
    }
    world.logged_in(user, signed_in(c.context));
}

// --- 29 ---------------------------------------------------------------------------------------

class Attack29Enumeration : public OnTheServer {};

TEST_F(Attack29Enumeration, AChallengeIsTheSameForAnybody) {
    // Everything but the server's nonce and mac, which are random to who has not its key.
    const auto shape = [&](const char* name) {
        auto reply = world.ask_for<Challenge>(user, ChallengeRequest{login, name, Bytes32{}});
        reply.snonce = {};
        reply.mac = {};
        return encode(ReplyFrame{1, reply});
    };
    EXPECT_EQ(shape("anna"), shape("nobody"));
    EXPECT_EQ(shape("anna"), shape("x"));
}

TEST_F(Attack29Enumeration, WrongPasswordAndUnknownNameAreOneReply) {
    const Person nobody = world.person("nobody");
    LoginPassword wrong = world.password_login_of(user, anna);
    wrong.signature = crypto::Signature(crypto::ByteArray<64>{});
    const Bytes for_known = bytes_of(user, wrong);
    EXPECT_EQ(for_known, bytes_of(user, world.password_login_of(user, nobody)));
    EXPECT_EQ(for_known, bytes_of(user, world.device_login_of(user, nobody)));
}

TEST_F(Attack29Enumeration, UnlistedAndUnknownAreOneReply) {
    (void)world.ask_for<Ok>(bob_user, SetListing{false, Visibility::nobody});
    EXPECT_EQ(bytes_of(anna_user, LookUp{"bob"}), bytes_of(anna_user, LookUp{"nobody"}));
    const MailboxToken wrong = id<MailboxToken>(9);
    const AccountId nobody = world.person("nobody").account();
    EXPECT_EQ(bytes_of(user, FetchBundle{bob.account(), true, wrong}),
              bytes_of(user, FetchBundle{nobody, true, wrong}));
    PutMail to_bob = mail_to(bob, wrong, 1);
    PutMail to_nobody = to_bob;
    to_nobody.account = nobody;
    EXPECT_EQ(bytes_of(user, to_bob), bytes_of(user, to_nobody));
    PutMail request = mail_to(bob, wrong, 2);
    request.authority = PutAuthority::request;
    request.token.reset();
    PutMail to_air = request;
    to_air.account = nobody;
    EXPECT_EQ(bytes_of(anna_user, request), bytes_of(anna_user, to_air));
}

// --- 30 ---------------------------------------------------------------------------------------

class Attack30LoginFlood : public OnTheServer {};

TEST_F(Attack30LoginFlood, TenThousandHellosLeaveNothingBehind) {
    const auto flood = [&](int count) {
        for (int i = 0; i < count; ++i) {
            (void)world.send(user, ChallengeRequest{login, "anna", Bytes32{}});
            world.inbox.clear();
        }
    };
    flood(1000);
    const std::size_t before = mallinfo2().uordblks;
    flood(10'000);
    EXPECT_LT(mallinfo2().uordblks, before + 64 * 1024);
}

TEST_F(Attack30LoginFlood, TheOwnerGetsInWhileThePasswordIsThrottled) {
    ErrorCode last{};
    for (int i = 0; i < 20; ++i) {
        const UserId eve = world.connect();
        LoginPassword wrong = world.password_login_of(eve, anna);
        wrong.signature = crypto::Signature(crypto::ByteArray<64>{});
        last = world.error_of(eve, wrong);
    }
    EXPECT_EQ(last, ErrorCode::rate_limited);
    world.logged_in(user, world.device_login_of(user, anna));
}

// --- 31, 32 -----------------------------------------------------------------------------------

class Attack31Identity : public OnTheServer {};

// Sessions belong to the CURVE key, which ZAP attests for each frame; a name in a frame is nothing.
TEST_F(Attack31Identity, ASecondConnectionHasNoSession) {
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, world.give_token(bob_user, 5), 1));
    for (const Request& request :
         std::vector<Request>{AckMail{{1}}, SetListing{false, Visibility::nobody}, LookUp{"anna"},
                              Watch{true, {}}, PublishPrekeys{filled(10, 1), {}}})
        EXPECT_EQ(world.error_of(user, request), ErrorCode::unknown_session) << request.index();
    EXPECT_TRUE(world.pushes<Mail>(user).empty());
}

class Attack32PasswordOnly : public OnTheServer {};

TEST_F(Attack32PasswordOnly, ReadsNoMailAndChangesNothing) {
    const MailboxToken token = world.give_token(bob_user, 5);
    (void)world.ask_for<Ok>(bob_user, Logout{});
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    const LoggedIn in = world.logged_in(user, world.password_login_of(user, bob));
    EXPECT_EQ(in.kind, SessionKind::password_only);
    EXPECT_TRUE(world.pushes<Mail>(user).empty());
    for (const Request& request : std::vector<Request>{
             AckMail{{1}}, PublishPrekeys{filled(10, 1), {}},
             PublishDeviceList{{to_bytes(bob.cert.encoded())}, to_bytes(bob.list.encoded())},
             SetMailboxToken{id<MailboxTokenHash>(1), true}, SetListing{false, Visibility::nobody}})
        EXPECT_EQ(world.error_of(user, request), ErrorCode::not_allowed) << request.index();
    bob_user = world.log_in(bob);
    EXPECT_EQ(world.pushes<Mail>(bob_user).size(), 1U) << "and it is still there";
}

// --- 34, 35 -----------------------------------------------------------------------------------

class Attack34Mailbox : public OnTheServer {
protected:
    MailboxToken token = world.give_token(bob_user, 5);
};

TEST_F(Attack34Mailbox, WrongOldAndBlockedTokens) {
    EXPECT_EQ(world.error_of(user, mail_to(bob, id<MailboxToken>(9), 1)), ErrorCode::not_allowed);
    const MailboxToken second = world.give_token(bob_user, 6);
    (void)world.ask_for<Accepted>(user, mail_to(bob, token, 2));  // the previous one, for 14 days
    const auto third = id<MailboxToken>(7);
    (void)world.ask_for<Ok>(bob_user, SetMailboxToken{hash_of(third), true});
    EXPECT_EQ(world.error_of(user, mail_to(bob, second, 3)), ErrorCode::not_allowed);
    EXPECT_EQ(world.error_of(user, mail_to(bob, token, 4)), ErrorCode::not_allowed);
    (void)world.ask_for<Accepted>(user, mail_to(bob, third, 5));
}

TEST_F(Attack34Mailbox, AReplayedItemIsOneItem) {
    (void)world.ask_for<Accepted>(user, mail_to(bob, token, 1));
    (void)world.ask_for<Accepted>(user, mail_to(bob, token, 1));
    EXPECT_EQ(world.pushes<Mail>(bob_user).size(), 1U);
}

TEST_F(Attack34Mailbox, AFrameTooLargeIsNotLookedAt) {
    world.send_bytes(user, encode(RequestFrame{9, mail_to(bob, token, 1, max_frame_bytes)}));
    EXPECT_TRUE(world.pushes<Mail>(bob_user).empty());
}

class Attack35Stranger : public OnTheServer {};

TEST_F(Attack35Stranger, OneSmallRequestAndNothingElse) {
    const auto request = [this](std::uint8_t envelope, std::size_t size) {
        PutMail put = mail_to(bob, id<MailboxToken>(1), envelope, size);
        put.authority = PutAuthority::request;
        put.token.reset();
        return put;
    };
    EXPECT_EQ(world.error_of(user, request(1, 600)), ErrorCode::unknown_session) << "anonymous";
    EXPECT_EQ(world.error_of(anna_user, request(1, max_request_item_bytes + 1)),
              ErrorCode::too_large);
    (void)world.ask_for<Accepted>(anna_user, request(2, 600));
    (void)world.ask_for<Accepted>(anna_user, request(3, 600));  // swallowed
    EXPECT_EQ(world.pushes<Mail>(bob_user).size(), 1U);
}

TEST_F(Attack35Stranger, NoPresenceAndNoOneTimeKeys) {
    (void)world.ask_for<Ok>(bob_user, PublishPrekeys{filled(287, 1), {{1, filled(166, 9)}}});
    const Bundle bundle =
        world.ask_for<Bundle>(anna_user, FetchBundle{bob.account(), true, std::nullopt});
    EXPECT_TRUE(bundle.devices.at(0).one_time.empty());
    (void)world.ask_for<Ok>(bob_user, SetListing{true, Visibility::contacts});
    (void)world.ask_for<Ok>(anna_user, Watch{false, {{bob.account(), std::nullopt}}});
    for (const Presence& push : world.pushes<Presence>(anna_user))
        for (const MemberEntry& entry : push.entries)
            EXPECT_FALSE(entry.online);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
