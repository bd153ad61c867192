// What the operator's commands are made of: the command line, the doctor's judgements, the desk.
#include "rendezvous/admin_desk.hpp"
#include "rendezvous/cli.hpp"
#include "rendezvous/doctor.hpp"
#include "rendezvous/memory_store.hpp"
#include "rendezvous/metrics.hpp"
#include "rendezvous/operations.hpp"
#include "store_fixtures.hpp"

namespace sotto::rendezvous::testing {
namespace {

// --- the doctor --------------------------------------------------------------------------------

TEST(doctor, kinds_of_addresses) {
    for (const auto& [text, kind] :
         std::vector<std::pair<const char*, AddressKind>>{{"127.0.0.1", AddressKind::loopback},
                                                          {"::1", AddressKind::loopback},
                                                          {"169.254.3.4", AddressKind::link_local},
                                                          {"fe80::1", AddressKind::link_local},
                                                          {"10.0.0.1", AddressKind::home},
                                                          {"172.16.0.1", AddressKind::home},
                                                          {"172.31.255.255", AddressKind::home},
                                                          {"172.32.0.1", AddressKind::global},
                                                          {"192.168.1.1", AddressKind::home},
                                                          {"fd00::1", AddressKind::home},
                                                          {"100.63.0.1", AddressKind::global},
                                                          {"100.64.0.1", AddressKind::carrier_nat},
                                                          {"100.127.0.1", AddressKind::carrier_nat},
                                                          {"100.128.0.1", AddressKind::global},
                                                          {"192.0.2.1", AddressKind::global},
                                                          {"2001:db8::1", AddressKind::global},
                                                          {"0.0.0.0", AddressKind::link_local},
                                                          {"::", AddressKind::link_local},
                                                          {"nonsense", AddressKind::link_local}}) {
        EXPECT_EQ(kind_of(text), kind) << text;
    }
}

TEST(doctor, tells_what_can_be_reached_from_where) {
    Config config;
    config.listen = {"*", 7313};
    EXPECT_EQ(judge_addresses({"127.0.0.1", "192.168.1.2", "2001:db8::1"}, config).grade,
              Grade::ok);
    EXPECT_EQ(judge_addresses({"127.0.0.1", "192.168.1.2"}, config).grade, Grade::note);
    EXPECT_NE(judge_addresses({"192.168.1.2"}, config).advice.find("7313"), std::string::npos);
    EXPECT_EQ(judge_addresses({"127.0.0.1", "100.64.0.9"}, config).grade, Grade::warning);
    EXPECT_EQ(judge_addresses({"127.0.0.1", "::1"}, config).grade, Grade::warning);
    config.listen.host = "127.0.0.1";
    EXPECT_EQ(judge_addresses({"2001:db8::1"}, config).grade, Grade::note);
}

TEST(doctor, judges_limits) {
    EXPECT_EQ(judge_descriptors(40'000, LimitOf::server, 20'000).grade, Grade::ok);
    EXPECT_EQ(judge_descriptors(39'999, LimitOf::unit, 20'000).grade, Grade::warning);
    const Finding shell = judge_descriptors(39'999, LimitOf::shell, 20'000);
    EXPECT_NE(shell.text.find("in this shell"), std::string::npos);
    EXPECT_NE(shell.advice.find("ulimit -Hn 40000"), std::string::npos);
    constexpr std::uint64_t gib = 1ULL << 30U;
    EXPECT_EQ(judge_disk(20 * gib, 40 * gib).grade, Grade::ok);
    EXPECT_EQ(judge_disk(gib - 1, 40 * gib).grade, Grade::warning);
    EXPECT_EQ(judge_disk(19 * gib, 1000 * gib).grade, Grade::warning);
    EXPECT_EQ(judge_disk(1000, 40 * gib).grade, Grade::error);
    EXPECT_EQ(judge_memory(3 * gib, 20'000).grade, Grade::ok);
    EXPECT_EQ(judge_memory(gib, 20'000).grade, Grade::warning);
    EXPECT_EQ(judge_libzmq(4, 3, 4, true).grade, Grade::ok);
    EXPECT_EQ(judge_libzmq(4, 3, 1, true).grade, Grade::error);
    EXPECT_EQ(judge_libzmq(4, 3, 4, false).grade, Grade::error);
    constexpr std::uint64_t now_s = 1'800'000'000;
    EXPECT_EQ(judge_clock(now_s, now_s - 5, true).grade, Grade::ok);
    EXPECT_EQ(judge_clock(now_s, now_s - 5, false).grade, Grade::warning);
    EXPECT_EQ(judge_clock(now_s, now_s + 3600, true).grade, Grade::error);
    EXPECT_EQ(judge_clock(1000, 0, true).grade, Grade::error);
}

TEST(doctor, reads_the_limit_of_a_unit) {
    EXPECT_FALSE(limit_in_unit({}).has_value());
    EXPECT_FALSE(limit_in_unit({"[Service]\n#LimitNOFILE=5\nLimitCORE=0\n"}).has_value());
    EXPECT_EQ(limit_in_unit({"[Service]\nLimitNOFILE=65536\n"}), 65'536U);
    EXPECT_EQ(limit_in_unit({"LimitNOFILE=65536\n", "[Service]\nLimitNOFILE=1024:4096"}), 4096U)
        << "a drop-in";
    EXPECT_GT(limit_in_unit({"LimitNOFILE=infinity"}).value(), 1U << 31U);
    EXPECT_EQ(limit_in_unit({"LimitNOFILE=7\nLimitNOFILE=many\n"}), 7U);
}

TEST(doctor, every_bad_finding_says_what_to_do) {
    const Config config;
    for (const Finding& finding :
         {judge_addresses({}, config), judge_addresses({"10.0.0.1"}, config),
          judge_descriptors(100, LimitOf::server, 20'000), judge_disk(0, 1),
          judge_clock(0, 0, false), judge_libzmq(4, 1, 0, false), judge_memory(0, 100)}) {
        EXPECT_NE(finding.grade, Grade::ok) << finding.check;
        EXPECT_FALSE(finding.advice.empty()) << finding.check;
    }
}

TEST(metrics, are_for_loopback_only) {
    EXPECT_TRUE(is_loopback({"127.0.0.1", 9313}));
    EXPECT_TRUE(is_loopback({"::1", 9313}));
    EXPECT_TRUE(is_loopback({"localhost", 9313}));
    EXPECT_FALSE(is_loopback({"*", 9313}));
    EXPECT_FALSE(is_loopback({"0.0.0.0", 9313}));
    EXPECT_FALSE(is_loopback({"192.0.2.1", 9313}));
    EXPECT_FALSE(start_metrics({"0.0.0.0", 9313}).has_value());
}

// --- the desk ----------------------------------------------------------------------------------

class admin_desk : public ::testing::Test {
protected:
    crypto::SeededRandom random{5};
    MemoryStore store;
    AdminDesk desk{"sotto://h:1/K", random};

    Json ask(const Json& request, const ServerFigures* figures = nullptr) {
        return ask_text(request.dump(), figures);
    }
    Json ask_text(const std::string& text, const ServerFigures* figures = nullptr) {
        auto begun = desk.begin(text, start_ms, figures);
        if (Json* refused = std::get_if<Json>(&begun)) return *refused;
        auto& job = std::get<AdminJob>(begun);
        std::vector<StoreRequest> requests(1);
        requests[0].batch = std::move(job.batch);
        store.submit(std::move(requests));
        const auto done = collect_all(store, 1);
        closed = AdminDesk::closed_by(job, done.front());
        return AdminDesk::finish(job, done.front());
    }
    std::optional<AccountId> closed;
};

TEST_F(admin_desk, an_invite_is_shown_once_and_kept_as_a_hash) {
    const Json made =
        ask({{"do", "invite create"}, {"uses", 2}, {"lifetime_s", 60}, {"note", "x"}});
    ASSERT_TRUE(made.at("ok"));
    const std::string link = made.at("link");
    const std::string start = "sotto://h:1/K?invite=";
    ASSERT_TRUE(link.starts_with(start)) << link;
    const auto token = crypto::from_base64url(link.substr(start.size()));
    ASSERT_TRUE(token.has_value());
    EXPECT_EQ(token->size(), InviteToken::size);
    EXPECT_EQ(made.at("not_after_ms"), start_ms + 60'000);

    const Json list = ask({{"do", "invite list"}});
    ASSERT_EQ(list.at("invites").size(), 1U);
    EXPECT_EQ(list["invites"][0].at("id"), made.at("id"));
    EXPECT_EQ(list.dump().find(link.substr(start.size())), std::string::npos);

    auto account = create_account(1, "anna");
    account.invite_required = true;
    account.invite = ops::InviteHash(crypto::hash(crypto::label::invite_token, {*token}));
    EXPECT_EQ(run<ops::CreateResult>(store, account), ops::CreateResult::created);
    EXPECT_EQ(ask({{"do", "invite list"}})["invites"][0].at("uses_left"), 1);
    EXPECT_TRUE(ask({{"do", "invite revoke"}, {"id", made.at("id")}}).at("ok"));
    EXPECT_FALSE(ask({{"do", "invite revoke"}, {"id", made.at("id")}}).at("ok"));
}

TEST_F(admin_desk, members) {
    (void)run<ops::CreateResult>(store, create_account(1, "anna"));
    (void)run<ops::CreateResult>(store, create_account(2, "bob"));
    const Json list = ask({{"do", "user list"}, {"limit", 1}});
    EXPECT_EQ(list["users"].size(), 1U);
    EXPECT_TRUE(list.at("more"));
    EXPECT_FALSE(closed.has_value());
    EXPECT_TRUE(ask({{"do", "user disable"}, {"name", "bob"}}).at("ok"));
    EXPECT_EQ(closed, id<AccountId>(2));
    EXPECT_TRUE(ask({{"do", "user show"}, {"name", "bob"}})["user"].at("disabled"));
    EXPECT_TRUE(ask({{"do", "user enable"}, {"name", "bob"}}).at("ok"));
    EXPECT_FALSE(closed.has_value());
    EXPECT_TRUE(ask({{"do", "user remove"}, {"name", "bob"}}).at("ok"));
    EXPECT_EQ(closed, id<AccountId>(2));
    EXPECT_FALSE(ask({{"do", "user show"}, {"name", "bob"}}).at("ok"));
    EXPECT_FALSE(ask({{"do", "user remove"}, {"name", "bob"}}).at("ok"));
}

TEST_F(admin_desk, statistics_with_and_without_a_server) {
    EXPECT_FALSE(ask({{"do", "stats"}}).at("running"));
    ServerFigures figures;
    figures.logic.refused[static_cast<std::size_t>(ErrorCode::rate_limited)] = 7;
    const Json stats = ask({{"do", "stats"}}, &figures);
    EXPECT_TRUE(stats.at("running"));
    EXPECT_EQ(stats["server"]["refused"].at("rate limited"), 7);
    EXPECT_EQ(stats["members"].at("accounts"), 0);
}

TEST_F(admin_desk, refuses_what_it_does_not_know) {
    for (const std::string text :
         {"", "{", "[]", "null", "{}", R"({"do":5})", R"({"do":"nonsense"})",
          R"({"do":"invite create"})", R"({"do":"invite create","uses":0,"lifetime_s":1})",
          R"({"do":"invite create","uses":-1,"lifetime_s":1})",
          R"({"do":"invite create","uses":1.5,"lifetime_s":1})",
          R"({"do":"invite create","uses":1,"lifetime_s":99999999999})",
          R"({"do":"invite create","uses":1,"lifetime_s":1,"note":"\u001b[2J"})",
          R"({"do":"invite revoke","id":"zz"})", R"({"do":"invite revoke","id":"0011"})",
          R"({"do":"user list","limit":1001})", R"({"do":"user show"})",
          R"({"do":"user show","name":["anna"]})"}) {
        const Json reply = ask_text(text);
        EXPECT_FALSE(reply.at("ok")) << text;
        EXPECT_FALSE(reply.at("error").get<std::string>().empty()) << text;
    }
    EXPECT_FALSE(ask_text(std::string(admin_request_max_bytes + 1, ' ')).at("ok"));
    EXPECT_FALSE(ask_text(std::string(4000, '[')).at("ok")) << "depth is no danger";
    EXPECT_TRUE(ask({{"do", "invite list"}})["invites"].empty()) << "nothing of it was done";
}

TEST_F(admin_desk, a_full_disk_is_said) {
    store.set_disk_full(true);
    const Json reply = ask({{"do", "invite create"}, {"uses", 1}, {"lifetime_s", 60}});
    EXPECT_FALSE(reply.at("ok"));
    EXPECT_EQ(reply.at("error"), "disk full");
    (void)run<ops::MemberPage>(store, ops::ListMembers{});
}

// --- the command line --------------------------------------------------------------------------

std::variant<Command, int> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "sotto-rendezvous");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "1");
}

TEST(command_line, lifetimes) {
    EXPECT_EQ(parse_lifetime("90s"), 90U);
    EXPECT_EQ(parse_lifetime("30m"), 1800U);
    EXPECT_EQ(parse_lifetime("12h"), 43'200U);
    EXPECT_EQ(parse_lifetime("7d"), 604'800U);
    EXPECT_EQ(parse_lifetime("4w"), 2'419'200U);
    for (const char* bad : {"", "7", "d", "7x", "-1d", "7dd", "0d", "367d", "99999999999999999w"}) {
        EXPECT_EQ(parse_lifetime(bad), 0U) << bad;
    }
}

TEST(command_line, commands_become_values) {
    const auto create =
        parse({"invite", "create", "--uses", "5", "--expires", "2d", "--dir", "/x"});
    const auto& invite = std::get<InviteCreateOptions>(std::get<Command>(create));
    EXPECT_EQ(invite.uses, 5U);
    EXPECT_EQ(invite.lifetime_s, 172'800U);
    EXPECT_EQ(invite.folder, "/x");
    const auto remove = parse({"user", "remove", "bob", "--yes"});
    const auto& change = std::get<UserChangeOptions>(std::get<Command>(remove));
    EXPECT_EQ(change.change, UserChangeOptions::Change::remove);
    EXPECT_EQ(change.name, "bob");
    EXPECT_TRUE(change.yes);
    EXPECT_TRUE(std::get<InitOptions>(std::get<Command>(parse({"init", "--open"}))).open);
    EXPECT_TRUE(
        std::get<InitOptions>(std::get<Command>(parse({"init", "--community", "open"}))).open);
    for (const auto& bad :
         std::vector<std::vector<const char*>>{{},
                                               {"nonsense"},
                                               {"invite"},
                                               {"user", "remove"},
                                               {"invite", "create", "--uses", "0"},
                                               {"backup"},
                                               {"init", "--community", "shut"}}) {
        EXPECT_EQ(std::get<int>(parse(bad)), exit_usage);
    }
}

TEST(service_log, four_fifths_of_the_descriptors_are_an_alarm) {
    EXPECT_FALSE(short_of_descriptors(799, 1000));
    EXPECT_TRUE(short_of_descriptors(800, 1000));
    EXPECT_FALSE(short_of_descriptors(0, 65'536));
}

}  // namespace
}  // namespace sotto::rendezvous::testing
