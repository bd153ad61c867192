// Does the desktop environment prefer dark? Asked over D-Bus, followed while the program runs.
//
// org.freedesktop.portal.Settings, on a thread of its own, because starting a portal may take
// seconds. Without a session bus, without a portal, or built without libsystemd, the answer stays
// "unknown".
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

namespace sotto::ui {

class SystemTheme {
public:
    // `changed` is called on the other thread, after prefers_dark() has a new answer.
    explicit SystemTheme(std::function<void()> changed);
    ~SystemTheme();
    SystemTheme(const SystemTheme&) = delete;
    SystemTheme& operator=(const SystemTheme&) = delete;

    [[nodiscard]] std::optional<bool> prefers_dark() const;

private:
    void watch();
    void learn(unsigned scheme);

    std::function<void()> changed_;
    std::atomic<int> scheme_{-1};  // of the portal: 0 no preference, 1 dark, 2 light; -1 unknown
    int stop_fd_ = -1;
    std::thread thread_;
};

}  // namespace sotto::ui
