// Opening a Window: what SDL must be told before, and what ImGui must be told once.

#include "ui/logo.hpp"
#include "ui/window.hpp"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sotto::ui {

namespace {

constexpr int icon_side = 64;

[[nodiscard]] std::string sdl_says(const char* what) {
    return std::string(what) + ": " + SDL_GetError();
}

struct SurfaceDeleter {
    void operator()(SDL_Surface* surface) const { SDL_FreeSurface(surface); }
};

// Must be said before SDL_Init: drivers read these once.
void give_hints(const WindowOptions& options) {
    // Other threads do not exist yet. NOLINTBEGIN(concurrency-mt-unsafe)
    ::setenv("SDL_VIDEO_X11_WMCLASS", options.wm_class.c_str(), 0);
    ::setenv("SDL_VIDEO_WAYLAND_WMCLASS", options.wm_class.c_str(), 0);
    // NOLINTEND(concurrency-mt-unsafe)
    SDL_SetHint(SDL_HINT_APP_NAME, options.title.c_str());
    SDL_SetHint(SDL_HINT_IME_SHOW_UI, "1");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");  // SIGTERM belongs to the program
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
}

}  // namespace

OpenedWindow Window::open(const WindowOptions& options) {
    std::unique_ptr<Window> window(new Window());
    std::string error = window->start(options);
    if (!error.empty()) {
        return {nullptr, std::move(error)};
    }
    return {std::move(window), {}};
}

std::string Window::start(const WindowOptions& options) {
    give_hints(options);
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) {
        return sdl_says("No display can be used");
    }
    sdl_.started = true;
    const char* driver = SDL_GetCurrentVideoDriver();
    if (driver == nullptr || std::strcmp(driver, "wayland") != 0) {
        // Else SDL would put our finished pixels through OpenGL: ten times slower, 90 MB more.
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    }
    SDL_EnableScreenSaver();  // SDL switches it off by itself
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    wake_event_ = SDL_RegisterEvents(1);
    scale_ = options.scale.value_or(detect_scale());
    text_zoom_ = options.text_zoom;
    theme_ = options.theme;
    fixed_time_ = options.fixed_time;
    if (std::string error = create_window(options); !error.empty()) {
        return error;
    }
    create_context();
    if (!fixed_time_) {
        system_theme_ = std::make_unique<SystemTheme>([this] { wake(); });
    }
    return {};
}

std::string Window::create_window(const WindowOptions& options) {
    const auto scaled = [this](int v) {
        return static_cast<int>(std::lround(static_cast<float>(v) * scale_));
    };
    SDL_Rect usable{0, 0, scaled(options.width), scaled(options.height)};
    if (!fixed_time_) {
        SDL_GetDisplayUsableBounds(0, &usable);
    }
    window_.reset(SDL_CreateWindow(
        options.title.c_str(), options.x.value_or(SDL_WINDOWPOS_UNDEFINED),
        options.y.value_or(SDL_WINDOWPOS_UNDEFINED), std::min(scaled(options.width), usable.w),
        std::min(scaled(options.height), usable.h),
        SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI));
    if (window_ == nullptr) {
        return sdl_says("The window cannot be opened");
    }
    SDL_SetWindowMinimumSize(window_.get(), scaled(options.width_min), scaled(options.height_min));
    if (options.icon.empty()) {
        set_icon(app_icon(icon_side));
    } else {
        set_icon(options.icon);
    }
    if (SDL_GetWindowSurface(window_.get()) == nullptr) {
        return sdl_says("The window cannot be drawn to");
    }
    return {};
}

void Window::set_icon(std::span<const std::uint32_t> icon) {
    const auto side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(icon.size()))));
    if (side == 0 ||
        static_cast<std::size_t>(side) * static_cast<std::size_t>(side) != icon.size()) {
        return;
    }
    const std::unique_ptr<SDL_Surface, SurfaceDeleter> surface(
        SDL_CreateRGBSurfaceWithFormat(0, side, side, 32, SDL_PIXELFORMAT_ARGB8888));
    if (surface != nullptr) {
        for (int y = 0; y < side; ++y) {
            std::memcpy(static_cast<char*>(surface->pixels) + y * surface->pitch,
                        icon.data() + y * side, static_cast<std::size_t>(side) * 4);
        }
        SDL_SetWindowIcon(window_.get(), surface.get());
    }
}

void Window::create_context() {
    IMGUI_CHECKVERSION();
    context_.reset(ImGui::CreateContext());
    ImGui::SetCurrentContext(context_.get());
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures |
                       ImGuiBackendFlags_RendererHasVtxOffset | ImGuiBackendFlags_HasMouseCursors;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigNavCaptureKeyboard = false;
    io.ConfigErrorRecoveryEnableTooltip = false;
    io.ConfigErrorRecoveryEnableDebugLog = false;
    kit_ = std::make_unique<Kit>(*io.Fonts);
    kit_->caret_steady = fixed_time_;
    input_ = std::make_unique<SdlInput>(window_.get(), *kit_);
    input_->attach();
    apply_theme();
}

}  // namespace sotto::ui
