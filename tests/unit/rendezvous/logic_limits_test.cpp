// Every limited thing ends with "rate limited" and a time after which it works again, in each scope
// that docs/protocol-rendezvous.md names for it.
#include "logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

enum Scope : std::uint8_t { c = 1, a = 2, p = 4, s = 8 };  // connection, account, prefix, server

struct Limited {
    const char* what;
    Action action;
    int scopes;
};
// The table of docs/protocol-rendezvous.md.
constexpr std::array limited{
    Limited{"any frame", Action::frame, c | p},
    Limited{"challenges", Action::challenge, c | p | s},
    Limited{"logins", Action::login, c | p | s},
    Limited{"registrations", Action::registration, c | p | s},
    Limited{"look-ups and pages", Action::look_up, c | a | p | s},
    Limited{"bundles", Action::fetch_bundle, c | a | p | s},
    Limited{"one-time prekeys", Action::take_prekey, a},
    Limited{"mail", Action::put_mail, c | p},
    Limited{"publishing, settings, watching", Action::publish, c | a | p | s},
    Limited{"rows that were not sent", Action::acknowledge, a | p},
};
static_assert(limited.size() == action_count);

// Tokens one scope gives at one instant; 0 = it does not limit. The scopes not asked for are new
// each time, as if many took part.
std::uint32_t tokens_at_once(Action action, Scope scope) {
    Limits limits(default_rates(1));
    Buckets connection;
    Buckets account;
    for (std::uint32_t count = 0; count < 100'000; ++count) {
        Buckets new_connection;
        Buckets new_account;
        AddressPrefix prefix{192, 0, 2};
        if (scope != p) {
            for (std::size_t i = 0; i < 4; ++i)
                prefix[4 + i] = static_cast<std::uint8_t>(count >> (8 * i));
        }
        const auto wait =
            limits.refuse(action, 1, 1'000'000, scope == c ? connection : new_connection,
                          scope == a ? &account : &new_account, prefix);
        if (wait) return count;
    }
    return 0;
}

TEST(limits, hold_in_every_scope_the_protocol_names_and_in_no_other) {
    for (const Limited& each : limited) {
        for (const Scope scope : {c, a, p}) {
            // Where the server as a whole is the narrowest it is what ends this loop, too.
            const bool named = (each.scopes & scope) != 0;
            const auto count = tokens_at_once(each.action, scope);
            const auto whole = tokens_at_once(each.action, s);
            EXPECT_EQ(named, count > 0 && (whole == 0 || count < whole))
                << each.what << " in scope " << int{scope} << ": " << count << " of " << whole;
        }
        EXPECT_EQ((each.scopes & s) != 0, tokens_at_once(each.action, s) > 0) << each.what;
    }
}

TEST(limits, what_is_refused_works_after_the_time_it_said) {
    for (const Limited& each : limited) {
        Limits limits(default_rates(1));
        Buckets connection;
        Buckets account;
        const AddressPrefix prefix{192, 0, 2};
        std::uint64_t now_ms = 1'000'000;
        std::optional<std::uint32_t> wait;
        for (int i = 0; i < 100'000 && !wait; ++i)
            wait = limits.refuse(each.action, 1, now_ms, connection, &account, prefix);
        ASSERT_TRUE(wait.has_value()) << each.what;
        EXPECT_GT(*wait, 0U) << each.what;
        EXPECT_LE(*wait, 86'400'000U) << each.what;
        now_ms += *wait;
        EXPECT_FALSE(limits.refuse(each.action, 1, now_ms, connection, &account, prefix))
            << each.what;
    }
}

class limits_of_requests : public ::testing::Test {
protected:
    World world;
    Person anna = world.person("anna");
    UserId user = world.join(anna);

    // Repeats it until it is refused; what it was refused with.
    Error flood(const std::function<Request()>& make) {
        for (int i = 0; i < 5'000; ++i) {
            const Reply reply = world.ask(user, make());
            const auto* error = std::get_if<Error>(&reply);
            if (error != nullptr && error->code == ErrorCode::rate_limited) return *error;
        }
        ADD_FAILURE() << "never refused";
        return {};
    }
};

TEST_F(limits_of_requests, every_kind_is_refused_in_the_end_and_counted) {
    const auto token = world.give_token(user, 3);
    const crypto::Signature signature(crypto::ByteArray<64>{});
    std::uint8_t request = 0;
    const std::vector<std::pair<const char*, std::function<Request()>>> kinds{
        {"look-up", [] { return LookUp{"bob"}; }},
        {"page",
         [] {
             return DirectoryPage{"b", "", 10};
         }},
        {"bundle",
         [&] {
             return FetchBundle{anna.account(), false, std::nullopt};
         }},
        {"watch",
         [] {
             return Watch{true, {}};
         }},
        {"listing",
         [] {
             return SetListing{true, Visibility::members};
         }},
        {"token",
         [&] {
             return SetMailboxToken{hash_of(token), false};
         }},
        {"prekeys",
         [] {
             return PublishPrekeys{filled(10, 1), {}};
         }},
        {"device list",
         [] {
             return PublishDeviceList{{filled(10, 1)}, filled(10, 1)};
         }},
        {"contact request",
         [&] {
             PutMail put = mail_to(anna, token, ++request);
             put.account = AccountId(Bytes32{});
             put.authority = PutAuthority::request;
             put.token.reset();
             return put;
         }},
        {"typing",
         [&] {
             PutMail put = mail_to(anna, token, 1);
             put.stored = false;
             return put;
         }},
        {"challenge",
         [] {
             return ChallengeRequest{crypto::LoginPurpose::login, "anna", Bytes32{}};
         }},
        {"device login",
         [&] {
             return LoginDevice{anna.account(), anna.device(), {}, signature};
         }},
        {"password",
         [&] {
             return LoginPassword{false, "anna", {}, signature};
         }},
        {"registration",
         [&] {
             return Register{"new",         filled(10, 1),
                             filled(10, 1), crypto::LkPublic(Bytes32{}),
                             true,          Visibility::members,
                             std::nullopt,  {},
                             signature,     signature};
         }},
        {"frames", [] { return Ping{}; }},
    };
    std::uint64_t counted = 0;
    const auto total = [this] {
        return world.logic().counters().refused.at(
            static_cast<std::size_t>(ErrorCode::rate_limited));
    };
    for (const auto& [name, make] : kinds) {
        SCOPED_TRACE(name);
        const Error error = flood(make);
        EXPECT_EQ(error.code, ErrorCode::rate_limited);
        EXPECT_GT(error.retry_after_ms, 0U);
        EXPECT_GT(total(), counted);
        counted = total();
        // Nothing that stays between the kinds: the flood of frames would refuse the next one.
        world.advance(60'000);
        user = world.log_in(anna);
    }
}

}  // namespace
}  // namespace sotto::rendezvous::testing
