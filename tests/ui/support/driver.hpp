// Plays a text script against a window, in the same process, through SDL's own event queue.
//
// One command per line, `#` comments, words may be "quoted". WHAT is a label, role:label, part of a
// label, or two numbers (a point on the screen):
//   click double_click right_click hover move WHAT | drag WHAT DX DY | drag X Y X2 Y2 | wheel
//   [WHAT] N type TEXT | paste TEXT | key Ctrl+Shift+Left | preedit TEXT | drop PATH resize W H |
//   frames N | settle | focus_in | focus_out | shot FILE | dump [FILE] expect WHAT | expect_not
//   WHAT | expect_value WHAT VALUE | expect_last ROLE LABEL expect_clip TEXT | expect_idle
// Time is fixed at 1/60 s per frame and the caret is steady, so pictures are equal from run to run.
// A failing command says its line and what was on the screen. Test builds only.
#pragma once

#include "support/test_hooks.hpp"
#include "ui/window.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::ui::testing {

// False when the file cannot be written.
[[nodiscard]] bool write_png(const Window::Picture& picture, const std::filesystem::path& file);

class Driver {
public:
    Driver(Window& window, Window::DrawFrame draw, std::filesystem::path picture_folder = {});

    // Runs all commands; the answer is one line per failure, empty when all went well.
    [[nodiscard]] std::vector<std::string> run(std::string_view script);
    // One command; empty when it went well.
    [[nodiscard]] std::string command(std::string_view line);

    void frames(int count = 1);
    void settle();  // as many frames as the event loop would draw until it sleeps
    [[nodiscard]] const SemanticTree& tree() const { return tree_; }
    [[nodiscard]] const FrameReport& last() const { return last_; }

    void move_to(ImVec2 point);
    void click(ImVec2 point, Uint8 button = SDL_BUTTON_LEFT, Uint8 clicks = 1);
    void press(ImVec2 point, Uint8 button, bool down);
    void drag(ImVec2 from, ImVec2 to);
    void type(std::string_view utf8);
    void key(std::string_view chord);  // "Ctrl+Shift+Left"
    void wheel(float lines);
    void preedit(std::string_view utf8);

private:
    struct Words;
    [[nodiscard]] std::string do_pointer(const Words& words);
    [[nodiscard]] std::string do_text(const Words& words);
    [[nodiscard]] std::string do_output(const Words& words);
    [[nodiscard]] std::string do_expect(const Words& words);
    [[nodiscard]] std::string do_window(const Words& words);
    [[nodiscard]] std::string screen() const;

    Window& window_;
    Window::DrawFrame draw_;
    std::filesystem::path folder_;
    SemanticTree tree_;
    FrameReport last_;
};

}  // namespace sotto::ui::testing
