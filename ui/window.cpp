#include "ui/window.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sotto::ui {

namespace {

[[nodiscard]] std::int64_t now_ms() {
    return static_cast<std::int64_t>(SDL_GetTicks64());
}

[[nodiscard]] double cpu_ms() {
    std::timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// 0xXXRRGGBB is what nearly every screen has; anything else is converted.
[[nodiscard]] bool is_native(const SDL_Surface& surface) {
    const SDL_PixelFormat& f = *surface.format;
    return f.BytesPerPixel == 4 && f.Rmask == 0xFF0000 && f.Gmask == 0xFF00 && f.Bmask == 0xFF;
}

// What only a person causes.
[[nodiscard]] bool is_from_person(const SDL_Event& event) {
    switch (event.type) {
        case SDL_KEYDOWN:
        case SDL_TEXTINPUT:
        case SDL_TEXTEDITING:
        case SDL_MOUSEMOTION:
        case SDL_MOUSEBUTTONDOWN:
        case SDL_MOUSEWHEEL:
        case SDL_FINGERDOWN:
        case SDL_FINGERMOTION:
            return true;
        default:
            return false;
    }
}

[[nodiscard]] std::uint32_t canvas_colour(ImU32 c) {
    return ((c & 0xFFU) << 16U) | (c & 0xFF00U) | ((c >> 16U) & 0xFFU);
}

}  // namespace

Window::SdlQuitter::~SdlQuitter() {
    if (started) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
    }
}

void Window::ContextDeleter::operator()(ImGuiContext* context) const {
    ImGui::SetCurrentContext(context);
    SoftRenderer::release_textures();
    ImGui::DestroyContext(context);
}

Window::~Window() {
    system_theme_.reset();
    if (context_ != nullptr) {
        ImGui::SetCurrentContext(context_.get());
    }
}

void Window::apply_theme() {
    const bool system_dark =
        system_theme_ != nullptr && system_theme_->prefers_dark().value_or(false);
    const bool dark = theme_ == ThemeChoice::dark || (theme_ == ThemeChoice::system && system_dark);
    const Theme& now = kit_->theme;
    if (now.dark == dark && now.scale == scale_ && now.text_zoom == text_zoom_ &&
        last_frame_ != 0) {
        return;
    }
    kit_->theme = make_theme(dark, scale_, text_zoom_);
    kit_->theme.apply_to(ImGui::GetStyle());
}

void Window::set_theme(ThemeChoice choice) {
    theme_ = choice;
    schedule_.event();
}

void Window::set_scale(float scale, float text_zoom) {
    scale_ = std::clamp(scale, 0.5F, 4.0F);
    text_zoom_ = std::clamp(text_zoom, 0.5F, 3.0F);
    schedule_.event();
}

void Window::set_title(const std::string& title) {
    if (title != SDL_GetWindowTitle(window_.get())) {
        SDL_SetWindowTitle(window_.get(), title.c_str());
    }
}

void Window::raise() {
    SDL_ShowWindow(window_.get());
    SDL_RestoreWindow(window_.get());
    SDL_RaiseWindow(window_.get());
}

bool Window::has_focus() const {
    return (SDL_GetWindowFlags(window_.get()) & SDL_WINDOW_INPUT_FOCUS) != 0;
}

bool Window::visible() const {
    constexpr Uint32 away = SDL_WINDOW_HIDDEN | SDL_WINDOW_MINIMIZED;
    return (SDL_GetWindowFlags(window_.get()) & away) == 0;
}

void Window::wake() {
    // One event in the queue is enough, however many threads call.
    if (!wake_pending_.exchange(true)) {
        SDL_Event event{};
        event.type = wake_event_;
        if (SDL_PushEvent(&event) < 0) {
            wake_pending_ = false;
        }
    }
}

void Window::take(const SDL_Event& event) {
    if (event.type == wake_event_) {
        wake_pending_ = false;
        schedule_.event();
        return;
    }
    switch (event.type) {
        case SDL_QUIT:
            open_ = close_asked_ && !close_asked_();
            break;
        case SDL_DROPFILE: {
            const std::unique_ptr<char, decltype(&SDL_free)> path(event.drop.file, &SDL_free);
            if (dropped_ && path != nullptr) {
                dropped_(path.get());
            }
            break;
        }
        case SDL_WINDOWEVENT:
            take_window(event.window);
            break;
        default:
            break;
    }
    input_->take(event);
    person_active_ = person_active_ || is_from_person(event);
    if (event.type == SDL_MOUSEMOTION) {
        schedule_.mouse_moved(now_ms());
    } else {
        schedule_.event();
    }
}

void Window::take_window(const SDL_WindowEvent& event) {
    switch (event.event) {
        case SDL_WINDOWEVENT_EXPOSED:
        case SDL_WINDOWEVENT_SHOWN:
        case SDL_WINDOWEVENT_RESTORED:
            exposed_ = true;
            break;
        case SDL_WINDOWEVENT_SIZE_CHANGED:
            exposed_ = true;
            renderer_.forget();
            break;
        default:
            break;
    }
}

void Window::take_pending() {
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) {
        take(event);
    }
}

void Window::begin_frame() {
    ImGui::SetCurrentContext(context_.get());
    apply_theme();
    ImGuiIO& io = ImGui::GetIO();
    int width = 0;
    int height = 0;
    if (const SDL_Surface* surface = SDL_GetWindowSurface(window_.get())) {
        width = surface->w;
        height = surface->h;
    }
    io.DisplaySize = {static_cast<float>(width), static_cast<float>(height)};
    const std::uint64_t now = SDL_GetPerformanceCounter();
    const auto frequency = static_cast<double>(SDL_GetPerformanceFrequency());
    constexpr float frame_time = 1.0F / 60.0F;
    if (fixed_time_ || last_frame_ == 0) {
        io.DeltaTime = frame_time;
    } else {
        const double passed = static_cast<double>(now - last_frame_) / frequency;
        io.DeltaTime = std::max(static_cast<float>(passed), 1e-4F);
    }
    last_frame_ = now;
    kit_->redraw = {};
    kit_->person_active = std::exchange(person_active_, false);
    kit_->caps_lock = (SDL_GetModState() & KMOD_CAPS) != 0;
    kit_->window_focused = fixed_time_ || has_focus();
    kit_->input_method.wanted = false;
    kit_->input_method.secret = false;
    ImGui::NewFrame();
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(io.DisplaySize);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, kit_->c().panel);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0F);
    ImGui::Begin("##desktop", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoScrollWithMouse);
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
}

FrameReport Window::frame(const DrawFrame& draw) {
    take_pending();
    const double start = cpu_ms();
    begin_frame();
    draw(*kit_);
    // ImGui wants an item after the last place the cursor was set to.
    ImGui::SetCursorScreenPos({0, 0});
    ImGui::Dummy({0, 0});
    ImGui::End();
    ImGui::Render();
    FrameReport report;
    report.presented = render_and_present(report.render);
    input_->frame_done();
    kit_->text.end_frame();
    kit_->glyphs.collect();
    report.cpu_ms = cpu_ms() - start;
    schedule_.frame_drawn(now_ms(), wishes());
    return report;
}

bool Window::render_and_present(RenderStats& stats) {
    SDL_Surface* surface = SDL_GetWindowSurface(window_.get());
    ImDrawData* data = ImGui::GetDrawData();
    if (surface == nullptr || data == nullptr) {
        return false;
    }
    Canvas canvas{static_cast<std::uint32_t*>(surface->pixels), surface->w, surface->h,
                  surface->pitch / 4};
    if (!is_native(*surface)) {
        buffer_.resize(static_cast<std::size_t>(surface->w) * static_cast<std::size_t>(surface->h));
        canvas = {buffer_.data(), surface->w, surface->h, surface->w};
    }
    const auto changed = renderer_.render(*data, canvas, canvas_colour(kit_->c().panel));
    stats = renderer_.stats();
    if (changed.empty() && !exposed_) {
        return false;
    }
    present(*surface, changed);
    return true;
}

void Window::present(SDL_Surface& surface, std::span<const PixelRect> changed) {
    if (!is_native(surface)) {
        SDL_ConvertPixels(surface.w, surface.h, SDL_PIXELFORMAT_RGB888, buffer_.data(),
                          surface.w * 4, surface.format->format, surface.pixels, surface.pitch);
    }
    if (exposed_) {
        exposed_ = false;
        SDL_UpdateWindowSurface(window_.get());
        return;
    }
    std::vector<SDL_Rect> rects;
    rects.reserve(changed.size());
    for (const PixelRect& r : changed) {
        rects.push_back({r.x0, r.y0, r.width(), r.height()});
    }
    SDL_UpdateWindowSurfaceRects(window_.get(), rects.data(), static_cast<int>(rects.size()));
}

RedrawSchedule::Wishes Window::wishes() const {
    const bool focused = has_focus();
    const auto wake_in = static_cast<std::int64_t>(std::ceil(kit_->redraw.wake_in_s * 1000.0F));
    return {.caret_blinks = kit_->redraw.caret_blinks && focused,
            .animating = kit_->redraw.animating && visible(),
            .input_left = context_->InputEventsQueue.Size > 0,
            .wake_in_ms = wake_in};
}

void Window::run(const DrawFrame& draw) {
    while (open_) {
        const std::int64_t wait = schedule_.wait_ms(now_ms());
        SDL_Event event;
        if (wait > 0 && SDL_WaitEventTimeout(&event, static_cast<int>(wait)) != 0) {
            take(event);
            // A wake-up whose work needs no frame would be a waste: everything here draws.
        }
        take_pending();
        if (open_) {
            frame(draw);
        }
    }
}

Window::Picture Window::picture() const {
    Picture out;
    const SDL_Surface* surface = SDL_GetWindowSurface(window_.get());
    if (surface == nullptr) {
        return out;
    }
    out.width = surface->w;
    out.height = surface->h;
    out.pixels.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
    SDL_ConvertPixels(out.width, out.height, surface->format->format, surface->pixels,
                      surface->pitch, SDL_PIXELFORMAT_ARGB8888, out.pixels.data(), out.width * 4);
    for (std::uint32_t& pixel : out.pixels) {
        pixel |= 0xFF000000U;
    }
    return out;
}

}  // namespace sotto::ui
