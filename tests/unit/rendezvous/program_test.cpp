// The real program: commands, files, signals, and what survives kill -9.
#include "live_server.hpp"

#include "crypto/init.hpp"
#include "rendezvous/config.hpp"
#include "rendezvous/server_folder.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>

namespace sotto::rendezvous::testing {
namespace {

// The program, started; its standard output is read line by line.
class Program {
public:
    explicit Program(std::vector<std::string> arguments) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        arguments.insert(arguments.begin(), SOTTO_RENDEZVOUS_PROGRAM);
        std::vector<char*> argv;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        pid_ = fork();
        if (pid_ == 0) {
            dup2(ends[1], STDOUT_FILENO);
            const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
            dup2(null, STDERR_FILENO);
            execv(argv[0], argv.data());
            _exit(127);
        }
        close(ends[1]);
        output_ = fdopen(ends[0], "r");
    }
    ~Program() {
        if (pid_ > 0) (void)end(SIGKILL);
        if (output_ != nullptr) (void)fclose(output_);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    // Without its newline; empty at the end of the output.
    std::string line() {
        std::array<char, 512> text{};
        if (fgets(text.data(), text.size(), output_) == nullptr) return {};
        std::string read(text.data());
        if (read.ends_with('\n')) read.pop_back();
        return read;
    }
    std::string everything() {
        std::string all;
        for (std::string next = line(); !feof(output_); next = line())
            all += next + "\n";
        return all;
    }
    // Exit code, or minus the signal that ended it.
    int wait() {
        int status = 0;
        waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int end(int signal) {
        kill(pid_, signal);
        return wait();
    }
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    FILE* output_ = nullptr;
};

class program : public ::testing::Test {
protected:
    crypto::SystemRandom random;
    TempDir directory;
    std::string folder = directory.file("server");
    zmq::context_t context{1};
    std::string endpoint;

    void init() {
        Program command({"init", "--dir", folder, "--listen", "tcp://127.0.0.1:0", "--open"});
        EXPECT_NE(command.everything().find("sotto://127.0.0.1:"), std::string::npos);
        ASSERT_EQ(command.wait(), 0);
    }
    std::unique_ptr<Program> run() {
        auto started = std::make_unique<Program>(std::vector<std::string>{"run", "--dir", folder});
        const std::string ready = started->line();
        EXPECT_TRUE(ready.starts_with("ready tcp://127.0.0.1:")) << ready;
        endpoint = ready.substr(6);
        EXPECT_TRUE(started->line().starts_with("listening sotto://127.0.0.1:"));
        return started;
    }
    std::unique_ptr<RawClient> client() {
        const auto key = ServerFolder(folder).read_key();
        auto made = std::make_unique<RawClient>(context, key->public_key(),
                                                crypto::OwnCurve::generate(random));
        made->connect(endpoint);
        return made;
    }
};

TEST_F(program, init_makes_private_files_and_never_overwrites) {
    init();
    for (const char* name : {"server.key", "rendezvous.toml"}) {
        struct stat info {};
        ASSERT_EQ(stat((folder + "/" + name).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
    }
    Program again({"init", "--dir", folder});
    (void)again.everything();
    EXPECT_EQ(again.wait(), 1);
    const auto config = read_config(folder + "/rendezvous.toml");
    ASSERT_TRUE(config.has_value()) << config.error().text;
    EXPECT_EQ(config->community, Community::open);
    EXPECT_GT(config->listen.port, 0) << "chosen once, because clients remember it";
    EXPECT_LT(config->listen.port, 32768);
}

TEST_F(program, init_refuses_somebody_elses_folder_and_hosts_that_are_none) {
    std::filesystem::create_directories(folder);
    ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
    const std::string letter = folder + "/letter.txt";
    std::ofstream(letter) << "dear";
    Program home({"init", "--dir", folder});
    EXPECT_EQ(home.everything(), "");
    EXPECT_EQ(home.wait(), 1);
    struct stat info {};
    ASSERT_EQ(stat(folder.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0755U) << "nothing was changed";
    ASSERT_EQ(unlink(letter.c_str()), 0);
    for (const char* host : {"a\"b", "chat example.org", "[::1]", "chat.example.org:7313"}) {
        Program quoted({"init", "--dir", folder, "--public-host", host});
        EXPECT_EQ(quoted.everything(), "");
        EXPECT_EQ(quoted.wait(), 1) << host;
    }
    Program good({"init", "--dir", folder, "--public-host", "2001:db8::1"});
    EXPECT_NE(good.everything().find("sotto://[2001:db8::1]:7313/"), std::string::npos);
    EXPECT_EQ(good.wait(), 0) << "the folder was there, and empty";
}

// The configuration cannot be written: the key must not stay, or no second try would be possible.
TEST_F(program, init_leaves_nothing_of_half_a_server) {
    std::filesystem::create_directories(folder);
    const auto config = folder + "/rendezvous.toml";
    ASSERT_EQ(symlink("/nowhere/at/all", config.c_str()), 0);  // O_EXCL refuses it
    Program half({"init", "--dir", folder});
    EXPECT_EQ(half.everything(), "");
    EXPECT_EQ(half.wait(), 1);
    EXPECT_FALSE(std::filesystem::exists(folder + "/server.key"));
    unlink(config.c_str());
    Program whole({"init", "--dir", folder});
    (void)whole.everything();
    EXPECT_EQ(whole.wait(), 0);
}

TEST_F(program, a_new_server_is_by_invite) {
    Program command({"init", "--dir", folder});
    (void)command.everything();
    ASSERT_EQ(command.wait(), 0);
    const auto config = read_config(folder + "/rendezvous.toml");
    ASSERT_TRUE(config.has_value());
    EXPECT_EQ(config->community, Community::invite);
    EXPECT_EQ(config->listen, (Endpoint{"*", default_port}));
}

// From init to the first member without a third command.
TEST_F(program, init_prints_an_invite_that_works_once) {
    const auto port = find_free_port();
    ASSERT_TRUE(port.has_value());
    Program command({"init", "--dir", folder, "--listen", "127.0.0.1:" + std::to_string(*port)});
    const std::string text = command.everything();
    ASSERT_EQ(command.wait(), 0);
    const std::string mark = "?invite=";
    const std::size_t at = text.find(mark);
    ASSERT_NE(at, std::string::npos) << text;
    const auto token = crypto::from_base64url(text.substr(at + mark.size(), 22));
    ASSERT_TRUE(token.has_value());
    const auto server = run();
    const auto joined = [&](const std::string& name) {
        const auto newcomer = client();
        const Person person = Person::make(random, name);
        const auto c = newcomer->challenge(crypto::LoginPurpose::register_account, name);
        Register request = register_request(person, c.context, c.proof);
        request.invite_token = InviteToken::from(*token);
        return std::holds_alternative<LoggedIn>(newcomer->ask(request));
    };
    EXPECT_TRUE(joined("anna"));
    EXPECT_FALSE(joined("bob"));
}

TEST_F(program, serves_until_it_is_told_to_stop) {
    init();
    for (const int signal : {SIGTERM, SIGINT}) {
        const auto server = run();
        EXPECT_EQ(client()->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
        EXPECT_EQ(server->end(signal), 0);
    }
}

TEST_F(program, leaves_no_core_and_nobody_else_serves_its_folder) {
    init();
    const auto server = run();
    rlimit core{.rlim_cur = 1, .rlim_max = 1};
    ASSERT_EQ(prlimit(server->pid(), RLIMIT_CORE, nullptr, &core), 0);
    EXPECT_EQ(core.rlim_cur, 0U);
    EXPECT_EQ(core.rlim_max, 0U) << "the program cannot be talked out of it";
    Program second({"run", "--dir", folder, "--listen", "127.0.0.1:0"});
    EXPECT_EQ(second.everything(), "");
    EXPECT_EQ(second.wait(), 1);
}

TEST_F(program, keeps_what_it_accepted_when_it_is_killed) {
    init();
    const Person bob = Person::make(random, "bob");
    const auto token = id<MailboxToken>(5);
    auto server = run();
    {
        const auto bob_client = client();
        bob_client->join(bob);
        (void)bob_client->ask_for<Ok>(SetMailboxToken{hash_of(token), false});
        (void)bob_client->ask_for<Ok>(Logout{});
        const auto sender = client();
        for (std::uint8_t i = 1; i <= 20; ++i) {
            (void)sender->ask_for<Accepted>(mail_to(bob, token, i));
        }
    }
    EXPECT_EQ(server->end(SIGKILL), -SIGKILL);
    server = run();
    const auto bob_client = client();
    EXPECT_EQ(bob_client->log_in(bob).mail_waiting, 20);
    for (std::uint8_t i = 1; i <= 20; ++i) {
        EXPECT_EQ(bob_client->next_push<Mail>().item, filled(600, i));
    }
}

TEST_F(program, refuses_a_key_that_others_can_read_and_a_damaged_one) {
    init();
    const std::string key = folder + "/server.key";
    ASSERT_EQ(chmod(key.c_str(), 0644), 0);
    Program readable({"run", "--dir", folder});
    EXPECT_EQ(readable.everything(), "");
    EXPECT_EQ(readable.wait(), 1);
    ASSERT_EQ(chmod(key.c_str(), 0600), 0);
    std::ofstream(key) << "short";
    Program damaged({"run", "--dir", folder});
    EXPECT_EQ(damaged.everything(), "");
    EXPECT_EQ(damaged.wait(), 1);
}

TEST_F(program, command_line) {
    Program version({"--version"});
    const std::string text = version.everything();
    EXPECT_NE(text.find("libsodium"), std::string::npos);
    EXPECT_NE(text.find("libzmq"), std::string::npos);
    EXPECT_EQ(version.wait(), 0);
    Program nothing({});
    (void)nothing.everything();
    EXPECT_EQ(nothing.wait(), 2);
    Program wrong({"init", "--dir", folder, "--listen", "nonsense"});
    (void)wrong.everything();
    EXPECT_EQ(wrong.wait(), 1);
    Program missing({"run", "--dir", folder});
    (void)missing.everything();
    EXPECT_EQ(missing.wait(), 1);
}

// --- configuration -----------------------------------------------------------------------------

std::string read_text(const TempDir& directory, const std::string& text) {
    std::ofstream(directory.file("test.toml")) << text;
    const auto config = read_config(directory.file("test.toml"));
    return config ? "" : config.error().text;
}

TEST(config, is_read_strictly) {
    const TempDir directory;
    EXPECT_EQ(read_text(directory, ""), "");
    Config config;
    config.listen = {"*", 7313};
    EXPECT_EQ(read_text(directory, config_text(config)), "");
    EXPECT_EQ(read_text(directory, "lisen = \"*:7313\""), "line 1: unknown setting \"lisen\"");
    EXPECT_EQ(read_text(directory, "\n[limits]\nfactor = 0"),
              "line 3: limits.factor must be a whole number from 1 to 10000");
    EXPECT_EQ(read_text(directory, "[limits]\nfactor = \"1\""),
              "line 2: limits.factor must be a whole number from 1 to 10000");
    EXPECT_EQ(read_text(directory, "community = \"closed\""),
              "line 1: community must be \"invite\" or \"open\"");
    EXPECT_EQ(read_text(directory, "public_host = 'a\"b'"),
              "line 1: public_host must be a name or an address, without port and brackets");
    EXPECT_EQ(read_text(directory, "public_host = '*'"),
              "line 1: public_host must be a name or an address, without port and brackets");
    EXPECT_EQ(read_text(directory, "listen = \"7313\""),
              "line 1: listen must be an address like \"tcp://*:7313\"");
    EXPECT_EQ(read_text(directory, "limits = 3"), "line 1: limits must be a table");
    EXPECT_NE(read_text(directory, "x = = 1"), "");
}

TEST(config, of_an_earlier_version_is_read_and_says_what_means_nothing_any_more) {
    const TempDir directory;
    std::ofstream(directory.file("test.toml"))
        << "listen = \"*:7313\"\n\n[login]\nops = 3\nmemory_kib = 262144\n";
    const auto config = read_config(directory.file("test.toml"));
    ASSERT_TRUE(config.has_value()) << config.error().text;
    ASSERT_EQ(config->outdated.size(), 1U);
    EXPECT_EQ(config->outdated.front().find("line 3: [login] means nothing any more"), 0U);
    EXPECT_EQ(config_text(*config).find("[login]"), std::string::npos);
}

TEST(endpoint, texts) {
    EXPECT_EQ(parse_endpoint("tcp://*:7313"), (Endpoint{"*", 7313}));
    EXPECT_EQ(parse_endpoint("[2001:db8::1]:1"), (Endpoint{"2001:db8::1", 1}));
    EXPECT_EQ(parse_endpoint("rendezvous.example.org:65535"),
              (Endpoint{"rendezvous.example.org", 65535}));
    for (const char* bad : {"", ":", "host", "host:", "host:x", "host:65536", "host:-1", ":1",
                            "::1:7313", "[]:1", "ho st:1", "udp://h:1", "h/x:1"}) {
        EXPECT_FALSE(parse_endpoint(bad).has_value()) << bad;
    }
    EXPECT_EQ(to_text({"2001:db8::1", 7313}), "tcp://[2001:db8::1]:7313");
    const auto key = crypto::CurvePublic::parse(Bytes(32, 0));
    EXPECT_EQ(to_link({"*", 7313}, "h.example", *key),
              "sotto://h.example:7313/" + std::string(43, 'A'));
}

TEST(peer_address, prefixes) {
    EXPECT_FALSE(prefix_of_text("127.0.0.1").has_value());
    EXPECT_FALSE(prefix_of_text("::1").has_value());
    EXPECT_FALSE(prefix_of_text("::ffff:127.0.0.1").has_value());
    EXPECT_FALSE(prefix_of_text("nonsense").has_value());
    EXPECT_EQ(prefix_of_text("192.0.2.1"), prefix_of_text("192.0.2.254"));
    EXPECT_EQ(prefix_of_text("192.0.2.1"), prefix_of_text("::ffff:192.0.2.7"));
    EXPECT_NE(prefix_of_text("192.0.2.1"), prefix_of_text("192.0.3.1"));
    EXPECT_EQ(prefix_of_text("2001:db8::1"), prefix_of_text("2001:db8::ffff:1"));
    EXPECT_NE(prefix_of_text("2001:db8::1"), prefix_of_text("2001:db8:0:1::1"));
}

}  // namespace
}  // namespace sotto::rendezvous::testing
