// Writes the settings file on a thread of its own, because a disk may take its time and the window
// must not.
//
// Only the last settings count: what is replaced before it was written is never written. The
// destructor writes what is left, then joins. One owner; all calls from the owner's thread.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "ui/settings.hpp"

namespace sotto::ui {

class SettingsSaver {
public:
    explicit SettingsSaver(std::filesystem::path file);
    ~SettingsSaver();
    SettingsSaver(const SettingsSaver&) = delete;
    SettingsSaver& operator=(const SettingsSaver&) = delete;

    void save(const Settings& settings);
    // True once after a write that failed.
    [[nodiscard]] bool failed();

private:
    void run(const std::stop_token& stop);

    const std::filesystem::path file_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Settings> waiting_;
    bool failed_ = false;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sotto::ui
