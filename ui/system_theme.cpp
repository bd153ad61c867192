#include "ui/system_theme.hpp"

#ifdef SOTTO_HAS_SDBUS

#include <systemd/sd-bus.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace sotto::ui {

namespace {

constexpr const char* portal = "org.freedesktop.portal.Desktop";
constexpr const char* portal_path = "/org/freedesktop/portal/desktop";
constexpr const char* settings = "org.freedesktop.portal.Settings";
constexpr const char* appearance = "org.freedesktop.appearance";
constexpr const char* color_scheme = "color-scheme";
constexpr std::uint64_t call_timeout_us = 1'000'000;

struct BusDeleter {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
struct MessageDeleter {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Bus = std::unique_ptr<sd_bus, BusDeleter>;
using Message = std::unique_ptr<sd_bus_message, MessageDeleter>;

[[nodiscard]] Bus open_bus() {
    sd_bus* bus = nullptr;
    if (sd_bus_open_user(&bus) < 0) {
        return nullptr;
    }
    return Bus(bus);
}

// The value is a number inside one variant, or (older portals) two.
[[nodiscard]] std::optional<unsigned> number_in_variant(sd_bus_message* message) {
    for (int depth = 0; depth < 3; ++depth) {
        char type = 0;
        const char* contents = nullptr;
        if (sd_bus_message_peek_type(message, &type, &contents) <= 0) {
            return std::nullopt;
        }
        if (type == SD_BUS_TYPE_UINT32) {
            std::uint32_t value = 0;
            if (sd_bus_message_read_basic(message, SD_BUS_TYPE_UINT32, &value) <= 0) {
                return std::nullopt;
            }
            return value;
        }
        if (type != SD_BUS_TYPE_VARIANT ||
            sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, contents) <= 0) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

[[nodiscard]] std::optional<unsigned> ask(sd_bus* bus) {
    sd_bus_message* call = nullptr;
    if (sd_bus_message_new_method_call(bus, &call, portal, portal_path, settings, "Read") < 0) {
        return std::nullopt;
    }
    const Message owned_call(call);
    if (sd_bus_message_append(call, "ss", appearance, color_scheme) < 0) {
        return std::nullopt;
    }
    sd_bus_message* answer = nullptr;
    if (sd_bus_call(bus, call, call_timeout_us, nullptr, &answer) < 0) {
        return std::nullopt;
    }
    const Message owned_answer(answer);
    return number_in_variant(answer);
}

// A SettingChanged signal about the colour scheme?
[[nodiscard]] std::optional<unsigned> changed_scheme(sd_bus_message* message) {
    const char* name = nullptr;
    const char* key = nullptr;
    if (sd_bus_message_is_signal(message, settings, "SettingChanged") <= 0 ||
        sd_bus_message_read(message, "ss", &name, &key) <= 0 ||
        std::string_view(name) != appearance || std::string_view(key) != color_scheme) {
        return std::nullopt;
    }
    return number_in_variant(message);
}

}  // namespace

SystemTheme::SystemTheme(std::function<void()> changed)
    : changed_(std::move(changed)), stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (stop_fd_ >= 0) {
        thread_ = std::thread([this] { watch(); });
    }
}

SystemTheme::~SystemTheme() {
    if (thread_.joinable()) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(stop_fd_, &one, sizeof one);
        thread_.join();
    }
    if (stop_fd_ >= 0) {
        ::close(stop_fd_);
    }
}

void SystemTheme::learn(unsigned scheme) {
    if (scheme_.exchange(static_cast<int>(scheme)) != static_cast<int>(scheme)) {
        changed_();
    }
}

void SystemTheme::watch() {
    const Bus bus = open_bus();
    if (bus == nullptr) {
        return;
    }
    sd_bus_match_signal(bus.get(), nullptr, portal, portal_path, settings, "SettingChanged",
                        nullptr, nullptr);
    const auto scheme = ask(bus.get());
    if (!scheme) {
        return;
    }
    learn(*scheme);
    for (;;) {
        sd_bus_message* raw = nullptr;
        const int processed = sd_bus_process(bus.get(), &raw);
        const Message message(raw);
        if (processed < 0) {
            return;
        }
        if (message != nullptr) {
            if (const auto now = changed_scheme(message.get())) {
                learn(*now);
            }
        }
        if (processed > 0) {
            continue;
        }
        std::array<pollfd, 2> fds{{{sd_bus_get_fd(bus.get()), POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
        if ((::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) || fds[1].revents != 0) {
            return;
        }
    }
}

std::optional<bool> SystemTheme::prefers_dark() const {
    const int scheme = scheme_.load();
    return scheme < 0 ? std::nullopt : std::optional(scheme == 1);
}

}  // namespace sotto::ui

#else

#include <utility>

namespace sotto::ui {

SystemTheme::SystemTheme(std::function<void()> changed) : changed_(std::move(changed)) {}
SystemTheme::~SystemTheme() = default;
void SystemTheme::watch() {}
void SystemTheme::learn(unsigned) {}
std::optional<bool> SystemTheme::prefers_dark() const {
    return std::nullopt;
}

}  // namespace sotto::ui

#endif
