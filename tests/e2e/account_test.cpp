// Registering, unlocking, names, keys, presence: who is who.
#include "tests/e2e/people.hpp"

namespace sotto::e2e {
namespace {

class Account : public People {};

std::string code_of(const Json& answer) {
    if (!answer.is_object() || !answer.contains("code")) return answer.dump();
    return answer.at("code");
}

TEST_F(Account, registers_locks_and_unlocks_with_the_right_passphrase_only) {
    alice.register_as(server.link());
    alice.expect({{"event", "registered"}, {"username", "alice"}});
    alice.ask({{"command", "lock"}});
    alice.expect({{"event", "vault"}, {"state", "locked"}});
    EXPECT_EQ(code_of(alice.ask({{"command", "unlock"}, {"passphrase", "wrong"}})),
              "wrong_passphrase");
    alice.go_online();
    alice.quit();
    alice.start();
    EXPECT_EQ(code_of(alice.ask({{"command", "send"}, {"to", "bob"}, {"text", "x"}})),
              "no_such_name");
    EXPECT_EQ(code_of(alice.ask({{"command", "directory"}})), "not_unlocked");
    EXPECT_EQ(code_of(alice.ask({{"command", "unlock"}, {"passphrase", ""}})), "wrong_passphrase");
    alice.go_online();
    EXPECT_EQ(code_of(alice.ask({{"command", "register"},
                                 {"server", server.link()},
                                 {"username", "alice2"},
                                 {"password", "x"}})),
              "profile_exists");
}

TEST_F(Account, the_server_knows_the_right_password_from_a_wrong_one) {
    alice.register_as(server.link());
    const auto check = [&](const std::string& password) {
        return alice.ask({{"command", "check_password"}, {"password", password}});
    };
    EXPECT_TRUE(JsonClient::has(check(alice.password), {{"event", "done"}}));
    EXPECT_EQ(code_of(check("wrong")), "wrong_credentials");
    EXPECT_EQ(code_of(alice.ask({{"command", "check_password"},
                                 {"username", "nobody-there"},
                                 {"password", alice.password}})),
              "wrong_credentials");
}

TEST_F(Account, one_password_however_it_is_typed) {
    alice.password = "caf\xc3\xa9";  // one character
    alice.register_as(server.link());
    alice.ask({{"command", "lock"}});
    alice.password = "cafe\xcc\x81";  // a letter and an accent
    alice.go_online();
    EXPECT_TRUE(
        JsonClient::has(alice.ask({{"command", "check_password"}, {"password", alice.password}}),
                        {{"event", "done"}}));
}

// As the operator types it.
std::string create_invite(const Rendezvous& server) {
    Process command(program_folder() / "sotto-rendezvous",
                    {"invite", "create", "--json", "--dir", server.folder().string()});
    std::string text;
    while (const auto line = command.read_line())
        text += *line;
    EXPECT_EQ(command.wait(), 0) << command.errors();
    const Json reply = Json::parse(text, nullptr, false);
    return reply.is_object() && reply.contains("link") ? reply.at("link") : Json("");
}

TEST(Invited, registers_one_person_in_a_closed_community) {
    const TemporaryFolder folder;
    Rendezvous server(folder.path() / "rendezvous", {.community = "invite"});
    server.start();
    JsonClient alice("alice", folder.path() / "alice");
    alice.start();
    const auto try_to_register = [](JsonClient& client, const std::string& link) {
        return client.ask({{"command", "register"},
                           {"server", link},
                           {"username", client.name()},
                           {"password", client.password}});
    };
    EXPECT_EQ(code_of(try_to_register(alice, server.link())), "invite_needed");
    const std::string link = create_invite(server);
    ASSERT_TRUE(link.starts_with(server.link() + "?invite=")) << link;
    const Json answer = try_to_register(alice, link);
    EXPECT_TRUE(JsonClient::has(answer, {{"event", "done"}})) << answer.dump();
    JsonClient bob("bob", folder.path() / "bob");
    bob.start();
    EXPECT_EQ(code_of(try_to_register(bob, link)), "invite_needed") << "it was for one";
}

TEST_F(Account, a_taken_name_is_said_and_another_one_works_at_once) {
    alice.register_as(server.link());
    bob.start();
    const auto register_bob = [&](const std::string& name, const std::string& password) {
        return bob.ask({{"command", "register"},
                        {"server", server.link()},
                        {"username", name},
                        {"password", password}});
    };
    EXPECT_EQ(code_of(register_bob("al", "first")), "name_invalid");
    EXPECT_EQ(code_of(register_bob("Alice", "first")), "name_invalid");
    EXPECT_EQ(code_of(register_bob("alice", "first")), "name_taken");
    EXPECT_TRUE(JsonClient::has(register_bob("alice.2", "second"), {{"event", "done"}}));
    bob.quit();
    bob.start();
    EXPECT_EQ(code_of(bob.ask({{"command", "unlock"}, {"passphrase", "first"}})),
              "wrong_passphrase");
    bob.password = "second";
    bob.go_online();
}

TEST_F(Account, a_server_with_another_key_is_not_talked_to) {
    alice.start();
    std::string wrong = server.link();
    char& digit = wrong[wrong.size() - 20];
    digit = digit == 'A' ? 'B' : 'A';
    const Json request{{"command", "register"},
                       {"server", wrong},
                       {"username", "alice"},
                       {"password", alice.password}};
    EXPECT_EQ(code_of(alice.ask(request)), "server_wrong_key");
    Json right = request;
    right["server"] = server.link();
    EXPECT_TRUE(JsonClient::has(alice.ask(right), {{"event", "done"}}));
}

TEST_F(Account, an_unknown_name_is_said_at_once_and_nothing_is_sent) {
    alice.register_as(server.link());
    EXPECT_EQ(code_of(alice.ask({{"command", "contact_request"}, {"to", "nobody"}, {"text", "x"}})),
              "no_such_name");
    EXPECT_EQ(code_of(alice.ask({{"command", "send"}, {"to", "nobody"}, {"text", "x"}})),
              "no_such_name");
    EXPECT_EQ(code_of(alice.ask({{"command", "contact_request"}, {"to", "alice"}, {"text", "x"}})),
              "own_account");
    const Json contacts =
        (alice.tell({{"command", "contacts"}}), alice.expect({{"event", "contacts"}}));
    EXPECT_TRUE(contacts.at("contacts").empty());
}

TEST_F(Account, a_second_process_on_the_same_profile_is_refused) {
    alice.register_as(server.link());
    JsonClient second("alice", alice.profile());
    second.start();
    EXPECT_EQ(code_of(second.ask({{"command", "unlock"}, {"passphrase", alice.password}})),
              "profile_in_use");
    alice.quit();
    second.go_online();
}

TEST_F(Account, the_directory_lists_members_with_their_presence) {
    register_both();
    alice.tell({{"command", "directory"}, {"query", "bo"}});
    const Json page = alice.expect({{"event", "directory"}, {"query", "bo"}});
    ASSERT_EQ(page.at("members").size(), 1U);
    EXPECT_EQ(page.at("members")[0].at("username"), "bob");
    EXPECT_EQ(page.at("members")[0].at("presence"), "online");
}

TEST_F(Account, sigterm_is_a_clean_log_out_and_contacts_see_it) {
    register_and_befriend(Direct::no);
    alice.expect({{"event", "presence"}, {"username", "bob"}, {"presence", "online"}});
    bob.process().signal(SIGTERM);
    EXPECT_EQ(bob.process().wait(), 0);
    alice.expect({{"event", "presence"}, {"username", "bob"}, {"presence", "offline"}});
    bob.start();
    bob.go_online();
    alice.expect({{"event", "presence"}, {"username", "bob"}, {"presence", "online"}});
}

TEST_F(Account, no_line_makes_it_fall_over) {
    alice.register_as(server.link());
    for (const std::string line : {"", "{", "null", "[[[[", "{\"command\":5}", "\xff\xfe",
                                   "{\"command\":\"send\",\"to\":\"bob\",\"text\":\"\xff\"}"}) {
        alice.process().write(line + "\n");
    }
    alice.process().write(std::string(1'000'000, 'x') + "\n");
    alice.expect({{"event", "error"}, {"code", "line_too_long"}});
    const Json status = (alice.tell({{"command", "status"}}), alice.expect({{"event", "status"}}));
    EXPECT_EQ(status.at("vault"), "open");
    alice.quit();
}

TEST(CommandLine, says_what_is_wrong_with_it) {
    const auto exit_code = [](const std::vector<std::string>& arguments) {
        Process process(program_folder() / "sotto-peer", arguments);
        process.close_input();
        return process.wait();
    };
    EXPECT_EQ(exit_code({"--help"}), 0);
    EXPECT_EQ(exit_code({"--version"}), 0);
    EXPECT_EQ(exit_code({"--frobnicate"}), 2);
    EXPECT_EQ(exit_code({"--json", "chat"}), 2);
    EXPECT_EQ(exit_code({"chat", "--server", "http://example"}), 2);
    EXPECT_EQ(exit_code({"--passphrase-file", "/nonexistent/file"}), 2);
}

}  // namespace
}  // namespace sotto::e2e
