// What an operator relies on: backup and restore, reload, drain, metrics, a full disk, a clean log.
#include "rendezvous/endpoint.hpp"
#include "rendezvous/sqlite_database.hpp"
#include "tests/e2e/rendezvous_clients.hpp"
#include "tests/e2e/rendezvous_command.hpp"

#include <nlohmann/json.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace sotto::e2e {
namespace {

using namespace rendezvous;
using Json = nlohmann::json;

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream read;
    read << std::ifstream(file).rdbuf();
    return read.str();
}

void replace_in(const std::filesystem::path& file, const std::string& from, const std::string& to) {
    std::string text = text_of(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    std::ofstream(file) << text.replace(at, from.size(), to);
}

class Operations : public RealRendezvous {
protected:
    explicit Operations(RendezvousOptions options = {}) : RealRendezvous(std::move(options)) {}
    std::string backup_file = (folder.path() / "copy.backup").string();

    CommandResult command(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--dir", server.folder().string()});
        return run_command(std::move(arguments));
    }
    [[nodiscard]] std::filesystem::path config() const {
        return server.folder() / "rendezvous.toml";
    }
};

// --- backup and restore --------------------------------------------------------------------------

TEST_F(Operations, a_backup_brings_a_server_back) {
    Member anna = member("anna");
    (void)anna.client->ask_for<Ok>(
        PublishPrekeys{Bytes(287, 1), {{1, Bytes(166, 1)}, {2, Bytes(166, 2)}}});
    (void)anna.client->ask_for<Ok>(Logout{});
    const auto sender = client();
    (void)sender->ask_for<Accepted>(
        testing::mail_with_token(anna.person.address(), anna.token, envelope_of(1), Bytes(600, 1)));
    ASSERT_EQ(command({"backup", backup_file}).code, 0);
    struct stat info {};
    ASSERT_EQ(stat(backup_file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(command({"backup", backup_file}).code, 1) << "never overwrites";
    EXPECT_EQ(run_command({"check", backup_file}).code, 0);
    (void)sender->ask_for<Accepted>(
        testing::mail_with_token(anna.person.address(), anna.token, envelope_of(2), Bytes(600, 2)));

    EXPECT_EQ(command({"restore", backup_file, "--replace"}).code, 1) << "it runs";
    ASSERT_EQ(server.stop(), 0);
    EXPECT_EQ(command({"restore", backup_file}).code, 1) << "a database is there";
    ASSERT_EQ(command({"restore", backup_file, "--replace"}).code, 0);
    EXPECT_EQ(command({"check"}).code, 0);
    server.start();

    anna.client = client();
    const LoggedIn in = anna.client->log_in(anna.person);
    EXPECT_EQ(in.mail_waiting, 1);
    EXPECT_FALSE(in.has_mailbox_token) << "the client gives it again";
    EXPECT_EQ(in.one_time_left, 0) << "none is handed out twice";
    const auto first = anna.client->next_push<Mail>();
    EXPECT_EQ(first.item, Bytes(600, 1));
    anna.client->give_token(anna.token);
}

TEST_F(Operations, a_backup_makes_a_server_elsewhere) {
    const Member anna = member("anna");
    ASSERT_EQ(command({"backup", backup_file}).code, 0);
    const std::string elsewhere = (folder.path() / "elsewhere").string();
    ASSERT_EQ(run_command({"restore", backup_file, "--dir", elsewhere}).code, 0);
    for (const char* file : {"server.key", "rendezvous.toml"}) {
        EXPECT_EQ(text_of(std::filesystem::path(elsewhere) / file),
                  text_of(server.folder() / file));
    }
    // The key went into the folder, not into the database.
    EXPECT_EQ(text_of(std::filesystem::path(elsewhere) / "rendezvous.db")
                  .find(text_of(server.folder() / "server.key")),
              std::string::npos);
    const std::string keyless = (folder.path() / "keyless.backup").string();
    ASSERT_EQ(command({"backup", keyless, "--without-key"}).code, 0);
    EXPECT_EQ(text_of(keyless).find(text_of(server.folder() / "server.key")), std::string::npos);
    EXPECT_EQ(run_command({"restore", keyless, "--dir", (folder.path() / "third").string()}).code,
              1);
    const std::string other = (folder.path() / "other").string();
    ASSERT_EQ(run_command({"init", "--dir", other}).code, 0);
    EXPECT_EQ(run_command({"restore", backup_file, "--dir", other}).code, 1) << "another key";
}

TEST_F(Operations, damage_and_newer_schemas_are_refused) {
    (void)member("anna");
    ASSERT_EQ(command({"backup", backup_file}).code, 0);
    ASSERT_EQ(server.stop(), 0);
    const auto database = server.folder() / "rendezvous.db";
    {
        auto opened = Database::open(database.string());
        ASSERT_TRUE(opened.has_value());
        opened->execute("PRAGMA user_version = 99");
    }
    const std::string before = text_of(database);
    const CommandResult newer = command({"run"});
    EXPECT_EQ(newer.code, 1);
    EXPECT_NE(newer.errors.find("newer version"), std::string::npos) << newer.errors;
    EXPECT_EQ(command({"check"}).code, 1);
    EXPECT_EQ(text_of(database), before) << "left as it is";

    std::string damaged = text_of(backup_file);
    for (std::size_t at = 3 * 4096; at < damaged.size(); ++at)
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const std::string bad = (folder.path() / "bad.backup").string();
    std::ofstream(bad) << damaged;
    EXPECT_EQ(run_command({"check", bad}).code, 1);
    EXPECT_EQ(command({"restore", bad, "--replace"}).code, 1);
    EXPECT_EQ(text_of(database), before) << "nothing was changed";
    EXPECT_EQ(command({"restore", backup_file, "--replace"}).code, 0);
    server.start();
    expect_serves();
}

// --- reload and systemd
// ----------------------------------------------------------------------------

// A datagram socket like systemd's.
class Notifications {
public:
    explicit Notifications(const std::filesystem::path& path)
        : path_(path.string()), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
        if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("no socket");
        }
    }
    ~Notifications() { close(fd_); }
    Notifications(const Notifications&) = delete;
    Notifications& operator=(const Notifications&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

    // Waits for one that begins like this; others are passed over.
    bool wait_for(const std::string& start) {
        std::array<char, 512> text{};
        pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
        while (poll(&wait, 1, 20'000) == 1) {
            const ssize_t size = read(fd_, text.data(), text.size());
            if (size > 0 &&
                std::string_view(text.data(), static_cast<std::size_t>(size)).starts_with(start)) {
                return true;
            }
        }
        return false;
    }

private:
    std::string path_;
    int fd_;
};

TEST_F(Operations, systemd_and_hang_ups) {
    ASSERT_EQ(server.stop(), 0);
    Notifications notifications(folder.path() / "notify");
    Process process("/usr/bin/env",
                    {"NOTIFY_SOCKET=" + notifications.path(), "WATCHDOG_USEC=1000000",
                     (program_folder() / "sotto-rendezvous").string(), "run", "--dir",
                     server.folder().string()});
    EXPECT_TRUE(notifications.wait_for("READY=1"));
    EXPECT_TRUE(notifications.wait_for("WATCHDOG=1"));
    EXPECT_TRUE(notifications.wait_for("WATCHDOG=1")) << "again and again";

    const auto connection = client();
    Person carol = person("carol");
    replace_in(config(), "community = \"open\"", "community = \"invite\"");
    process.signal(SIGHUP);
    EXPECT_TRUE(notifications.wait_for("RELOADING=1\nMONOTONIC_USEC="));
    EXPECT_TRUE(notifications.wait_for("READY=1"));
    EXPECT_THROW(connection->join(carol), std::runtime_error) << "by invite now";

    replace_in(config(), "community = \"invite\"", "community = \"nonsense\"");
    process.signal(SIGHUP);
    EXPECT_TRUE(notifications.wait_for("READY=1"));
    EXPECT_THROW(connection->join(carol), std::runtime_error) << "the old one was kept";
    EXPECT_NE(process.errors().find("reload ok=false"), std::string::npos) << process.errors();

    process.signal(SIGTERM);
    EXPECT_TRUE(notifications.wait_for("STOPPING=1"));
    EXPECT_EQ(process.wait(), 0);
}

TEST_F(Operations, the_log_names_nobody) {
    const Member anna = member("anna-of-the-log");
    expect_mail_arrives(anna, 1);
    EXPECT_EQ(server.stop(), 0);
    const std::string log = server.process().errors();
    EXPECT_NE(log.find("serving"), std::string::npos);
    EXPECT_NE(log.find("stopped"), std::string::npos);
    EXPECT_EQ(log.find("anna-of-the-log"), std::string::npos);
    EXPECT_EQ(log.find(crypto::to_hex(anna.person.account().view())), std::string::npos);
    EXPECT_EQ(log.find("127.0.0.1"), std::string::npos);
}

// --- metrics
// ---------------------------------------------------------------------------------------

std::string http_get(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string text;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        const std::string request =
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        (void)send(fd, request.data(), request.size(), MSG_NOSIGNAL);
        std::array<char, 4096> part{};
        for (ssize_t size = 1; size > 0;) {
            pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
            size = poll(&wait, 1, 20'000) == 1 ? read(fd, part.data(), part.size()) : 0;
            if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
        }
    }
    close(fd);
    return text;
}

TEST_F(Operations, metrics_are_numbers_on_loopback) {
    ASSERT_EQ(server.stop(), 0);
    const auto port = find_free_port();
    ASSERT_TRUE(port.has_value());
    replace_in(config(), "[metrics]", "[metrics]\n#");  // keeps the comments apart
    replace_in(config(), "listen = \"\"", "listen = \"127.0.0.1:" + std::to_string(*port) + "\"");
    server.start();
    if (!server.process().errors().empty() &&
        server.process().errors().find("without metrics") != std::string::npos) {
        GTEST_SKIP() << "built without prometheus-cpp";
    }
    const Member anna = member("anna");
    std::string text;
    // The figures are copied once a second: ask until the login shows.
    for (int i = 0; i < 10'000 && text.find("sotto_sessions 1\n") == std::string::npos; ++i)
        text = http_get(*port);
    EXPECT_NE(text.find("sotto_sessions 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("sotto_registrations_total 1\n"), std::string::npos);
    EXPECT_NE(text.find("sotto_mailbox_items 0\n"), std::string::npos);
    EXPECT_NE(text.find("sotto_refused_total{reason=\"rate_limited\"} 0\n"), std::string::npos);
    EXPECT_EQ(text.find("anna"), std::string::npos);
}

// --- a full disk
// -----------------------------------------------------------------------------------

TEST_F(Operations, a_full_disk_refuses_new_mail_and_loses_none) {
    ASSERT_EQ(server.stop(), 0);
    replace_in(config(), "max_mib = 0", "max_mib = 2");
    server.start();
    Member anna = member("anna");
    (void)anna.client->ask_for<Ok>(Logout{});
    const auto sender = client();
    std::set<std::uint64_t> accepted;
    std::optional<Error> refused;
    for (std::uint64_t number = 1; number <= 60 && !refused; ++number) {
        const Reply reply = sender->ask(
            testing::mail_with_token(anna.person.address(), anna.token, envelope_of(number),
                                     Bytes(60'000, static_cast<std::uint8_t>(number))));
        if (std::holds_alternative<Accepted>(reply)) accepted.insert(number);
        if (const auto* error = std::get_if<Error>(&reply)) refused = *error;
    }
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, ErrorCode::disk_full);
    EXPECT_GT(refused->retry_after_ms, 0U);
    EXPECT_GT(accepted.size(), 10U);
    server.kill();
    server.start();
    anna.client = client();
    EXPECT_EQ(anna.client->log_in(anna.person).mail_waiting, accepted.size())
        << "it goes on serving";
    for (const std::uint64_t number : accepted) {
        const auto mail = anna.client->next_push<Mail>();
        EXPECT_EQ(mail.item, Bytes(60'000, static_cast<std::uint8_t>(number)));
        (void)anna.client->ask_for<Ok>(AckMail{{mail.row}});
    }
    const auto again = client();
    (void)again->ask_for<Accepted>(testing::mail_with_token(anna.person.address(), anna.token,
                                                            envelope_of(99), Bytes(60'000, 99)));
    EXPECT_EQ(anna.client->next_push<Mail>().item, Bytes(60'000, 99)) << "there is room again";
}

// --- doctor
// ------------------------------------------------------------------------------------------

TEST_F(Operations, doctor_finds_what_is_wrong) {
    const auto grade_of = [this](const std::string& check) {
        const CommandResult result = command({"doctor", "--json"});
        const Json all = Json::parse(result.output);
        EXPECT_EQ(result.code == 0, all.at("ok").get<bool>());
        for (const Json& finding : all.at("findings")) {
            if (finding.at("check") == check) return finding.at("grade").get<std::string>();
        }
        return std::string("absent");
    };
    EXPECT_EQ(grade_of("port"), "ok") << "it answers";
    ASSERT_EQ(server.stop(), 0);
    EXPECT_EQ(grade_of("port"), "ok") << "it is free";
    EXPECT_EQ(grade_of("files"), "ok");
    ASSERT_EQ(chmod((server.folder() / "server.key").c_str(), 0644), 0);
    EXPECT_EQ(grade_of("files"), "error");
    ASSERT_EQ(chmod((server.folder() / "server.key").c_str(), 0600), 0);
    const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(taken, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ASSERT_EQ(bind(taken, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(taken, 1), 0);
    EXPECT_EQ(grade_of("port"), "error");
    close(taken);
    replace_in(config(), "community = ", "comunity = ");
    EXPECT_EQ(grade_of("configuration"), "error");
}

class FewForClients : public Operations {
protected:
    FewForClients() : Operations({.descriptors = 300}) {}
};

// The limit that counts is the running server's, and not that of the shell the doctor is asked in.
TEST_F(FewForClients, the_doctor_asks_the_running_server) {
    const auto descriptors = [this] {
        const Json all = Json::parse(command({"doctor", "--json"}).output);
        for (const Json& finding : all.at("findings")) {
            if (finding.at("check") == "descriptors") return finding;
        }
        return Json();
    };
    const Json running = descriptors();
    EXPECT_EQ(running.at("grade"), "warning");
    EXPECT_EQ(running.at("text"), "300 file descriptors of the running server for 20000 clients");
    ASSERT_EQ(server.stop(), 0);
    EXPECT_NE(descriptors().at("text").get<std::string>().find("in this shell"), std::string::npos);
    server.start();
}

}  // namespace
}  // namespace sotto::e2e
