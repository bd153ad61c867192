// The chat a person uses, through its pipes, and through a terminal where it matters.
#include "tests/e2e/people.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sotto::e2e {
namespace {

class Chat : public People {
protected:
    Chat() { ::setenv("LC_ALL", "C.UTF-8", 1); }

    std::unique_ptr<Process> start_chat(const std::filesystem::path& profile) {
        return std::make_unique<Process>(
            program_folder() / "sotto-peer",
            std::vector<std::string>{"chat", "--profile", profile.string(), "--cheap-vault",
                                     "--server", server.link()});
    }
};

// Reads until a line contains this.
void expect_line(Process& process, const std::string& part) {
    std::string all;
    while (const auto line = process.read_line()) {
        if (line->find(part) != std::string::npos) return;
        all += "  " + *line + "\n";
    }
    ADD_FAILURE() << "waited in vain for: " << part << "\n" << all << process.errors();
}

TEST_F(Chat, two_people_from_nothing_to_a_conversation) {
    const auto a = start_chat(folder.path() / "a");
    const auto b = start_chat(folder.path() / "b");
    a->write("alice\npass a\npass a\n");
    expect_line(*a, "Welcome, alice.");
    b->write("bob\npass b\nanother\npass b\npass b\n");
    expect_line(*b, "differ");
    expect_line(*b, "Welcome, bob.");
    a->write("hello?\n");
    expect_line(*a, "choose someone");
    a->write("/request nobody\n");
    expect_line(*a, "nobody of that name");
    a->write("/request bob It is Alice.\n");
    expect_line(*b, "alice asks to become a contact: \"It is Alice.\"");
    b->write("/accept alice direct\n");
    expect_line(*b, "alice and you are contacts now");
    expect_line(*a, "bob and you are contacts now");
    a->write("/to bob\nHi Bob!\n");
    expect_line(*b, "alice: Hi Bob!");
    expect_line(*a, "delivered to bob");
    b->write("/to alice\n");
    expect_line(*a, "read by bob");
    b->write("/quit\n");
    EXPECT_EQ(b->wait(), 0);
    expect_line(*a, "bob has left");
    a->close_input();  // the end of input ends it, too
    EXPECT_EQ(a->wait(), 0);

    const auto again = start_chat(folder.path() / "a");
    again->write("wrong\npass a\n/to bob\n");
    expect_line(*again, "wrong passphrase");
    expect_line(*again, "Welcome, alice.");
    expect_line(*again, "you: Hi Bob!");
}

TEST_F(Chat, a_password_typed_in_a_terminal_is_not_echoed) {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal < 0) GTEST_SKIP() << "no pseudo-terminals on this machine";
    ASSERT_EQ(::grantpt(terminal), 0);
    ASSERT_EQ(::unlockpt(terminal), 0);
    std::array<char, 256> name{};
    ASSERT_EQ(::ptsname_r(terminal, name.data(), name.size()), 0);
    // The shell gives it a terminal as stdin; stdout stays our pipe.
    Process chat("/bin/sh",
                 {"-c", "exec \"$0\" chat --profile \"$1\" --cheap-vault --server \"$2\" < \"$3\"",
                  (program_folder() / "sotto-peer").string(), (folder.path() / "a").string(),
                  server.link(), name.data()});
    const auto type = [&](std::string_view text) {
        ASSERT_EQ(::write(terminal, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    };
    const auto expect_prompt = [&](std::string_view part) {
        ASSERT_TRUE(chat.skip_past(part)) << part << chat.errors();
    };
    expect_prompt("Choose a name");
    type("alice\n");
    expect_prompt("Choose a password");
    type("hunter2\n");
    expect_prompt("again");
    type("hunter2\n");
    expect_prompt("Welcome, alice.");
    std::array<char, 4096> chunk{};
    const auto got = ::read(terminal, chunk.data(), chunk.size());
    ASSERT_GT(got, 0);
    const std::string echoed(chunk.data(), static_cast<std::size_t>(got));
    EXPECT_NE(echoed.find("alice"), std::string::npos);
    EXPECT_EQ(echoed.find("hunter2"), std::string::npos);
    ::close(terminal);
    chat.kill();
}

}  // namespace
}  // namespace sotto::e2e
