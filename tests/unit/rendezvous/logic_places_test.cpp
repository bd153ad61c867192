// Whose connections may stay: members find a place, however many strangers hold one.
#include "logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

constexpr AddressPrefix here{192, 0, 2};
constexpr AddressPrefix there{198, 51, 100};

TEST(crowd, the_oldest_of_the_largest_group_goes_first) {
    Crowd<int> crowd;
    EXPECT_FALSE(crowd.first_to_go().has_value());
    crowd.add(1, there);
    EXPECT_EQ(crowd.first_to_go(), std::optional(1));
    crowd.add(2, here);
    crowd.add(3, here);
    crowd.add(2, here);  // keeps its place
    EXPECT_EQ(crowd.size(), 3U);
    EXPECT_EQ(crowd.size_of(here), 2U);
    EXPECT_EQ(crowd.first_to_go(), std::optional(2));
    crowd.remove(2);
    crowd.remove(2);
    crowd.add(4, std::nullopt);
    crowd.add(5, std::nullopt);
    EXPECT_EQ(crowd.first_to_go(), std::optional(4)) << "this machine is a place like others";
    crowd.remove(5);
    EXPECT_EQ(crowd.first_to_go(), std::optional(1)) << "of three groups of one the oldest";
    EXPECT_EQ(crowd.oldest_of(here), std::optional(3));
    EXPECT_FALSE(crowd.oldest_of(AddressPrefix{}).has_value());
    for (const int each : {1, 3, 4})
        crowd.remove(each);
    EXPECT_EQ(crowd.size(), 0U);
    EXPECT_FALSE(crowd.first_to_go().has_value());
}

TEST(crowd, a_newcomer_has_a_grace_that_ends) {
    Crowd<int> crowd;
    crowd.add(1, there);
    crowd.add_newcomer(2, here, 1000);
    crowd.add_newcomer(3, here, 1001);
    crowd.settle_newcomers(10'999, 2);
    EXPECT_EQ(crowd.size_of(here), 2U);
    EXPECT_EQ(crowd.first_to_go(), std::optional(1)) << "here is no large site yet";
    crowd.settle_newcomers(11'001, 2);
    EXPECT_EQ(crowd.first_to_go(), std::optional(2)) << "now it is one";
    crowd.add_newcomer(4, here, 11'001);
    crowd.add_newcomer(5, there, 11'001);
    crowd.add_newcomer(6, there, 11'001);
    crowd.settle_newcomers(11'002, 2);
    EXPECT_EQ(crowd.first_to_go(), std::optional(2))
        << "three of here, the oldest of the newcomers";
    for (const int each : {1, 2, 3, 4})
        crowd.remove(each);
    EXPECT_EQ(crowd.first_to_go(), std::optional(5)) << "where there are no others";
    crowd.remove(5);
    crowd.remove(6);
    EXPECT_FALSE(crowd.first_to_go().has_value());
}

// Against a list that is searched from end to end, over 20,000 random steps.
TEST(crowd, is_what_a_slow_list_says) {
    Crowd<int> crowd;
    std::vector<std::pair<int, AddressPrefix>> list;  // oldest first
    crypto::SeededRandom random(7);
    for (int step = 0; step < 20'000; ++step) {
        const auto dice = random.array<2>();
        const int id = dice[0] % 64;
        const auto known = std::find_if(list.begin(), list.end(),
                                        [id](const auto& each) { return each.first == id; });
        if (dice[1] % 5 < 2) {
            crowd.remove(id);
            if (known != list.end()) list.erase(known);
        } else {
            const AddressPrefix from{static_cast<std::uint8_t>(dice[1] % 7)};
            crowd.add(id, from);
            if (known == list.end()) list.emplace_back(id, from);
        }
        ASSERT_EQ(crowd.size(), list.size());
        std::map<AddressPrefix, std::size_t> sizes;
        for (const auto& [each, from] : list)
            ++sizes[from];
        std::size_t largest = 0;
        for (const auto& [from, size] : sizes)
            largest = std::max(largest, size);
        const auto first = crowd.first_to_go();
        ASSERT_EQ(first.has_value(), !list.empty());
        if (!first) continue;
        const auto oldest = std::find_if(list.begin(), list.end(), [&](const auto& each) {
            return sizes.at(each.second) == largest;
        });
        ASSERT_EQ(*first, oldest->first);
    }
}

Settings small_server() {
    Settings settings = World::open_settings();
    settings.max_clients = 10;  // five of them for connections without a session
    settings.max_clients_per_prefix = 10;
    return settings;
}

TEST(places, a_member_finds_one_however_many_strangers_are_there) {
    World world(small_server());
    const Person anna = world.person("anna");
    (void)world.ask_for<Ok>(world.join(anna), Logout{});
    std::vector<UserId> strangers;
    for (int i = 0; i < 100; ++i) {
        strangers.push_back(world.connect());
        (void)world.error_of(strangers.back(), Ping{});
    }
    EXPECT_LE(world.logic().client_count(), 5U);
    const UserId user = world.log_in(anna);
    (void)world.ask_for<Pong>(user, Ping{});
    for (int i = 0; i < 100; ++i)
        (void)world.connect();
    (void)world.ask_for<Pong>(user, Ping{});
    EXPECT_FALSE(world.kicked.contains(user));
    EXPECT_EQ(world.logic().gauges().sessions, 1U);
    EXPECT_EQ(world.logic().gauges().anonymous, 5U);
}

// One prefix of IPv6 for each connection, all of one customer's /48.
AddressPrefix one_of_many(std::uint8_t number) {
    return {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, number, 6};
}
constexpr AddressPrefix home{192, 0, 2, 0, 0, 0, 0, 0, 4};

TEST(places, many_prefixes_of_one_site_push_out_each_other) {
    World world(small_server());
    const Person anna = world.person("anna");
    (void)world.ask_for<Ok>(world.join(anna), Logout{});
    for (std::uint8_t i = 10; i < 16; ++i)
        (void)world.connect(one_of_many(i));
    for (std::uint8_t i = 0; i < 20; ++i) {
        const UserId user = world.connect(home);
        const auto login = world.device_login_of(user, anna);
        for (std::uint8_t more = 0; more < 10; ++more)  // while the challenge is on its way
            (void)world.connect(one_of_many(static_cast<std::uint8_t>(16 + 10 * i + more)));
        ASSERT_FALSE(world.kicked.contains(user)) << "login " << int{i};
        world.logged_in(user, login);
        (void)world.ask_for<Pong>(user, Ping{});
        world.feed(ClientGone{user});
    }
}

// A client that comes back has two connections, so it is the largest site among strangers of one
// each, and the older one is the one that logs in.
TEST(places, a_member_with_two_connections_logs_in_among_many_sites) {
    Settings settings = World::open_settings();
    settings.max_clients = 200;
    World world(settings);
    const Person anna = world.person("anna");
    (void)world.ask_for<Ok>(world.join(anna), Logout{});
    std::uint8_t site = 0;
    const auto stranger = [&] {
        (void)world.connect(AddressPrefix{10, 0, ++site, 0, 0, 0, 0, 0, 4});
    };
    for (int i = 0; i < 200; ++i)
        stranger();
    for (int i = 0; i < 20; ++i) {
        const UserId user = world.connect(home);
        const UserId beside = world.connect(home);
        const auto login = world.device_login_of(user, anna);
        for (int more = 0; more < 20; ++more)  // while the challenge is on its way
            stranger();
        ASSERT_FALSE(world.kicked.contains(user)) << "login " << i;
        world.logged_in(user, login);
        (void)world.ask_for<Pong>(user, Ping{});
        world.feed(ClientGone{user});
        world.feed(ClientGone{beside});
    }
    EXPECT_LE(world.logic().gauges().anonymous, 100U);
}

// Nobody is pushed out for where he comes from: among sites with one each the oldest goes.
TEST(places, of_equal_sites_the_oldest_goes) {
    World world(small_server());
    std::vector<UserId> users;
    for (std::uint8_t i = 0; i < 5; ++i)
        users.push_back(world.connect(AddressPrefix{i, 0, 2, 0, 0, 0, 0, 0, 4}));
    const UserId high = world.connect(AddressPrefix{240, 0, 2, 0, 0, 0, 0, 0, 4});
    for (std::uint8_t i = 0; i < 4; ++i) {
        (void)world.connect(
            AddressPrefix{static_cast<std::uint8_t>(10 + i), 0, 2, 0, 0, 0, 0, 0, 4});
        EXPECT_TRUE(world.kicked.contains(users[i]));
        EXPECT_FALSE(world.kicked.contains(high));
    }
}

TEST(places, the_one_who_goes_is_told_and_when_to_come_back) {
    World world(small_server());
    std::vector<UserId> users;
    for (int i = 0; i < 6; ++i)
        users.push_back(world.connect());
    EXPECT_TRUE(world.kicked.contains(users[0])) << "the oldest";
    EXPECT_EQ(world.kicked.size(), 1U);
    ASSERT_EQ(world.inbox[users[0]].size(), 1U);
    const auto error = std::get<Error>(world.inbox[users[0]][0].reply);
    EXPECT_EQ(error.code, ErrorCode::server_full);
    EXPECT_GT(error.retry_after_ms, 0U);
    EXPECT_EQ(world.logic().counters().anonymous_dropped, 1U);
    EXPECT_EQ(world.logic().counters().refused[static_cast<std::size_t>(ErrorCode::server_full)],
              0U)
        << "the operator need not act";
    EXPECT_EQ(world.logic().client_count(), 5U);
}

TEST(places, who_comes_in_numbers_from_one_place_pushes_out_his_own) {
    World world(small_server());
    const UserId elsewhere = world.connect(there);
    const UserId first = world.connect(here);
    (void)world.connect(here);
    (void)world.connect(here);
    EXPECT_TRUE(world.kicked.contains(first)) << "two of ten for strangers from one prefix";
    EXPECT_EQ(world.logic().counters().full_prefixes, 1U);
    for (int i = 0; i < 3; ++i)
        (void)world.connect();
    EXPECT_FALSE(world.kicked.contains(elsewhere));
    for (int i = 0; i < 50; ++i)
        (void)world.connect();
    EXPECT_FALSE(world.kicked.contains(elsewhere)) << "it is the only one from there";
}

TEST(places, members_alone_can_fill_the_server) {
    Settings settings = small_server();
    settings.rates = default_rates(100);
    World world(settings);
    std::vector<UserId> members;
    for (int i = 0; i < 10; ++i)
        members.push_back(world.join(world.person("member" + std::to_string(i))));
    EXPECT_TRUE(world.kicked.empty());
    EXPECT_TRUE(world.logic().full());
    const UserId late = world.connect();
    EXPECT_TRUE(world.kicked.contains(late));
    EXPECT_EQ(std::get<Error>(world.inbox[late].at(0).reply).code, ErrorCode::server_full);
    (void)world.ask_for<Ok>(members[3], Logout{});
    EXPECT_FALSE(world.logic().full());
    EXPECT_FALSE(world.kicked.contains(world.connect()));
    EXPECT_TRUE(world.kicked.contains(members[3])) << "a stranger as long as nobody logs in";
}

TEST(places, a_session_by_password_is_no_device) {
    World world(small_server());
    const Person anna = world.person("anna");
    const UserId device = world.join(anna);
    const UserId by_password = world.connect();
    world.logged_in(by_password, world.password_login_of(by_password, anna));
    for (int i = 0; i < 5; ++i)
        (void)world.connect();
    EXPECT_TRUE(world.kicked.contains(by_password)) << "one name could hold them all";
    EXPECT_FALSE(world.kicked.contains(device));
}

TEST(places, an_address_prefix_has_a_share_of_members_too) {
    Settings settings = small_server();
    settings.max_clients = 100;
    settings.max_clients_per_prefix = 2;
    World world(settings);
    const auto member_from = [&world](const std::string& name, const AddressPrefix& prefix) {
        const UserId user = world.connect(prefix);
        if (world.kicked.contains(user)) return user;
        world.logged_in(user, world.register_of(user, world.person(name)));
        return user;
    };
    const UserId first = member_from("anna", here);
    const UserId second = member_from("bob", here);
    EXPECT_TRUE(world.kicked.contains(member_from("carol", here)));
    EXPECT_FALSE(world.kicked.contains(member_from("dora", there)));
    EXPECT_FALSE(world.kicked.contains(world.connect())) << "loopback has none";
    EXPECT_FALSE(world.kicked.contains(first));
    EXPECT_FALSE(world.kicked.contains(second));
    world.feed(ClientGone{first});
    EXPECT_FALSE(world.kicked.contains(world.connect(here))) << "there is room again";
}

}  // namespace
}  // namespace sotto::rendezvous::testing
