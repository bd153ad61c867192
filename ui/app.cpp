#include "ui/app.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "crypto/primitives.hpp"
#include "ui/appearance.hpp"
#include "ui/drafts.hpp"
#include "ui/navigation.hpp"

namespace sotto::ui {
namespace {

// Changes taken in one frame: 0.3 ms of reducing; whatever is more comes with the next frame.
constexpr std::size_t changes_per_frame_max = 512;
// A commit takes milliseconds; somebody who closes a window does not wait longer than this.
constexpr std::chrono::milliseconds last_commits_max{2000};

peer::WallTime wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    return {static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0))};
}

// SDL would go on to take over the console of a machine without a desktop.
bool has_display() {
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            return true;
        }
    }
    return false;
}

WindowOptions window_options(const Options& options, const Settings& settings, bool fixed_time) {
    WindowOptions window{.width = settings.width,
                         .height = settings.height,
                         .width_min = width_min,
                         .height_min = height_min,
                         .theme = settings.theme,
                         .scale = settings.scale,
                         .fixed_time = fixed_time};
    if (options.geometry) {
        window.width = options.geometry->width;
        window.height = options.geometry->height;
        window.x = options.geometry->x;
        window.y = options.geometry->y;
    }
    return window;
}

}  // namespace

std::variant<std::unique_ptr<App>, std::string> App::open(Options options, bool scripted) {
    constexpr const char* instead = " In a terminal, use sotto-peer.";
    if (!has_display()) {
        return std::string("there is no display to open a window on.") + instead;
    }
    Settings settings = load_settings(options.settings);
    OpenedWindow opened = Window::open(window_options(options, settings, scripted));
    if (!opened.window) {
        return "no window can be opened (" + opened.error + ")." + instead;
    }
    return std::unique_ptr<App>(
        new App(std::move(options), std::move(settings), std::move(opened.window)));
}

App::App(Options options, Settings settings, std::unique_ptr<Window> window)
    : options_(std::move(options)),
      saver_(options_.settings),
      desktop_(std::move(settings), language_of_environment()),
      window_(std::move(window)) {
    UiState& ui = desktop_.ui();
    ui.version = SOTTO_VERSION;
    ui.hybrid_suite = crypto::hybrid_available();
    ui.open_when_there = options_.open_with;
    ui.register_form.server.buffer().set_text(options_.server);
    ui.register_form.server.buffer().move_to(0, Select::no);  // the host is at the beginning
    window_->on_close([this] { return may_quit(desktop_.ui(), desktop_.model()); });
    peer::RuntimeOptions runtime{.profile = options_.profile};
    if (options_.cheap_vault) {
        runtime.vault_cost = crypto::password_cost_limits.floor;
    }
    runtime.on_changes = [this] { window_->wake(); };
    runtime_ = std::make_unique<peer::Runtime>(std::move(runtime));
}

App::~App() {
    finish_sending();
    runtime_.reset();  // offline at once, before the window goes
    remember_size();
}

void App::run() {
    window_->run([this](Kit& kit) { draw(kit); });
}

void App::terminate() {
    terminating_ = true;
    window_->wake();
}

void App::draw(Kit& kit) {
    take_changes();
    unlock_from_file();
    UiState& ui = desktop_.ui();
    ui.focused = kit.window_focused;
    ui.visible = window_->visible();
    post(desktop_.draw(kit, wall_now()));
    window_->set_title(desktop_.title());
    settle_settings();
    if (ui.quit_wanted || terminating_) {
        window_->quit();
    }
}

void App::take_changes() {
    const std::vector<peer::ViewChange> changes = runtime_->drain(changes_per_frame_max);
    const peer::WallTime now = wall_now();
    for (const peer::ViewChange& change : changes) {
        desktop_.take(change, now);
    }
    if (changes.size() == changes_per_frame_max) {
        window_->wake();
    }
}

void App::unlock_from_file() {
    if (!options_.passphrase || desktop_.model().vault != peer::VaultState::locked) {
        return;
    }
    UiState& ui = desktop_.ui();
    ui.unlock_form.running =
        ui.post({.purpose = Purpose::unlock, .account = {}, .text = {}},
                peer::Unlock{.vault_passphrase = *std::exchange(options_.passphrase, {})});
}

void App::post(Commands commands) {
    for (peer::PostedCommand& command : commands) {
        const peer::CommandId id = command.id;
        if (!runtime_->post(std::move(command))) {
            desktop_.refuse(id);
        }
    }
}

void App::settle_settings() {
    UiState& ui = desktop_.ui();
    if (std::exchange(ui.settings_changed, false)) {
        apply_settings(*window_, ui.settings);
        saver_.save(ui.settings);
    }
    if (saver_.failed()) {
        ui.say(ui.text(Text::settings_not_saved), true);
    }
}

void App::remember_size() {
    int width = 0;
    int height = 0;
    SDL_GetWindowSize(window_->sdl(), &width, &height);
    const float scale = window_->kit().theme.scale;
    Settings settings = desktop_.ui().settings;
    settings.width = static_cast<int>(std::lround(static_cast<float>(width) / scale));
    settings.height = static_cast<int>(std::lround(static_cast<float>(height) / scale));
    const bool sane = settings.width >= width_min && settings.height >= height_min;
    if (sane && settings != desktop_.ui().settings && !options_.geometry) {
        saver_.save(settings);
    }
}

// What was only posted when the runtime stops is dropped, so the last messages are waited for.
void App::finish_sending() {
    SDL_HideWindow(window_->sdl());
    save_drafts_now(desktop_.ui());
    post(std::exchange(desktop_.ui().outbox, {}));
    const auto until = std::chrono::steady_clock::now() + last_commits_max;
    const auto sending = [this] {
        const auto& pending = desktop_.ui().pending;
        return std::any_of(pending.begin(), pending.end(), [](const auto& command) {
            return command.second.purpose == Purpose::send_text ||
                   command.second.purpose == Purpose::draft;
        });
    };
    while (sending()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd changes{.fd = runtime_->descriptor(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&changes, 1, static_cast<int>(left.count())) <= 0) {
            return;
        }
        take_changes();
    }
}

}  // namespace sotto::ui
