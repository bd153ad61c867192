// How a person wants their desktop: theme, language, size. One small TOML file.
//
// load_settings() never fails: a missing file, a broken one and every value out of range give the
// default, because a typing error in a settings file must not keep anybody from their messages.
// save_settings() replaces the file in one step (temporary file, fsync, rename), so that it is
// always the old or the new one. Nothing secret is kept here; the name for the unlock screen only
// while `greet` is on.
#pragma once

#include "peer/model.hpp"
#include "ui/i18n/strings.hpp"
#include "ui/theme.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace sotto::ui {

struct Settings {
    ThemeChoice theme = ThemeChoice::system;
    std::optional<Language> language;  // none: as the environment says
    std::optional<float> scale;        // none: as the screen says
    int width = 1100;                  // of the window, in design pixels
    int height = 720;
    bool listed = true;  // what was last asked of the directory
    bool greet = true;   // the unlock screen shows name and avatar
    std::string name;    // for that
    std::optional<peer::AccountId> account;
    friend bool operator==(const Settings&, const Settings&) = default;
};

// The range the design was tried in; windows below are unusable, above they are a typing error.
inline constexpr float scale_min = 1.0F;
inline constexpr float scale_max = 2.0F;
inline constexpr int width_min = 360;
inline constexpr int height_min = 360;
inline constexpr int window_side_max = 16'384;

[[nodiscard]] Settings load_settings(const std::filesystem::path& file);
// False when the file could not be written; the old one is then as it was.
[[nodiscard]] bool save_settings(const Settings& settings, const std::filesystem::path& file);

// Their text form, for tests and for save_settings().
[[nodiscard]] std::string settings_text(const Settings& settings);
[[nodiscard]] Settings parse_settings(std::string_view text);

}  // namespace sotto::ui
