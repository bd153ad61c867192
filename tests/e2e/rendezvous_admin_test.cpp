// The operator's commands against the real server, running and stopped.
#include "tests/e2e/json_client.hpp"
#include "tests/e2e/rendezvous_clients.hpp"
#include "tests/e2e/rendezvous_command.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace sotto::e2e {
namespace {

using namespace rendezvous;

class AdminCommands : public RealRendezvous {
protected:
    AdminCommands() : RealRendezvous(RendezvousOptions{}) {}

    CommandResult command(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--dir", server.folder().string()});
        return run_command(std::move(arguments));
    }
    Json json_of(std::vector<std::string> arguments) {
        arguments.emplace_back("--json");
        const CommandResult result = command(std::move(arguments));
        EXPECT_EQ(result.code, 0) << result.errors;
        return Json::parse(result.output, nullptr, false);
    }
    ErrorCode login_error(const Person& someone) {
        const auto connection = client();
        const auto challenged =
            connection->challenge(crypto::LoginPurpose::login, someone.subject());
        const Reply reply =
            connection->ask(testing::device_login(someone, challenged.context, challenged.proof));
        const auto* error = std::get_if<Error>(&reply);
        return error == nullptr ? ErrorCode{} : error->code;
    }
};

TEST_F(AdminCommands, disabling_and_removing_take_effect_at_once) {
    const Member anna = member("anna");
    const Member bob = member("bob");
    EXPECT_EQ(json_of({"user", "list"}).at("users").size(), 2U);
    EXPECT_EQ(json_of({"stats"}).at("server").at("sessions"), 2);

    EXPECT_EQ(command({"user", "disable", "anna"}).code, 0);
    EXPECT_EQ(anna.client->next_push<SessionEnded>().reason, SessionEnd::revoked);
    EXPECT_EQ(login_error(anna.person), ErrorCode::not_allowed);
    EXPECT_TRUE(json_of({"user", "show", "anna"}).at("user").at("disabled"));
    const Reply hidden = bob.client->ask(LookUp{"anna"});
    ASSERT_TRUE(std::holds_alternative<Error>(hidden));
    EXPECT_EQ(std::get<Error>(hidden).code, ErrorCode::not_found);

    EXPECT_EQ(command({"user", "enable", "anna"}).code, 0);
    EXPECT_EQ(login_error(anna.person), ErrorCode{});
    EXPECT_EQ(command({"user", "remove", "anna"}).code, 1) << "asks first";
    EXPECT_EQ(command({"user", "remove", "anna", "--yes"}).code, 0);
    EXPECT_EQ(login_error(anna.person), ErrorCode::bad_credentials);
    EXPECT_EQ(command({"user", "show", "anna"}).code, 1);
    (void)bob.client->ask_for<Pong>(Ping{});
}

TEST_F(AdminCommands, work_on_a_stopped_server_too) {
    (void)member("anna");
    ASSERT_EQ(server.stop(), 0);
    EXPECT_FALSE(std::filesystem::exists(server.folder() / "admin.sock"));
    EXPECT_FALSE(json_of({"stats"}).at("running"));
    EXPECT_EQ(json_of({"user", "list"}).at("users")[0].at("name"), "anna");
    const std::string id = json_of({"invite", "create", "--note", "for bob"}).at("id");
    server.start();
    const Json list = json_of({"invite", "list"});
    ASSERT_EQ(list.at("invites").size(), 1U);
    EXPECT_EQ(list["invites"][0].at("id"), id);
    EXPECT_EQ(command({"invite", "revoke", id}).code, 0);
    EXPECT_EQ(command({"invite", "revoke", id}).code, 1);
    server.kill();
    EXPECT_TRUE(json_of({"invite", "list"}).at("invites").empty()) << "a socket is left over";
    server.start();
    EXPECT_TRUE(json_of({"stats"}).at("running"));
}

// A connection to the admin socket, made by hand.
class AdminConnection {
public:
    explicit AdminConnection(const std::filesystem::path& folder)
        : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = (folder / "admin.sock").string();
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~AdminConnection() { close(fd_); }
    AdminConnection(const AdminConnection&) = delete;
    AdminConnection& operator=(const AdminConnection&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    void send_text(const std::string& text) {
        (void)send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    }
    // Up to the newline; empty when the server hung up.
    std::string line() {
        std::string text;
        char c = 0;
        pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
        while (poll(&wait, 1, 20'000) == 1 && read(fd_, &c, 1) == 1) {
            if (c == '\n') return text;
            text.push_back(c);
        }
        return {};
    }

private:
    int fd_;
    bool connected_ = false;
};

TEST_F(AdminCommands, the_socket_is_private_and_bounded) {
    struct stat info {};
    ASSERT_EQ(stat((server.folder() / "admin.sock").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    {
        AdminConnection connection(server.folder());
        ASSERT_TRUE(connection.connected());
        connection.send_text("garbage\n{\"do\":\"stats\"}\n");
        EXPECT_FALSE(Json::parse(connection.line()).at("ok"));
        EXPECT_TRUE(Json::parse(connection.line()).at("ok")) << "and goes on";
        connection.send_text(std::string(100'000, 'x'));
        EXPECT_EQ(connection.line(), "") << "a request without an end is hung up on";
    }
    std::vector<std::unique_ptr<AdminConnection>> many;
    for (int i = 0; i < 8; ++i) {
        many.push_back(std::make_unique<AdminConnection>(server.folder()));
        many.back()->send_text("{\"do\":\"invite list\"}\n");
        EXPECT_NE(many.back()->line(), "");
    }
    AdminConnection ninth(server.folder());
    EXPECT_EQ(ninth.line(), "") << "there is a bound";
    many.clear();
    expect_serves();
    AdminConnection again(server.folder());
    again.send_text("{\"do\":\"stats\"}\n");
    EXPECT_NE(again.line(), "");
}

// --- with the real client ------------------------------------------------------------------------

TEST(Invites, let_as_many_in_as_they_say) {
    TemporaryFolder folder;
    Rendezvous server(folder.path() / "rendezvous", {.community = "invite"});
    server.start();
    const CommandResult made =
        run_command({"invite", "create", "--json", "--dir", server.folder().string()});
    ASSERT_EQ(made.code, 0) << made.errors;
    // The public host of a test is this machine's loopback, as it listens there.
    const std::string link = Json::parse(made.output).at("link");
    JsonClient alice("alice", folder.path() / "alice");
    alice.register_as(link);
    JsonClient bob("bob", folder.path() / "bob");
    bob.start();
    const Json refused = bob.ask({{"command", "register"},
                                  {"server", link},
                                  {"username", "bob"},
                                  {"password", bob.password}});
    EXPECT_TRUE(JsonClient::has(refused, {{"event", "error"}})) << refused.dump();
    const CommandResult list =
        run_command({"invite", "list", "--json", "--dir", server.folder().string()});
    const Json left = Json::parse(list.output).at("invites");
    ASSERT_EQ(left.size(), 1U) << "only that of init, which nobody used";
    EXPECT_EQ(left.at(0).at("note"), "made by init");
}

TEST(RegistrationWork, is_done_by_the_real_client) {
    TemporaryFolder folder;
    Rendezvous server(folder.path() / "rendezvous", {.work_bits = 12});
    server.start();
    JsonClient alice("alice", folder.path() / "alice");
    alice.register_as(server.link());
    const CommandResult list =
        run_command({"user", "list", "--json", "--dir", server.folder().string()});
    EXPECT_EQ(Json::parse(list.output).at("users").size(), 1U);
}

}  // namespace
}  // namespace sotto::e2e
