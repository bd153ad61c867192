// sotto-ui-driver --script FILE [--pictures FOLDER] [options of sotto]
//
// Runs the desktop as it is, window and runtime, and plays a script in it: the driver's commands
// (tests/ui/support/driver.hpp) and three that wait for the world outside, which a frame cannot:
//   wait WHAT            until something of that name is on the screen
//   wait_value WHAT VALUE
//   wait_gone WHAT
// Waiting ends with the event that brings the change; after 30 s it is a failure. Works with
// SDL_VIDEODRIVER=dummy and on real displays. Exit code 1: a line failed (it is printed).
#include <SDL.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "peer/runtime/hardening.hpp"
#include "support/driver.hpp"
#include "ui/app.hpp"

namespace sotto::ui::testing {
namespace {

// A person would long have given up; Argon2id on a busy machine has not.
constexpr std::chrono::seconds wait_max{30};
// The wake-up of the runtime is an event; this only bounds the loss of one.
constexpr int poll_ms = 100;

struct Arguments {
    std::string script;
    std::string pictures = ".";
    std::vector<char*> rest;
};

Arguments split(int argc, char** argv) {
    Arguments arguments;
    for (int i = 0; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--script" && i + 1 < argc) {
            arguments.script = argv[++i];
        } else if (word == "--pictures" && i + 1 < argc) {
            arguments.pictures = argv[++i];
        } else {
            arguments.rest.push_back(argv[i]);
        }
    }
    return arguments;
}

// The words of a line, "quoted" ones whole.
std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream in(line);
    for (std::string word; in >> std::ws && in.peek() != EOF;) {
        if (in.peek() == '"') {
            in.get();
            std::getline(in, word, '"');
        } else {
            in >> word;
        }
        words.push_back(word);
    }
    return words;
}

bool wait_until(Driver& driver, const std::function<bool()>& satisfied) {
    const auto until = std::chrono::steady_clock::now() + wait_max;
    while (!satisfied()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        SDL_WaitEventTimeout(nullptr, poll_ms);
        driver.frames(1);
    }
    driver.settle();
    return true;
}

// Nothing when the command is none of ours.
std::string wait_command(Driver& driver, const std::vector<std::string>& words) {
    const std::string what = words.size() > 1 ? words[1] : std::string{};
    const std::string value = words.size() > 2 ? words[2] : std::string{};
    const bool came = wait_until(driver, [&] {
        const Node* node = driver.tree().find(what);
        if (words[0] == "wait_gone") {
            return node == nullptr;
        }
        return node != nullptr && (words[0] == "wait" || node->value == value);
    });
    if (came) {
        return {};
    }
    std::string failure = "waited in vain; on the screen is";
    for (const Node& node : driver.tree().nodes()) {
        if (node.visible && !node.label.empty()) {
            failure += "\n    " + node.role + ": " + node.label + " [" + node.value + "]";
        }
    }
    return failure;
}

int play(App& app, const Arguments& arguments) {
    std::ifstream file(arguments.script);
    if (!file) {
        std::cerr << "sotto-ui-driver: cannot read " << arguments.script << "\n";
        return exit_usage;
    }
    Driver driver(
        app.window(), [&app](Kit& kit) { app.draw(kit); }, arguments.pictures);
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        const std::vector<std::string> words = words_of(line);
        const bool waits = !words.empty() && words[0].starts_with("wait");
        const std::string failure = waits ? wait_command(driver, words) : driver.command(line);
        if (!failure.empty()) {
            std::cerr << arguments.script << ":" << number << ": " << line << ": " << failure
                      << "\n";
            return exit_failed;
        }
    }
    return exit_ok;
}

}  // namespace
}  // namespace sotto::ui::testing

int main(int argc, char** argv) {
    using namespace sotto::ui;
    for (const std::string& problem : sotto::peer::runtime::harden_process()) {
        std::cerr << "sotto-ui-driver: " << problem << "\n";
    }
    const testing::Arguments arguments = testing::split(argc, argv);
    auto options = parse_options(static_cast<int>(arguments.rest.size()), arguments.rest.data());
    if (const int* code = std::get_if<int>(&options)) {
        return *code;
    }
    auto opened = App::open(std::move(std::get<Options>(options)), true);
    if (const std::string* problem = std::get_if<std::string>(&opened)) {
        std::cerr << "sotto-ui-driver: " << *problem << "\n";
        return exit_failed;
    }
    return testing::play(*std::get<std::unique_ptr<App>>(opened), arguments);
}
