// SDL's events into ImGui's input queue, and ImGui's wishes (cursor shape, text area) back to SDL.
//
// Used instead of Dear ImGui's own SDL backend, because that one asks for the global mouse position
// behind the events' back (which breaks synthetic events, ui.md section 5) and knows no pre-edit
// text. Ui thread.
#pragma once

#include "ui/kit.hpp"

#include <SDL.h>
#include <imgui.h>

#include <array>
#include <memory>
#include <string>

namespace sotto::ui {

class SdlInput {
public:
    SdlInput(SDL_Window* window, Kit& kit);
    ~SdlInput();
    SdlInput(const SdlInput&) = delete;
    SdlInput& operator=(const SdlInput&) = delete;

    // Clipboard and the like into the current ImGui context.
    void attach();
    // True when the event concerns this window (and was passed on).
    bool take(const SDL_Event& event);
    // After a frame: cursor shape, input method position, wiping of typed secrets.
    void frame_done();

private:
    struct CursorDeleter {
        void operator()(SDL_Cursor* cursor) const { SDL_FreeCursor(cursor); }
    };
    void take_key(const SDL_KeyboardEvent& key);
    void take_window(const SDL_WindowEvent& event);
    bool take_text(const SDL_Event& event);
    [[nodiscard]] ImVec2 to_pixels(int x, int y) const;
    void forget_clipboard();
    void attach_primary_selection();
    void show_cursor();
    void place_input_method();

    SDL_Window* window_;
    Uint32 window_id_;
    Kit& kit_;
    std::string clipboard_;  // what ImGui's getter answered last
    std::array<std::unique_ptr<SDL_Cursor, CursorDeleter>, ImGuiMouseCursor_COUNT> cursors_;
    int shown_cursor_ = -2;
    SDL_Rect text_area_{};
};

}  // namespace sotto::ui
