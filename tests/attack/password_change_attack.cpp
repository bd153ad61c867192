// Attacks 28 to 30 on the change of an account's password: whoever does not type the old one, on
// this connection and now, changes nothing, learns nothing and gains no tries.
#include "tests/unit/rendezvous/logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

constexpr auto change = crypto::LoginPurpose::change_password;

class OnAPassword : public ::testing::Test {
protected:
    World world;
    Person anna = world.person("anna");
    Person bob = world.person("bob");
    crypto::OwnLk fresh = crypto::OwnLk::generate(world.random);
    crypto::OwnLk evil = crypto::OwnLk::generate(world.random);
    UserId anna_user = world.join(anna);
    UserId bob_user = world.join(bob);

    Bytes bytes_of(const UserId& from, Request request) {
        return encode(ReplyFrame{1, world.ask(from, std::move(request))});
    }
};

class Attack28PasswordChange : public OnAPassword {
protected:
    void refused(const UserId& from, Request request, const char* what) {
        EXPECT_EQ(world.ask_for<Error>(from, std::move(request)),
                  (Error{ErrorCode::bad_credentials, 0}))
            << what;
        expect_unchanged(what);
    }
    // The owner gets in as before, which also starts the count of failures over.
    void expect_unchanged(const char* what) {
        const UserId user = world.connect();
        LoginPassword check = world.password_login_of(user, anna);
        check.check_only = true;
        EXPECT_TRUE(std::holds_alternative<Ok>(world.ask(user, check))) << what;
    }
};

TEST_F(Attack28PasswordChange, AProofIsForOneConnectionOnceAndSoon) {
    refused(world.connect(), world.change_of(anna_user, anna, fresh), "another connection");
    const UserId slow = world.connect();
    const ChangePassword late = world.change_of(slow, anna, fresh);
    world.advance(crypto::challenge_lifetime_ms + 1);
    refused(slow, late, "after a minute");
    const UserId user = world.connect();
    Person back = anna;
    back.login_key = fresh;
    const ChangePassword request = world.change_of(user, anna, fresh);
    (void)world.ask_for<Ok>(user, request);
    (void)world.ask_for<Ok>(user, world.change_of(user, back, anna.login_key));
    refused(user, request, "the first one again, when the old password holds once more");
}

TEST_F(Attack28PasswordChange, AProofIsForOneNewKey) {
    const ChangePassword good = world.change_of(anna_user, anna, fresh);
    ChangePassword request = good;
    request.login_key = evil.public_key();
    refused(anna_user, request, "another key in its place");
    const auto c = world.challenge(anna_user, change, anna.username);
    request = change_password(anna, fresh, c.context, c.proof);
    request.login_key = evil.public_key();
    request.possession = crypto::sign_password_change_possession(evil, c.context, anna.username);
    refused(anna_user, request, "another key, which its owner shows to hold");
}

TEST_F(Attack28PasswordChange, TheNewKeyShowsThatSomebodyHoldsIt) {
    const auto c = world.challenge(anna_user, change, anna.username);
    const ChangePassword good = change_password(anna, fresh, c.context, c.proof);
    ChangePassword request = good;
    request.possession = crypto::Signature(crypto::ByteArray<64>{});
    refused(anna_user, request, "no possession");
    request.possession = good.signature;
    refused(anna_user, request, "the old key's signature for the new one's");
    request.possession =
        crypto::sign_password_change(fresh, c.context, anna.username, fresh.public_key());
    refused(anna_user, request, "the new key's under the label of the old one");
    (void)world.ask_for<Ok>(anna_user, good);
}

TEST_F(Attack28PasswordChange, AnUnlockedDeviceAloneChangesNothing) {
    const auto c = world.challenge(anna_user, change, anna.username);
    ChangePassword request = change_password(anna, evil, c.context, c.proof);
    request.signature = crypto::sign_device_login(anna.dsk, c.context, anna.subject());
    refused(anna_user, request, "the device's signature");
    request.signature = crypto::sign_password_change(crypto::OwnLk::from_seed(anna.dsk.seed()),
                                                     c.context, anna.username, evil.public_key());
    refused(anna_user, request, "the device's key");
    const auto as_device = world.challenge(anna_user, change, anna.subject());
    refused(anna_user, change_password(anna, evil, as_device.context, as_device.proof),
            "a challenge of the device");
}

TEST_F(Attack28PasswordChange, ALoginIsNoChange) {
    const auto c = world.challenge(anna_user, crypto::LoginPurpose::login, anna.username);
    ChangePassword request = change_password(anna, evil, c.context, c.proof);
    refused(anna_user, request, "signed for a login");
    request.signature = crypto::sign_password_login(anna.login_key, c.context, anna.username);
    refused(anna_user, request, "a login's signature");
    auto context = c.context;
    context.purpose = change;
    LoginPassword as_login{.check_only = false,
                           .username = anna.username,
                           .proof = c.proof,
                           .signature = crypto::sign_password_change(
                               anna.login_key, context, anna.username, fresh.public_key())};
    refused(anna_user, as_login, "a change's signature for a login");
}

TEST_F(Attack28PasswordChange, AProofIsForOneNameAndServer) {
    auto c = world.challenge(bob_user, change, anna.username);
    ChangePassword request = change_password(bob, fresh, c.context, c.proof);
    request.username = anna.username;
    refused(bob_user, request, "bob's key for anna");
    c = world.challenge(bob_user, change, bob.username);
    request = change_password(bob, fresh, c.context, c.proof);
    request.username = anna.username;
    refused(bob_user, request, "bob's whole proof under anna's name");
    c = world.challenge(anna_user, change, anna.username);
    auto elsewhere = c.context;
    elsewhere.server = crypto::OwnCurve::generate(world.random).public_key();
    refused(anna_user, change_password(anna, fresh, elsewhere, c.proof),
            "signed for another server");
    elsewhere = c.context;
    elsewhere.client = bob_user;
    refused(anna_user, change_password(anna, fresh, elsewhere, c.proof), "another CURVE key");
    request = change_password(anna, fresh, c.context, c.proof);
    request.proof.mac[0] ^= 1U;
    refused(anna_user, request, "a forged mac");
    (void)world.ask_for<Ok>(anna_user, change_password(anna, fresh, c.context, c.proof));
}

class Attack29PasswordChange : public OnAPassword {};

TEST_F(Attack29PasswordChange, UnknownNamesAndWrongPasswordsAreOneReply) {
    const Person nobody = world.person("nobody");
    Person wrong = anna;
    wrong.login_key = evil;
    const UserId user = world.connect();
    const Bytes for_known = bytes_of(user, world.change_of(user, wrong, fresh));
    EXPECT_EQ(for_known, bytes_of(user, world.change_of(user, nobody, fresh)));
    EXPECT_EQ(for_known, bytes_of(user, world.change_of(user, nobody, nobody.login_key)));
    EXPECT_EQ(for_known, bytes_of(user, world.change_of(user, wrong, evil)));
    EXPECT_EQ(for_known, bytes_of(user, world.password_login_of(user, nobody)));
    // Nor does the work differ: one look-up for each, and nothing written.
    const auto shape = [&](const char* name) {
        auto reply = world.ask_for<Challenge>(user, ChallengeRequest{change, name, Bytes32{}});
        reply.snonce = {};
        reply.mac = {};
        return encode(ReplyFrame{1, reply});
    };
    EXPECT_EQ(shape("anna"), shape("nobody"));
}

class Attack30PasswordChange : public OnAPassword {
protected:
    ErrorCode guess_by_change(const char* name) {
        const UserId eve = world.connect();
        Person wrong = anna;
        wrong.username = name;
        wrong.login_key = evil;
        return world.error_of(eve, world.change_of(eve, wrong, fresh));
    }
};

TEST_F(Attack30PasswordChange, GuessesAreCountedWithThoseOfLogins) {
    for (const char* name : {"anna", "nobody"}) {
        Person wrong = anna;
        wrong.username = name;
        wrong.login_key = evil;
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(guess_by_change(name), ErrorCode::bad_credentials);
            const UserId eve = world.connect();
            EXPECT_EQ(world.error_of(eve, world.password_login_of(eve, wrong)),
                      ErrorCode::bad_credentials);
        }
        EXPECT_EQ(guess_by_change(name), ErrorCode::bad_credentials) << "the fifth";
        EXPECT_EQ(guess_by_change(name), ErrorCode::rate_limited) << name;
        const UserId eve = world.connect();
        EXPECT_EQ(world.error_of(eve, world.password_login_of(eve, wrong)),
                  ErrorCode::rate_limited);
    }
    EXPECT_EQ(world.error_of(anna_user, world.change_of(anna_user, anna, fresh)),
              ErrorCode::rate_limited)
        << "the right one waits too";
    const UserId owner = world.connect();
    world.logged_in(owner, world.device_login_of(owner, anna));
    world.advance(1000);
    (void)world.ask_for<Ok>(owner, world.change_of(owner, anna, fresh));
}

TEST_F(Attack30PasswordChange, AFloodFromOneConnectionEndsSoon) {
    const UserId eve = world.connect();
    std::size_t answered = 0;
    for (int i = 0; i < 100; ++i) {
        const auto request =
            ChangePassword{.username = "name" + std::to_string(i),
                           .login_key = fresh.public_key(),
                           .proof = {},
                           .signature = crypto::Signature(crypto::ByteArray<64>{}),
                           .possession = crypto::Signature(crypto::ByteArray<64>{})};
        if (world.error_of(eve, request) == ErrorCode::bad_credentials) ++answered;
    }
    EXPECT_LE(answered, 10U) << "a connection's logins";
}

}  // namespace
}  // namespace sotto::rendezvous::testing
