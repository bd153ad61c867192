// The desktop application: a window, the desktop in it, and the peer's runtime behind it.
//
// The only file of the ui that knows the runtime. The ui thread drains changes, draws, posts
// commands and never waits: hashing, history, network and disk are on the runtime's threads. On the
// way out it does wait, for a moment, until what was sent is on the disk.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <variant>

#include "peer/runtime/runtime.hpp"
#include "ui/desktop.hpp"
#include "ui/options.hpp"
#include "ui/settings_saver.hpp"
#include "ui/window.hpp"

namespace sotto::ui {

class App {
public:
    // Shows the window and starts the runtime; or says in a sentence why not. `scripted`: with
    // steady frame times, for the test driver.
    [[nodiscard]] static std::variant<std::unique_ptr<App>, std::string> open(Options options,
                                                                              bool scripted);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Until the window is closed.
    void run();
    // One frame; what run() gives to the window.
    void draw(Kit& kit);
    // From any thread, also from a signal's: close as soon as possible.
    void terminate();

    [[nodiscard]] Window& window() { return *window_; }
    [[nodiscard]] Desktop& desktop() { return desktop_; }

private:
    App(Options options, Settings settings, std::unique_ptr<Window> window);
    void take_changes();
    void unlock_from_file();
    void post(Commands commands);
    void settle_settings();
    void remember_size();
    void finish_sending();

    Options options_;
    SettingsSaver saver_;
    Desktop desktop_;
    std::unique_ptr<Window> window_;
    std::atomic<bool> terminating_{false};
    std::unique_ptr<peer::Runtime> runtime_;  // last: its thread wakes the window
};

}  // namespace sotto::ui
