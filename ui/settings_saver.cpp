#include "ui/settings_saver.hpp"

#include <utility>

namespace sotto::ui {

SettingsSaver::SettingsSaver(std::filesystem::path file)
    : file_(std::move(file)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

SettingsSaver::~SettingsSaver() {
    thread_.request_stop();
    thread_.join();
}

void SettingsSaver::save(const Settings& settings) {
    {
        const std::lock_guard lock(mutex_);
        waiting_ = settings;
    }
    changed_.notify_one();
}

bool SettingsSaver::failed() {
    const std::lock_guard lock(mutex_);
    return std::exchange(failed_, false);
}

void SettingsSaver::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return waiting_.has_value(); })) {
        const Settings settings = *std::exchange(waiting_, std::nullopt);
        lock.unlock();
        const bool written = save_settings(settings, file_);
        lock.lock();
        failed_ = failed_ || !written;
    }
}

}  // namespace sotto::ui
