// Attacks 28 and 30 to 35 of docs/testing.md against the real program, over the wire.
// (29: rendezvous_enumeration_test.cpp. The same attacks on the logic alone: tests/attack.)
#include "rendezvous/server_folder.hpp"
#include "tests/e2e/rendezvous_clients.hpp"

#include <fstream>

namespace sotto::e2e {
namespace {

using namespace rendezvous;
using namespace rendezvous::testing;

constexpr auto login = crypto::LoginPurpose::login;

ErrorCode refused(RawClient& client, Request request) {
    return client.ask_for<Error>(std::move(request)).code;
}

class OnTheWire : public RealRendezvous {
protected:
    explicit OnTheWire(unsigned limits_factor = 1000)
        : RealRendezvous({.limits_factor = limits_factor}) {}
    Member anna = member("anna");
    Member bob = member("bob");
    // Knows the server, and nothing else.
    std::unique_ptr<RawClient> stranger = client();

    PutMail mail_for_bob(std::uint64_t envelope, const MailboxToken& token) {
        return mail_with_token(bob.person.address(), token, envelope_of(envelope), Bytes(600, 1));
    }
    PutMail request_for(const ops::MailAddress& to, std::uint64_t envelope,
                        std::size_t size = 600) {
        PutMail put =
            mail_with_token(to, id_of<MailboxToken>(1), envelope_of(envelope), Bytes(size, 1));
        put.authority = PutAuthority::request;
        put.token.reset();
        return put;
    }
};

// --- 28: logins --------------------------------------------------------------------------------

class Attack28Login : public OnTheWire {
protected:
    static void expect_refused(RawClient& at, Request request, const char* what) {
        EXPECT_EQ(refused(at, std::move(request)), ErrorCode::bad_credentials) << what;
    }
};

TEST_F(Attack28Login, ASignatureIsForOneConnectionOnce) {
    const auto c = stranger->challenge(login, anna.person.subject());
    const LoginDevice request = device_login(anna.person, c.context, c.proof);
    expect_refused(*client(), request, "another connection");
    (void)stranger->ask_for<LoggedIn>(request);
    expect_refused(*stranger, request, "again");
    const auto p = stranger->challenge(login, anna.person.username);
    const LoginPassword password = password_login(anna.person, p.context, p.proof);
    expect_refused(*client(), password, "a password's on another connection");
    (void)stranger->ask_for<LoggedIn>(password);
    expect_refused(*stranger, password, "a password's again");
}

TEST_F(Attack28Login, ASignatureIsForOneServerPurposeKeyAndSubject) {
    const auto try_with = [&](const char* what, const auto& change) {
        auto c = stranger->challenge(login, anna.person.subject());
        auto proof = c.proof;
        change(c.context, proof);
        expect_refused(*stranger, device_login(anna.person, c.context, proof), what);
    };
    using Context = crypto::LoginContext;
    try_with("another server", [&](Context& claimed, ChallengeProof&) {
        claimed.server = crypto::OwnCurve::generate(random).public_key();
    });
    try_with("another CURVE key",
             [&](Context& claimed, ChallengeProof&) { claimed.client = bob.client->user(); });
    try_with("another purpose", [](Context& claimed, ChallengeProof&) {
        claimed.purpose = crypto::LoginPurpose::register_account;
    });
    try_with("a forged mac", [](Context&, ChallengeProof& proof) { proof.mac[7] ^= 1U; });
    try_with("another time", [](Context& claimed, ChallengeProof& proof) {
        claimed.challenge_ts_ms = proof.ts_ms -= 1000;
    });
    const auto c = stranger->challenge(login, bob.person.subject());
    expect_refused(*stranger, device_login(anna.person, c.context, c.proof), "bob's challenge");
}

// A second server with the same account: what was signed for one is worth nothing at the other.
TEST_F(Attack28Login, ALoginIsNotRelayedToAnotherServer) {
    Rendezvous other(folder.path() / "other", {.limits_factor = 1000});
    other.start();
    const auto between = client();
    const auto c = between->challenge(login, anna.person.subject());
    const LoginDevice request = device_login(anna.person, c.context, c.proof);
    const auto key = ServerFolder(other.folder()).read_key();
    ASSERT_TRUE(key.has_value());
    RawClient there(context, key->public_key(), crypto::OwnCurve::generate(random));
    there.connect(other.endpoint());
    there.join(anna.person);
    expect_refused(there, request, "another server's challenge");
    EXPECT_EQ(other.stop(), 0);
}

// --- 30: floods of logins ----------------------------------------------------------------------

class Attack30LoginFlood : public OnTheWire {
protected:
    Attack30LoginFlood() : OnTheWire(10'000) {}
};

TEST_F(Attack30LoginFlood, TenThousandHellosLeaveMemoryFlat) {
    const auto flood = [this](int from, int count) {
        constexpr int window = 100;
        for (int sent = 0, answered = 0; answered < count; ++answered) {
            for (; sent < count && sent - answered < window; ++sent) {
                (void)stranger->send(
                    ChallengeRequest{login, "name-" + std::to_string(from + sent), {}});
            }
            ASSERT_TRUE(std::holds_alternative<Challenge>(stranger->receive().reply));
        }
    };
    flood(0, 2'000);
    const std::size_t before = resident_bytes(server.process().pid());
    flood(2'000, 10'000);
    EXPECT_LT(resident_bytes(server.process().pid()), before + (4U << 20) + sanitizer_bytes);
}

class Attack30Throttle : public OnTheWire {
protected:
    Attack30Throttle() : OnTheWire(1) {}
};

TEST_F(Attack30Throttle, TheOwnerGetsInByDeviceWhileThePasswordIsThrottled) {
    ErrorCode last{};
    for (int i = 0; i < 6; ++i) {
        const auto c = stranger->challenge(login, anna.person.username);
        LoginPassword wrong = password_login(anna.person, c.context, c.proof);
        wrong.signature = crypto::Signature(crypto::ByteArray<64>{});
        last = refused(*stranger, wrong);
    }
    EXPECT_EQ(last, ErrorCode::rate_limited);
    const auto owner = client();
    const auto c = owner->challenge(login, anna.person.username);
    EXPECT_EQ(refused(*owner, password_login(anna.person, c.context, c.proof)),
              ErrorCode::rate_limited);
    EXPECT_EQ(owner->log_in(anna.person).kind, SessionKind::device);
}

// --- 31: identities ----------------------------------------------------------------------------

class Attack31Identity : public OnTheWire {};

TEST_F(Attack31Identity, NoPlaintextAndNoPasswordEndpoint) {
    const auto knock = [this](zmq::socket_t& socket) {
        socket.set(zmq::sockopt::linger, 0);
        EventWatch watch(context, socket, refused_events | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        socket.connect(server.endpoint());
        return watch.wait();
    };
    zmq::socket_t null(context, zmq::socket_type::dealer);
    EXPECT_NE(knock(null), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    zmq::socket_t plain(context, zmq::socket_type::dealer);
    plain.set(zmq::sockopt::plain_username, "anna");
    plain.set(zmq::sockopt::plain_password, "anna");
    EXPECT_NE(knock(plain), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    RawClient wrong_key(context, crypto::OwnCurve::generate(random).public_key(),
                        crypto::OwnCurve::generate(random));
    EXPECT_NE(knock(wrong_key.socket()), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    expect_serves();
}

// Sessions hang on keys: a stranger has none, whatever it says, and hears nothing.
TEST_F(Attack31Identity, AnotherConnectionHasNoSession) {
    const auto thief = unconnected_client();
    thief->socket().set(zmq::sockopt::routing_id, "anna");
    thief->connect(server.endpoint());
    EXPECT_EQ(refused(*thief, Ping{}), ErrorCode::unknown_session);
    EXPECT_EQ(refused(*thief, AckMail{{1}}), ErrorCode::unknown_session);
    expect_mail_arrives(anna, 1);
    EXPECT_FALSE(thief->receive_within(0).has_value());
}

// --- 32: a session that was opened by password -------------------------------------------------

class Attack32PasswordOnly : public OnTheWire {};

TEST_F(Attack32PasswordOnly, ReadsNoMailAndChangesNothing) {
    (void)bob.client->ask_for<Ok>(Logout{});
    (void)stranger->ask_for<Accepted>(mail_for_bob(1, bob.token));
    const auto thief = client();
    const auto c = thief->challenge(login, bob.person.username);
    EXPECT_EQ(thief->ask_for<LoggedIn>(password_login(bob.person, c.context, c.proof)).kind,
              SessionKind::password_only);
    for (const Request& request :
         std::vector<Request>{AckMail{{1}}, PublishPrekeys{Bytes(10, 1), {}},
                              PublishDeviceList{{to_bytes(bob.person.cert.encoded())},
                                                to_bytes(bob.person.list.encoded())},
                              SetMailboxToken{id_of<MailboxTokenHash>(1), true},
                              SetListing{false, Visibility::nobody}, Watch{true, {}},
                              LookUp{"anna"}, request_for(anna.person.address(), 9)}) {
        EXPECT_EQ(refused(*thief, request), ErrorCode::not_allowed) << request.index();
    }
    EXPECT_FALSE(thief->receive_within(0).has_value()) << "no mail";
    EXPECT_EQ(bob.client->log_in(bob.person).mail_waiting, 1);
}

// --- 33: what a stolen database tells ----------------------------------------------------------

class Attack33Dump : public OnTheWire {};

TEST_F(Attack33Dump, NoSecretsNoSendersNoAddresses) {
    // The sender's account is in its own row and in no item; so the item is put by an account that
    // does nothing else, and everything it could be known by is looked for.
    (void)bob.client->ask_for<Ok>(Logout{});
    Bytes item(600, 0xA5);
    const auto anonymous = client();
    (void)anonymous->ask_for<Accepted>(
        mail_with_token(bob.person.address(), bob.token, envelope_of(1), item));
    ASSERT_EQ(server.stop(), 0);
    std::string dump;
    for (const auto& file : std::filesystem::recursive_directory_iterator(server.folder())) {
        if (!file.is_regular_file() || file.path().filename() == "server.key" ||
            file.path().filename() == "rendezvous.toml") {
            continue;
        }
        std::ifstream in(file.path(), std::ios::binary);
        dump.append(std::istreambuf_iterator<char>(in), {});
    }
    const auto count = [&dump](ByteView bytes) {
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        std::size_t found = 0;
        for (std::size_t at = dump.find(text); at != std::string::npos;
             at = dump.find(text, at + 1))
            ++found;
        return found;
    };
    ASSERT_GT(count(item), 0U) << "the search finds what is there";
    ASSERT_GT(count(bob.person.login_key.public_key().view()), 0U);
    EXPECT_EQ(count(bob.token.view()), 0U) << "the token, of which only a hash is kept";
    EXPECT_EQ(count(anna.token.view()), 0U);
    for (const RawClient* each : {anna.client.get(), bob.client.get(), anonymous.get()})
        EXPECT_EQ(count(each->user().view()), 0U) << "a connection's key";
    EXPECT_EQ(dump.find("127.0.0.1"), std::string::npos) << "an address";
    // anna wrote nobody: her account stands in her own rows only (account and name index).
    const std::size_t own_rows = count(bob.person.account().view());
    EXPECT_EQ(count(anna.person.account().view()), own_rows) << "no trace of who wrote to whom";
    server.start();
}

// --- 34: mailboxes -----------------------------------------------------------------------------

class Attack34Mailbox : public OnTheWire {};

TEST_F(Attack34Mailbox, WrongOldAndBlockedTokens) {
    EXPECT_EQ(refused(*stranger, mail_for_bob(1, id_of<MailboxToken>(9))), ErrorCode::not_allowed);
    const auto second = id_of<MailboxToken>(6);
    bob.client->give_token(second);
    (void)stranger->ask_for<Accepted>(mail_for_bob(2, bob.token));  // the previous one
    const auto third = id_of<MailboxToken>(7);
    (void)bob.client->ask_for<Ok>(SetMailboxToken{token_hash(third), true});
    EXPECT_EQ(refused(*stranger, mail_for_bob(3, second)), ErrorCode::not_allowed);
    EXPECT_EQ(refused(*stranger, mail_for_bob(4, bob.token)), ErrorCode::not_allowed);
    (void)stranger->ask_for<Accepted>(mail_for_bob(5, third));
}

TEST_F(Attack34Mailbox, ReplayedMisaddressedAndOversizedItems) {
    (void)stranger->ask_for<Accepted>(mail_for_bob(1, bob.token));
    (void)stranger->ask_for<Accepted>(mail_for_bob(1, bob.token));
    const Mail mail = bob.client->next_push<Mail>();
    (void)bob.client->ask_for<Ok>(AckMail{{mail.row}});
    PutMail misaddressed = mail_for_bob(2, bob.token);
    misaddressed.device = anna.person.device();
    EXPECT_EQ(refused(*stranger, misaddressed), ErrorCode::not_found);
    EXPECT_FALSE(bob.client->receive_within(0).has_value()) << "once, and nobody else's";
    PutMail large = mail_for_bob(3, bob.token);
    large.item.resize(max_item_bytes);
    (void)stranger->ask_for<Accepted>(large);
    EXPECT_EQ(bob.client->next_push<Mail>().item.size(), max_item_bytes);
    large.item.resize(max_item_bytes + 1);
    large.envelope = envelope_of(4);
    stranger->send_bytes(encode(RequestFrame{77, large}));
    EXPECT_TRUE(std::holds_alternative<Error>(stranger->receive().reply));
    EXPECT_FALSE(bob.client->receive_within(0).has_value());
}

TEST_F(Attack34Mailbox, TheQuotaIsSaidAndEndsWithTheFirstAcknowledgement) {
    (void)bob.client->ask_for<Ok>(Logout{});
    constexpr std::uint64_t window = 200;
    std::uint64_t full = 0;
    std::uint64_t sent = 0;
    for (std::uint64_t answered = 0; answered < max_mailbox_items + 10; ++answered) {
        for (; sent < max_mailbox_items + 10 && sent - answered < window; ++sent)
            (void)stranger->send(mail_for_bob(sent, bob.token));
        const ReplyFrame reply = stranger->receive();
        if (const auto* error = std::get_if<Error>(&reply.reply)) {
            EXPECT_EQ(error->code, ErrorCode::quota_full);
            ++full;
        }
    }
    EXPECT_EQ(full, 10U);
    EXPECT_EQ(bob.client->log_in(bob.person).mail_waiting, max_mailbox_items);
    const Mail first = bob.client->next_push<Mail>();
    (void)bob.client->ask_for<Ok>(AckMail{{first.row}});
    (void)stranger->ask_for<Accepted>(mail_for_bob(sent, bob.token));
}

TEST_F(Attack34Mailbox, AStrangersRequestToNobodyIsAnsweredLikeAnyOther) {
    const Person nobody = person("nobody");
    const auto to_bob =
        encode(ReplyFrame{1, anna.client->ask(request_for(bob.person.address(), 1))});
    const auto to_nobody =
        encode(ReplyFrame{1, anna.client->ask(request_for(nobody.address(), 2))});
    EXPECT_EQ(to_bob, to_nobody);
}

// --- 35: strangers -----------------------------------------------------------------------------

class Attack35Stranger : public OnTheWire {};

TEST_F(Attack35Stranger, OneSmallRequestAndNothingElse) {
    const auto bobs = bob.person.address();
    EXPECT_EQ(refused(*stranger, request_for(bobs, 1)), ErrorCode::unknown_session);
    EXPECT_EQ(refused(*anna.client, request_for(bobs, 1, max_request_item_bytes + 1)),
              ErrorCode::too_large);
    (void)anna.client->ask_for<Accepted>(request_for(bobs, 2));
    (void)anna.client->ask_for<Accepted>(request_for(bobs, 3));  // swallowed
    PutMail typing = request_for(bobs, 4);
    typing.stored = false;
    EXPECT_EQ(refused(*anna.client, typing), ErrorCode::not_allowed);
    (void)bob.client->next_push<Mail>();
    EXPECT_FALSE(bob.client->receive_within(0).has_value());
}

TEST_F(Attack35Stranger, NoPresenceNoOneTimeKeysAndNoAddress) {
    (void)bob.client->ask_for<Ok>(PublishPrekeys{Bytes(287, 1), {{1, Bytes(166, 9)}}});
    (void)bob.client->ask_for<Ok>(SetListing{false, Visibility::contacts});
    for (const auto& token : {std::optional<MailboxToken>(), std::optional(anna.token)}) {
        const Reply reply = anna.client->ask(FetchBundle{bob.person.account(), true, token});
        const auto* bundle = std::get_if<Bundle>(&reply);
        EXPECT_TRUE(bundle == nullptr || bundle->devices.at(0).one_time.empty());
        (void)anna.client->ask_for<Ok>(Watch{true, {{bob.person.account(), token}}});
    }
    EXPECT_EQ(refused(*anna.client, LookUp{"bob"}), ErrorCode::not_found);
    // bob comes and goes; with the right token anna hears of it, as the last word shows.
    (void)bob.client->ask_for<Ok>(Logout{});
    (void)bob.client->log_in(bob.person);
    (void)anna.client->ask_for<Ok>(Watch{true, {{bob.person.account(), bob.token}}});
    const Presence presence = anna.client->next_push<Presence>();
    EXPECT_TRUE(presence.entries.at(0).online) << "the first she hears of him";
}

}  // namespace
}  // namespace sotto::e2e
