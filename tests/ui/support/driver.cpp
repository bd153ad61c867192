#include "support/driver.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <utility>

namespace sotto::ui::testing {

namespace {

// ImGui takes two clicks within 0.3 s for a double click.
constexpr int frames_between_clicks = 20;
constexpr int settle_frames_max = 60;

[[nodiscard]] std::optional<float> number(std::string_view text) {
    float value = 0.0F;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

[[nodiscard]] Uint16 modifier(std::string_view name) {
    if (name == "Ctrl") {
        return KMOD_LCTRL;
    }
    if (name == "Shift") {
        return KMOD_LSHIFT;
    }
    if (name == "Alt") {
        return KMOD_LALT;
    }
    return 0;
}

void copy_text(char* out, std::size_t room, std::string_view text) {
    const std::size_t size = std::min(text.size(), room - 1);
    std::memcpy(out, text.data(), size);
    out[size] = '\0';
}

[[nodiscard]] std::size_t utf8_length(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

// A line cut at spaces; "quoted words" keep theirs, \n \" \\ mean what they do in C.
struct Driver::Words {
    std::vector<std::string> all;

    explicit Words(std::string_view line) {
        bool open = false;
        bool quoted = false;
        std::string word;
        const auto finish = [&] {
            if (!word.empty() || quoted) {
                all.push_back(std::exchange(word, {}));
            }
            quoted = false;
        };
        for (std::size_t i = 0; i < line.size(); ++i) {
            const char c = line[i];
            if (open && c == '\\' && i + 1 < line.size()) {
                ++i;
                word.push_back(line[i] == 'n' ? '\n' : line[i] == 'r' ? '\r' : line[i]);
            } else if (c == '"') {
                open = !open;
                quoted = true;
            } else if (!open && (c == ' ' || c == '\t')) {
                finish();
            } else {
                word.push_back(c);
            }
        }
        finish();
    }
    [[nodiscard]] std::string_view operator[](std::size_t i) const {
        return i < all.size() ? std::string_view(all[i]) : std::string_view{};
    }
    [[nodiscard]] float real(std::size_t i) const { return number((*this)[i]).value_or(0.0F); }
    [[nodiscard]] int whole(std::size_t i, int otherwise) const {
        const auto value = number((*this)[i]);
        return value ? static_cast<int>(*value) : otherwise;
    }
    // Two numbers, or the middle of the named thing.
    [[nodiscard]] std::optional<ImVec2> point(std::size_t i, const SemanticTree& tree) const {
        if (const auto x = number((*this)[i])) {
            return ImVec2(*x, real(i + 1));
        }
        const Node* node = tree.find((*this)[i]);
        return node != nullptr ? std::optional(node->centre()) : std::nullopt;
    }
};

Driver::Driver(Window& window, Window::DrawFrame draw, std::filesystem::path picture_folder)
    : window_(window),
      draw_(std::move(draw)),
      folder_(std::move(picture_folder)),
      tree_(*window.context()) {
    frames(3);
}

void Driver::frames(int count) {
    for (int i = 0; i < count; ++i) {
        tree_.begin_frame();
        last_ = window_.frame(draw_);
    }
}

void Driver::settle() {
    int still = 0;
    for (int i = 0; i < settle_frames_max && still < 3; ++i) {
        frames();
        still = last_.presented || window_.context()->InputEventsQueue.Size > 0 ? 0 : still + 1;
    }
}

void Driver::move_to(ImVec2 point) {
    SDL_Event event{};
    event.type = SDL_MOUSEMOTION;
    event.motion.windowID = SDL_GetWindowID(window_.sdl());
    event.motion.x = static_cast<int>(point.x);
    event.motion.y = static_cast<int>(point.y);
    SDL_PushEvent(&event);
    frames(2);
}

void Driver::press(ImVec2 point, Uint8 button, bool down) {
    SDL_Event event{};
    event.type = down ? SDL_MOUSEBUTTONDOWN : SDL_MOUSEBUTTONUP;
    event.button.windowID = SDL_GetWindowID(window_.sdl());
    event.button.button = button;
    event.button.state = down ? SDL_PRESSED : SDL_RELEASED;
    event.button.x = static_cast<int>(point.x);
    event.button.y = static_cast<int>(point.y);
    SDL_PushEvent(&event);
    frames(1);
}

void Driver::click(ImVec2 point, Uint8 button, Uint8 clicks) {
    move_to(point);
    frames(frames_between_clicks);
    for (Uint8 i = 0; i < clicks; ++i) {
        press(point, button, true);
        press(point, button, false);
    }
    settle();
}

void Driver::drag(ImVec2 from, ImVec2 to) {
    constexpr int steps = 4;
    move_to(from);
    frames(frames_between_clicks);
    press(from, SDL_BUTTON_LEFT, true);
    for (int i = 1; i <= steps; ++i) {
        const float t = static_cast<float>(i) / steps;
        move_to({from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t});
    }
    press(to, SDL_BUTTON_LEFT, false);
    settle();
}

void Driver::type(std::string_view utf8) {
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t length = utf8_length(utf8[at]);
        SDL_Event event{};
        event.type = SDL_TEXTINPUT;
        event.text.windowID = SDL_GetWindowID(window_.sdl());
        copy_text(event.text.text, sizeof event.text.text, utf8.substr(at, length));
        SDL_PushEvent(&event);
        at += length;
    }
    settle();
}

void Driver::key(std::string_view chord) {
    Uint16 mods = 0;
    for (std::size_t plus = chord.find('+'); plus != std::string_view::npos && plus > 0;
         plus = chord.find('+')) {
        mods = static_cast<Uint16>(mods | modifier(chord.substr(0, plus)));
        chord.remove_prefix(plus + 1);
    }
    const std::string name(chord == "Enter" ? "Return" : chord);
    for (const bool down : {true, false}) {
        SDL_Event event{};
        event.type = down ? SDL_KEYDOWN : SDL_KEYUP;
        event.key.windowID = SDL_GetWindowID(window_.sdl());
        event.key.state = down ? SDL_PRESSED : SDL_RELEASED;
        event.key.keysym.sym = SDL_GetKeyFromName(name.c_str());
        event.key.keysym.scancode = SDL_GetScancodeFromKey(event.key.keysym.sym);
        event.key.keysym.mod = down ? mods : Uint16{0};
        SDL_PushEvent(&event);
        frames(2);
    }
    settle();
}

void Driver::wheel(float lines) {
    SDL_Event event{};
    event.type = SDL_MOUSEWHEEL;
    event.wheel.windowID = SDL_GetWindowID(window_.sdl());
    event.wheel.y = static_cast<int>(lines);
    event.wheel.preciseY = lines;
    SDL_PushEvent(&event);
    settle();
}

void Driver::preedit(std::string_view utf8) {
    SDL_Event event{};
    event.type = SDL_TEXTEDITING;
    event.edit.windowID = SDL_GetWindowID(window_.sdl());
    copy_text(event.edit.text, sizeof event.edit.text, utf8);
    SDL_PushEvent(&event);
    settle();
}

std::string Driver::screen() const {
    std::string out;
    for (const Node& node : tree_.nodes()) {
        if (node.visible && !node.label.empty()) {
            out += "\n    " + node.role + ": " + node.label;
        }
    }
    return out;
}

std::string Driver::do_pointer(const Words& words) {
    const std::string_view verb = words[0];
    if (verb == "wheel") {
        if (words.all.size() > 2) {
            const auto at = words.point(1, tree_);
            if (!at) {
                return "nothing is called \"" + std::string(words[1]) + "\" here:" + screen();
            }
            move_to(*at);
        }
        wheel(words.real(words.all.size() - 1));
        return {};
    }
    const auto at = words.point(1, tree_);
    if (!at) {
        return "nothing is called \"" + std::string(words[1]) + "\" here:" + screen();
    }
    if (verb == "click") {
        click(*at);
    } else if (verb == "double_click") {
        click(*at, SDL_BUTTON_LEFT, 2);
    } else if (verb == "right_click") {
        click(*at, SDL_BUTTON_RIGHT);
    } else if (verb == "drag") {
        const std::size_t next = number(words[1]) ? 3 : 2;
        const ImVec2 by(words.real(next), words.real(next + 1));
        drag(*at, next == 3 ? by : ImVec2(at->x + by.x, at->y + by.y));
    } else {
        move_to(*at);
        settle();
    }
    return {};
}

std::string Driver::do_text(const Words& words) {
    const std::string_view verb = words[0];
    if (verb == "type") {
        type(words[1]);
    } else if (verb == "key") {
        key(words[1]);
    } else if (verb == "preedit") {
        preedit(words[1]);
    } else if (verb == "paste") {
        SDL_SetClipboardText(std::string(words[1]).c_str());
        key("Ctrl+V");
    } else {  // drop
        SDL_Event event{};
        event.type = SDL_DROPFILE;
        event.drop.windowID = SDL_GetWindowID(window_.sdl());
        event.drop.file = SDL_strdup(std::string(words[1]).c_str());
        SDL_PushEvent(&event);
        settle();
    }
    return {};
}

std::string Driver::do_output(const Words& words) {
    const std::filesystem::path file = folder_ / words[1];
    if (words[0] == "shot") {
        return write_png(window_.picture(), file) ? "" : "cannot write " + file.string();
    }
    if (words[1].empty()) {
        std::cout << tree_.json() << '\n';
        return {};
    }
    return std::ofstream(file) << tree_.json() << '\n' ? "" : "cannot write " + file.string();
}

std::string Driver::do_expect(const Words& words) {
    const std::string_view verb = words[0];
    if (verb == "expect_clip") {
        char* text = SDL_GetClipboardText();
        const std::string found = text != nullptr ? text : "";
        SDL_free(text);
        return found == words[1] ? "" : "the clipboard holds \"" + found + "\"";
    }
    if (verb == "expect_idle") {
        settle();
        frames();
        return last_.presented ? "the picture does not come to rest" : "";
    }
    const Node* node = verb == "expect_last" ? tree_.find_last(words[1]) : tree_.find(words[1]);
    if (verb == "expect_not") {
        return node == nullptr ? "" : "\"" + node->label + "\" is on the screen";
    }
    if (node == nullptr) {
        return "\"" + std::string(words[1]) + "\" is not on the screen:" + screen();
    }
    if (verb == "expect_value" && node->value != words[2]) {
        return "\"" + node->label + "\" has the value \"" + node->value + "\"";
    }
    if (verb == "expect_last" && node->label != words[2]) {
        return "the last " + node->role + " is \"" + node->label + "\"";
    }
    return {};
}

std::string Driver::do_window(const Words& words) {
    const std::string_view verb = words[0];
    if (verb == "resize") {
        SDL_SetWindowSize(window_.sdl(), words.whole(1, 800), words.whole(2, 600));
        settle();
    } else if (verb == "frames") {
        frames(words.whole(1, 1));
    } else if (verb == "settle") {
        settle();
    } else {  // focus_in, focus_out
        SDL_Event event{};
        event.type = SDL_WINDOWEVENT;
        event.window.windowID = SDL_GetWindowID(window_.sdl());
        event.window.event =
            verb == "focus_in" ? SDL_WINDOWEVENT_FOCUS_GAINED : SDL_WINDOWEVENT_FOCUS_LOST;
        SDL_PushEvent(&event);
        settle();
    }
    return {};
}

std::string Driver::command(std::string_view line) {
    const Words words(line);
    const std::string_view verb = words[0];
    const auto one_of = [verb](std::initializer_list<std::string_view> names) {
        return std::ranges::find(names, verb) != names.end();
    };
    if (verb.empty() || verb.starts_with('#')) {
        return {};
    }
    if (one_of({"click", "double_click", "right_click", "hover", "move", "drag", "wheel"})) {
        return do_pointer(words);
    }
    if (one_of({"type", "paste", "key", "preedit", "drop"})) {
        return do_text(words);
    }
    if (one_of({"shot", "dump"})) {
        return do_output(words);
    }
    if (one_of({"resize", "frames", "settle", "focus_in", "focus_out"})) {
        return do_window(words);
    }
    if (verb.starts_with("expect")) {
        return do_expect(words);
    }
    return "there is no command \"" + std::string(verb) + "\"";
}

std::vector<std::string> Driver::run(std::string_view script) {
    std::vector<std::string> failures;
    int number_of_line = 0;
    while (!script.empty()) {
        const std::size_t end = std::min(script.find('\n'), script.size());
        std::string_view line = script.substr(0, end);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        ++number_of_line;
        if (std::string failure = command(line); !failure.empty()) {
            failures.push_back("line " + std::to_string(number_of_line) + ": " + std::string(line) +
                               ": " + failure);
        }
        script.remove_prefix(std::min(end + 1, script.size()));
    }
    return failures;
}

}  // namespace sotto::ui::testing
