// Another password for the account, with real programs: who it lets in, before and after.
#include "tests/e2e/people.hpp"

namespace sotto::e2e {
namespace {

const std::string fresh = "another horse, another battery";

class Password : public People {
protected:
    static bool is_done(const Json& answer) { return JsonClient::has(answer, {{"event", "done"}}); }
    static std::string code_of(const Json& answer) {
        if (!answer.is_object() || !answer.contains("code")) return answer.dump();
        return answer.at("code");
    }
    Json change(const std::string& from, const std::string& to, bool passphrase = false) {
        return alice.ask({{"command", "change_password"},
                          {"old", from},
                          {"new", to},
                          {"passphrase", passphrase}});
    }
    void expect_password(const std::string& right, const std::string& wrong) {
        EXPECT_TRUE(is_done(alice.ask({{"command", "check_password"}, {"password", right}})));
        EXPECT_EQ(code_of(alice.ask({{"command", "check_password"}, {"password", wrong}})),
                  "wrong_credentials");
    }
};

TEST_F(Password, changes_at_the_server_and_only_there) {
    register_and_befriend(Direct::no);
    const std::string old_one = alice.password;
    EXPECT_EQ(code_of(change("wrong", fresh)), "wrong_credentials");
    EXPECT_EQ(code_of(change(old_one, "")), "text_empty");
    expect_password(old_one, fresh);
    const Json done = change(old_one, fresh);
    EXPECT_TRUE(is_done(done)) << done.dump();
    expect_password(fresh, old_one);
    send(alice, "bob", "still here");  // the device that asked, and its session
    bob.expect({{"event", "message"}, {"text", "still here"}});

    server.kill();  // at once: what it answered is on its disk
    alice.expect({{"event", "server"}, {"state", "connecting"}});
    server.start();
    alice.expect({{"event", "server"}, {"state", "online"}});
    expect_password(fresh, old_one);
    alice.quit();
    alice.start();
    alice.go_online();  // the passphrase is the old one, and the device needs no password
    expect_password(fresh, old_one);
}

TEST_F(Password, changes_with_the_passphrase_where_both_are_one) {
    alice.register_as(server.link());
    const std::string old_one = alice.password;
    EXPECT_TRUE(is_done(change(old_one, fresh, true)));
    expect_password(fresh, old_one);
    alice.quit();
    alice.start();
    EXPECT_EQ(code_of(alice.ask({{"command", "unlock"}, {"passphrase", old_one}})),
              "wrong_passphrase");
    alice.password = fresh;
    alice.go_online();

    // Now they differ: asked for both, nothing is changed.
    EXPECT_TRUE(is_done(change(fresh, old_one)));
    EXPECT_EQ(code_of(change(old_one, "a third one", true)), "wrong_passphrase");
    expect_password(old_one, "a third one");
}

TEST_F(Password, needs_the_server_and_an_open_vault) {
    alice.register_as(server.link());
    alice.expect({{"event", "server"}, {"state", "online"}});
    server.kill();
    alice.expect({{"event", "server"}, {"state", "connecting"}});
    EXPECT_EQ(code_of(change(alice.password, fresh, true)), "server_unreachable");
    alice.ask({{"command", "lock"}});
    EXPECT_EQ(code_of(change(alice.password, fresh)), "not_unlocked");
    server.start();
    alice.go_online();  // with the passphrase it had
    expect_password(alice.password, fresh);
}

TEST_F(Password, guesses_are_held_up) {
    alice.register_as(server.link());
    // Five are free; then the wait doubles, and soon is longer than two password hashes take.
    Json answer;
    for (int i = 0; i < 15 && code_of(answer) != "too_many_tries"; ++i)
        answer = change("wrong " + std::to_string(i), fresh);
    EXPECT_EQ(code_of(answer), "too_many_tries");
    EXPECT_GT(answer.value("retry_after_ms", 0), 0) << answer.dump();
}

}  // namespace
}  // namespace sotto::e2e
