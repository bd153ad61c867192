#include "stage.hpp"

#include <SDL.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "crypto/init.hpp"

namespace sotto::ui::testing {
namespace {

Settings settings_of(const StageOptions& options) {
    Settings settings;
    settings.theme = options.theme;
    settings.language = options.language;
    settings.scale = options.scale;
    return settings;
}

void use_no_display() {
    ::setenv("SDL_VIDEODRIVER", "dummy", 1);
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

std::unique_ptr<Window> open_window(const StageOptions& options) {
    crypto::initialise();  // the program does so first of all
    use_no_display();
    OpenedWindow opened = Window::open({.width = options.width,
                                        .height = options.height,
                                        .width_min = width_min,
                                        .height_min = height_min,
                                        .theme = options.theme,
                                        .scale = options.scale,
                                        .fixed_time = true});
    if (!opened.window) {
        ADD_FAILURE() << opened.error;
        std::abort();  // nothing else can be said without a window
    }
    return std::move(opened.window);
}

}  // namespace

Stage::Stage(const StageOptions& options)
    : desktop(settings_of(options), Language::english), window(open_window(options)) {
    desktop.ui().version = "0.1.0";
    desktop.ui().hybrid_suite = true;
    driver = std::make_unique<Driver>(*window, [this](Kit& kit) { frame(kit); });
}

void Stage::frame(Kit& kit) {
    for (peer::PostedCommand& command : desktop.draw(kit, now)) {
        const auto* asked = std::get_if<peer::LoadHistory>(&command.command);
        const std::optional<peer::LoadHistory> page =
            asked != nullptr && answers_history ? std::optional(*asked) : std::nullopt;
        posted.push_back(std::move(command));
        if (page) {
            answer(*page);
        }
    }
    if (std::exchange(desktop.ui().settings_changed, false)) {
        apply_settings(*window, desktop.ui().settings);
    }
}

void Stage::answer(const peer::LoadHistory& asked) {
    peer::HistoryPage page{
        .peer = asked.peer, .before_row = asked.before_row, .messages = {}, .more = false};
    for (const peer::Message& message : history) {
        if (message.peer == asked.peer &&
            (asked.before_row == 0 || message.row < asked.before_row)) {
            page.messages.push_back(message);
        }
    }
    if (page.messages.size() > asked.limit) {
        const auto end = page.messages.end() - static_cast<std::ptrdiff_t>(asked.limit);
        page.messages.erase(page.messages.begin(), end);
        page.more = true;
    }
    page.newer = asked.newer;
    const std::size_t end = page.messages.size() + asked.newer;
    for (const peer::Message& message : history) {
        if (asked.newer == 0 || message.peer != asked.peer || message.row < asked.before_row) {
            continue;
        }
        page.more_newer = page.messages.size() == end;
        if (page.more_newer) {
            break;
        }
        page.messages.push_back(message);
    }
    desktop.take(page, now);
}

void Stage::take(const peer::ViewChange& change) {
    desktop.take(change, now);
}

void Stage::show(const peer::ViewChange& change) {
    take(change);
    driver->settle();
}

std::string Stage::run(std::string_view script) {
    std::string failures;
    for (const std::string& failure : driver->run(script)) {
        // Without the list of what was on the screen instead; the driver's own tests show that.
        failures += failure.substr(0, failure.find('\n')) + "\n";
    }
    return failures;
}

void Stage::shot(const std::filesystem::path& file) const {
    std::filesystem::create_directories(file.parent_path());
    EXPECT_TRUE(write_png(window->picture(), file)) << file;
}

}  // namespace sotto::ui::testing
