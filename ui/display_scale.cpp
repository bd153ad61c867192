#include "ui/display_scale.hpp"

#include <SDL.h>

#include <dlfcn.h>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string>

namespace sotto::ui {

namespace {

constexpr float scale_min = 0.5F;
constexpr float scale_max = 4.0F;

[[nodiscard]] std::optional<float> number(std::string_view text) {
    float value = 0.0F;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data() || value <= 0.0F) {
        return std::nullopt;
    }
    return value;
}

[[nodiscard]] std::optional<float> from_environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr ? number(value) : std::nullopt;
}

struct LibraryDeleter {
    void operator()(void* library) const { ::dlclose(library); }
};

// libX11 is in the process already when SDL uses X11; it is not linked, because Wayland and the
// tests go without.
[[nodiscard]] std::optional<float> dpi_of_x_server() {
    const char* driver = SDL_GetCurrentVideoDriver();
    if (driver == nullptr || std::string_view(driver) != "x11") {
        return std::nullopt;
    }
    const std::unique_ptr<void, LibraryDeleter> x11(::dlopen("libX11.so.6", RTLD_LAZY));
    if (x11 == nullptr) {
        return std::nullopt;
    }
    using Open = void* (*)(const char*);
    using Close = int (*)(void*);
    using Resources = char* (*)(void*);
    const auto open = reinterpret_cast<Open>(::dlsym(x11.get(), "XOpenDisplay"));
    const auto close = reinterpret_cast<Close>(::dlsym(x11.get(), "XCloseDisplay"));
    const auto resources =
        reinterpret_cast<Resources>(::dlsym(x11.get(), "XResourceManagerString"));
    if (open == nullptr || close == nullptr || resources == nullptr) {
        return std::nullopt;
    }
    void* display = open(nullptr);
    if (display == nullptr) {
        return std::nullopt;
    }
    const char* text = resources(display);
    const auto dpi = text != nullptr ? xft_dpi(text) : std::nullopt;
    close(display);
    return dpi;
}

}  // namespace

std::optional<float> xft_dpi(std::string_view resources) {
    constexpr std::string_view key = "Xft.dpi:";
    for (std::size_t at = 0; at < resources.size();) {
        const std::size_t end = std::min(resources.find('\n', at), resources.size());
        std::string_view line = resources.substr(at, end - at);
        if (line.starts_with(key)) {
            line.remove_prefix(key.size());
            line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
            return number(line);
        }
        at = end + 1;
    }
    return std::nullopt;
}

float detect_scale() {
    std::optional<float> scale = from_environment("SOTTO_SCALE");
    if (!scale) {
        if (const auto dpi = dpi_of_x_server()) {
            scale = *dpi / 96.0F;
        }
    }
    if (!scale) {
        scale = from_environment("GDK_SCALE");
    }
    return std::clamp(scale.value_or(1.0F), scale_min, scale_max);
}

}  // namespace sotto::ui
