// Draws the foundation's parts with invented data, to look at them and to measure them.
//
//   gallery --out FOLDER     pictures gallery-*.png, without a display
//   gallery --bench          one line of JSON per measurement
//   gallery --show [--dark]  a real window to play with

#include "gallery_chat.hpp"
#include "gallery_parts.hpp"
#include "support/driver.hpp"
#include "ui/window.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace sotto::ui;

struct Options {
    std::string folder;
    bool bench = false;
    bool show = false;
    bool dark = false;
};

[[nodiscard]] Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string_view word(words[i]);
        options.bench = options.bench || word == "--bench";
        options.show = options.show || word == "--show";
        options.dark = options.dark || word == "--dark";
        if (word == "--out" && i + 1 < count) {
            options.folder = words[++i];
        }
    }
    return options;
}

[[nodiscard]] std::unique_ptr<Window> open_window(ThemeChoice theme, float scale, bool fixed,
                                                  int width = 1100, int height = 720) {
    OpenedWindow opened = Window::open({.title = "Sotto gallery",
                                        .width = width,
                                        .height = height,
                                        .theme = theme,
                                        .scale = scale,
                                        .icon = {},
                                        .fixed_time = fixed});
    if (opened.window == nullptr) {
        std::cerr << opened.error << '\n';
        std::exit(1);
    }
    return std::move(opened.window);
}

// Answers the number of failures.
int shoot_chat(const std::string& folder, ThemeChoice theme, const std::string& name, float scale) {
    const auto window = open_window(theme, scale, true);
    gallery::ChatScreen screen(gallery::conversation());
    testing::Driver driver(
        *window, [&](Kit& kit) { screen.draw(kit); }, folder);
    const std::string shot = "shot gallery-main-" + name + ".png\n";
    int failures = 0;
    for (const std::string& line : driver.run("settle\n" + shot)) {
        std::cerr << line << '\n';
        ++failures;
    }
    return failures;
}

int shoot_interaction(const std::string& folder) {
    const auto window = open_window(ThemeChoice::light, 1.0F, true, 1200, 780);
    gallery::ChatScreen screen(gallery::conversation());
    testing::Driver driver(
        *window, [&](Kit& kit) { screen.draw(kit); }, folder);
    constexpr std::string_view script = R"(
        click "input:Message"
        type "Bonjour 😀 à tous"
        key Shift+Enter
        paste "🏳️‍🌈 collé, שלום עולם and a long line which must wrap because the input box is not wide enough for it, really not at all, so it goes on"
        preedit "にほんご"
        shot gallery-input.png
        preedit ""
        key Ctrl+A
        shot gallery-input-selected.png
        key Delete
        drag "Merci" -150 -11
        shot gallery-select.png
        click "Search or start"
        type "🚀"
        expect_not "row:Bob"
        shot gallery-search.png
        hover "Settings"
        frames 60
        expect "tooltip:Settings"
        shot gallery-tooltip.png
    )";
    int failures = 0;
    for (const std::string& line : driver.run(script)) {
        std::cerr << line << '\n';
        ++failures;
    }
    return failures;
}

int shoot_parts(const std::string& folder, ThemeChoice theme, const std::string& name) {
    const auto window = open_window(theme, 1.0F, true, 900, 620);
    gallery::PartsScreen screen;
    testing::Driver driver(
        *window, [&](Kit& kit) { screen.draw(kit); }, folder);
    int failures = 0;
    for (const std::string& line :
         driver.run("settle\nkey Tab\nkey Tab\nshot gallery-parts-" + name + ".png\n")) {
        std::cerr << line << '\n';
        ++failures;
    }
    return failures;
}

struct Sample {
    std::vector<double> values;
    void add(double v) { values.push_back(v); }
    [[nodiscard]] double at(double part) {
        std::sort(values.begin(), values.end());
        return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
    }
    void print(const char* name) {
        std::printf(
            "{\"bench\":\"desktop\",\"case\":\"%s\",\"value\":%.3f,\"unit\":\"ms\","
            "\"spread\":[%.3f,%.3f],\"runs\":%zu}\n",
            name, at(0.5), at(0.0), at(0.99), values.size());
    }
};

void bench() {
    const auto begin = std::chrono::steady_clock::now();
    const auto window = open_window(ThemeChoice::dark, 1.0F, true, 1200, 800);
    gallery::ChatScreen screen(gallery::long_conversation(100'000));
    const Window::DrawFrame draw = [&](Kit& kit) { screen.draw(kit); };
    const FrameReport first = window->frame(draw);
    const auto ready = std::chrono::steady_clock::now();
    Sample start;
    start.add(std::chrono::duration<double, std::milli>(ready - begin).count());
    start.print("start_to_first_frame");
    Sample build;
    build.add(first.cpu_ms);
    build.print("first_frame");
    for (int i = 0; i < 10; ++i) {
        window->frame(draw);
    }
    Sample idle;
    for (int i = 0; i < 200; ++i) {
        idle.add(window->frame(draw).cpu_ms);
    }
    idle.print("unchanged_frame");
    for (int warm = 0; warm < 2; ++warm) {
        Sample scroll;
        screen.list().scroll_to_row(50'000);
        window->frame(draw);
        for (int i = 0; i < 300; ++i) {
            screen.list().scroll_by(-37.0);
            scroll.add(window->frame(draw).cpu_ms);
        }
        scroll.print(warm == 0 ? "scroll_first_time" : "scroll");
    }
    Sample jump;
    for (int i = 0; i < 100; ++i) {
        screen.list().scroll_to_row(static_cast<std::size_t>(i) * 977 % 100'000);
        jump.add(window->frame(draw).cpu_ms);
    }
    jump.print("jump");
    screen.composer().focus();
    testing::Driver driver(*window, draw);
    Sample typing;
    for (int i = 0; i < 100; ++i) {
        SDL_Event event{};
        event.type = SDL_TEXTINPUT;
        event.text.text[0] = static_cast<char>('a' + i % 26);
        SDL_PushEvent(&event);
        typing.add(window->frame(draw).cpu_ms);
        window->frame(draw);
    }
    typing.print("type_a_character");
}

}  // namespace

int main(int count, char** words) {
    const Options options = parse(count, words);
    if (options.show) {
        const auto window = open_window(options.dark ? ThemeChoice::dark : ThemeChoice::system,
                                        detect_scale(), false);
        gallery::ChatScreen screen(gallery::conversation());
        window->run([&](Kit& kit) { screen.draw(kit); });
        return 0;
    }
    ::setenv("SDL_VIDEODRIVER", "dummy", 1);
    if (options.bench) {
        bench();
        return 0;
    }
    if (options.folder.empty()) {
        std::cerr << "gallery --out FOLDER | --bench | --show [--dark]\n";
        return 2;
    }
    int failures = 0;
    failures += shoot_chat(options.folder, ThemeChoice::dark, "dark", 1.0F);
    failures += shoot_chat(options.folder, ThemeChoice::light, "light", 1.0F);
    failures += shoot_chat(options.folder, ThemeChoice::dark, "dark-1.5x", 1.5F);
    failures += shoot_chat(options.folder, ThemeChoice::light, "light-2x", 2.0F);
    failures += shoot_interaction(options.folder);
    failures += shoot_parts(options.folder, ThemeChoice::light, "light");
    failures += shoot_parts(options.folder, ThemeChoice::dark, "dark");
    return failures == 0 ? 0 : 1;
}
