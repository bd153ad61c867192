// The desktop's window and its event loop: SDL2, one ImGui context, the CPU renderer, the Kit.
//
// Draws only after events (RedrawSchedule); presents only what changed. Everything happens on the
// thread that called open(), except wake(). Works with SDL_VIDEODRIVER=dummy, which is what the
// tests use.
#pragma once

#include "ui/display_scale.hpp"
#include "ui/kit.hpp"
#include "ui/redraw_schedule.hpp"
#include "ui/sdl_input.hpp"
#include "ui/soft_renderer.hpp"
#include "ui/system_theme.hpp"

#include <SDL.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sotto::ui {

struct WindowOptions {
    std::string title = "Sotto";
    std::string wm_class = "sotto";
    int width = 1100;  // design pixels
    int height = 720;
    int width_min = 420;
    int height_min = 480;
    std::optional<int>
        x = {},
        y = {};  // where to put it, in screen pixels; else the window manager decides
    ThemeChoice theme = ThemeChoice::system;
    std::optional<float> scale = {};  // else from SOTTO_SCALE, Xft.dpi, GDK_SCALE
    float text_zoom = 1.0F;
    std::span<const std::uint32_t> icon = {};  // square, 0xAARRGGBB; empty: the built-in one
    bool fixed_time = false;                   // tests: 1/60 s per frame, steady caret
};

struct FrameReport {
    bool presented = false;
    double cpu_ms = 0.0;  // build + raster + present
    RenderStats render;
};

class Window;
struct OpenedWindow {
    std::unique_ptr<Window> window;  // null when there is no display or no memory
    std::string error;               // then this says why
};

class Window {
public:
    using DrawFrame =
        std::function<void(Kit&)>;  // builds one full-window frame; no Begin/End needed around
    using DropFile = std::function<void(const std::string& path)>;

    [[nodiscard]] static OpenedWindow open(const WindowOptions& options);
    ~Window();
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    // Runs until the window is closed or quit() is called.
    void run(const DrawFrame& draw);
    // One turn without waiting: takes pending events, draws one frame. For tests and benchmarks.
    FrameReport frame(const DrawFrame& draw);

    // From any thread: draw soon (something arrived in a queue).
    void wake();
    void quit() { open_ = false; }
    [[nodiscard]] bool is_open() const { return open_; }
    // Asked when the person closes the window; false keeps it open. Without one it closes.
    void on_close(std::function<bool()> ask) { close_asked_ = std::move(ask); }
    void on_drop(DropFile drop) { dropped_ = std::move(drop); }

    [[nodiscard]] Kit& kit() { return *kit_; }
    void set_theme(ThemeChoice choice);
    [[nodiscard]] ThemeChoice theme() const { return theme_; }
    void set_scale(float scale, float text_zoom);
    void set_title(const std::string& title);
    void raise();  // show, restore and take the focus: a notification was clicked
    [[nodiscard]] bool has_focus() const;
    [[nodiscard]] bool visible() const;
    [[nodiscard]] SDL_Window* sdl() { return window_.get(); }
    [[nodiscard]] ImGuiContext* context() { return context_.get(); }

    // The pixels as presented last, 0xFFRRGGBB rows without padding.
    struct Picture {
        int width = 0;
        int height = 0;
        std::vector<std::uint32_t> pixels;
    };
    [[nodiscard]] Picture picture() const;

private:
    Window() = default;
    [[nodiscard]] std::string start(const WindowOptions& options);
    [[nodiscard]] std::string create_window(const WindowOptions& options);
    void set_icon(std::span<const std::uint32_t> icon);
    void create_context();
    void apply_theme();
    void take(const SDL_Event& event);
    void take_window(const SDL_WindowEvent& event);
    void take_pending();
    void begin_frame();
    bool render_and_present(RenderStats& stats);
    void present(SDL_Surface& surface, std::span<const PixelRect> changed);
    [[nodiscard]] RedrawSchedule::Wishes wishes() const;

    struct SdlQuitter {
        bool started = false;
        SdlQuitter() = default;
        ~SdlQuitter();
        SdlQuitter(const SdlQuitter&) = delete;
        SdlQuitter& operator=(const SdlQuitter&) = delete;
    };
    struct WindowDeleter {
        void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
    };
    SdlQuitter sdl_;
    std::unique_ptr<SDL_Window, WindowDeleter> window_;
    struct ContextDeleter {
        void operator()(ImGuiContext* context) const;
    };
    std::unique_ptr<ImGuiContext, ContextDeleter> context_;
    std::unique_ptr<Kit> kit_;
    std::unique_ptr<SdlInput> input_;
    SoftRenderer renderer_;
    RedrawSchedule schedule_;
    std::vector<std::uint32_t> buffer_;  // only for surfaces of another pixel format
    ThemeChoice theme_ = ThemeChoice::system;
    float scale_ = 1.0F;
    float text_zoom_ = 1.0F;
    bool fixed_time_ = false;
    bool open_ = true;
    bool exposed_ = true;
    bool person_active_ = false;  // since the last frame
    Uint32 wake_event_ = 0;
    std::atomic<bool> wake_pending_{false};
    std::uint64_t last_frame_ = 0;
    std::function<bool()> close_asked_;
    DropFile dropped_;
    std::unique_ptr<SystemTheme> system_theme_;  // last: its thread calls wake()
};

}  // namespace sotto::ui
