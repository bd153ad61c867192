#include "ui/settings.hpp"

#include "crypto/bytes.hpp"
#include "ui/sanitise.hpp"

#include <toml++/toml.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

namespace sotto::ui {
namespace {

// A settings file of ours has 400 bytes; this one is somebody's mistake.
constexpr std::uintmax_t file_bytes_max = 64 * 1024;

template <class Value, std::size_t N>
using Names = std::array<std::pair<std::string_view, Value>, N>;

constexpr Names<ThemeChoice, 3> theme_names{
    {{"system", ThemeChoice::system}, {"light", ThemeChoice::light}, {"dark", ThemeChoice::dark}}};
constexpr Names<Language, 2> language_names{{{"en", Language::english}, {"fr", Language::french}}};

template <class Value, std::size_t N>
std::optional<Value> value_of(const Names<Value, N>& names, std::string_view name) {
    for (const auto& [known, value] : names) {
        if (known == name) {
            return value;
        }
    }
    return std::nullopt;
}

template <class Value, std::size_t N>
std::string name_of(const Names<Value, N>& names, Value value) {
    for (const auto& [name, known] : names) {
        if (known == value) {
            return std::string(name);
        }
    }
    return {};
}

int side_within(std::int64_t value, int low) {
    return static_cast<int>(std::clamp<std::int64_t>(value, low, window_side_max));
}

Settings from_table(const toml::table& table) {
    Settings settings;
    const toml::node_view look = table["appearance"];
    const toml::node_view window = table["window"];
    const toml::node_view profile = table["profile"];
    settings.theme = value_of(theme_names, look["theme"].value_or(std::string_view{}))
                         .value_or(ThemeChoice::system);
    settings.language = value_of(language_names, look["language"].value_or(std::string_view{}));
    const double scale = look["scale"].value_or(0.0);
    if (std::isfinite(scale) && scale >= 0.5) {
        settings.scale = std::clamp(static_cast<float>(scale), scale_min, scale_max);
    }
    settings.width = side_within(window["width"].value_or(std::int64_t{1100}), width_min);
    settings.height = side_within(window["height"].value_or(std::int64_t{720}), height_min);
    settings.listed = profile["listed"].value_or(true);
    settings.greet = profile["greet"].value_or(true);
    settings.name = sanitise_name(profile["name"].value_or(std::string{}));
    if (const auto bytes = crypto::from_hex(profile["account"].value_or(std::string{}))) {
        settings.account = peer::AccountId::from(*bytes);
    }
    return settings;
}

// Everything of `text` to the disk, or false.
bool write_and_sync(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

}  // namespace

Settings parse_settings(std::string_view text) {
    try {
        return from_table(toml::parse(text));
    } catch (const std::exception&) {  // toml::parse_error
        return {};
    }
}

std::string settings_text(const Settings& settings) {
    toml::table look{{"theme", name_of(theme_names, settings.theme)}};
    if (settings.language) {
        look.insert("language", name_of(language_names, *settings.language));
    }
    if (settings.scale) {
        look.insert("scale", static_cast<double>(*settings.scale));
    }
    toml::table profile{{"listed", settings.listed}, {"greet", settings.greet}};
    if (settings.greet && !settings.name.empty()) {
        profile.insert("name", settings.name);
        if (settings.account) {
            profile.insert("account", crypto::to_hex(settings.account->view()));
        }
    }
    const toml::table window{{"width", settings.width}, {"height", settings.height}};
    const toml::table table{{"appearance", look}, {"window", window}, {"profile", profile}};
    std::ostringstream out;
    out << table << '\n';
    return out.str();
}

Settings load_settings(const std::filesystem::path& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error || size > file_bytes_max) {
        return {};
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return parse_settings(text.str());
}

bool save_settings(const Settings& settings, const std::filesystem::path& file) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    // Beside the target, because rename() is atomic only within one file system. With the process'
    // number, because two windows may save at the same moment.
    const std::filesystem::path temporary =
        file.string() + "." + std::to_string(::getpid()) + ".tmp";
    const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                           S_IRUSR | S_IWUSR);
    if (out < 0) {
        return false;
    }
    const bool written = write_and_sync(out, settings_text(settings));
    const bool closed = ::close(out) == 0;
    if (!written || !closed || ::rename(temporary.c_str(), file.c_str()) != 0) {
        ::unlink(temporary.c_str());
        return false;
    }
    return true;
}

}  // namespace sotto::ui
