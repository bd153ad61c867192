// The link a person pastes: exactly the forms of docs/protocol-rendezvous.md, nothing else.
#include "peer/server_link.hpp"
#include "tests/unit/cli/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace sotto::peer {
namespace {

const std::string token = "AAECAwQFBgcICQoLDA0ODw";  // bytes 0 to 15

std::string plain_link() {
    return to_link(cli::test::server());
}

std::optional<ServerLinkError> error_of(const std::string& link) {
    const auto server = parse_server_link(link);
    return server ? std::nullopt : std::optional(server.error());
}

TEST(ServerLink, carries_address_and_key) {
    const auto server = parse_server_link(plain_link());
    ASSERT_TRUE(server);
    EXPECT_EQ(*server, cli::test::server());
    EXPECT_FALSE(server->invite);
}

TEST(ServerLink, may_carry_an_invite_which_is_not_passed_on) {
    const auto server = parse_server_link(plain_link() + "?invite=" + token);
    ASSERT_TRUE(server);
    ASSERT_TRUE(server->invite);
    EXPECT_EQ(server->invite->view()[0], 0);
    EXPECT_EQ(server->invite->view()[15], 15);
    EXPECT_EQ(server->host, cli::test::server().host);
    EXPECT_EQ(to_link(*server), plain_link());
}

TEST(ServerLink, refuses_any_other_query) {
    for (const std::string& tail : std::vector<std::string>{
             "?", "?invite", "?invite=", "?token=" + token, "?invite=" + token + "AA",
             "?invite=" + token.substr(2), "?invite=" + token + "&a=b", "?invite=" + token + "#",
             "?a=b&invite=" + token, "?invite=" + token + "?invite=" + token, "?invite=!" + token,
             "?INVITE=" + token}) {
        EXPECT_EQ(error_of(plain_link() + tail), ServerLinkError::bad_key) << tail;
    }
    EXPECT_EQ(error_of("sotto://127.0.0.1?invite=" + token), ServerLinkError::bad_address);
}

TEST(ServerLink, of_the_longest_host_fits_and_a_longer_one_is_refused) {
    const std::string key = plain_link().substr(plain_link().rfind('/'));
    const std::string host(253, 'a');
    EXPECT_EQ(error_of("sotto://" + host + ":65535" + key + "?invite=" + token), std::nullopt);
    EXPECT_EQ(error_of("sotto://a" + host + ":65535" + key), ServerLinkError::bad_address);
    EXPECT_EQ(error_of("sotto://" + std::string(server_link_bytes_max + 1, 'a')),
              ServerLinkError::bad_address);
}

}  // namespace
}  // namespace sotto::peer
