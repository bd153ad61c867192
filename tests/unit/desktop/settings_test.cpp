#include "ui/settings.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "people.hpp"
#include "ui/settings_saver.hpp"

namespace sotto::ui {
namespace {

Settings unusual() {
    Settings settings;
    settings.theme = ThemeChoice::dark;
    settings.language = Language::french;
    settings.scale = 1.5F;
    settings.width = 640;
    settings.height = 480;
    settings.listed = false;
    settings.name = "alice";
    settings.account = testing::account(1);
    return settings;
}

class SettingsFile : public ::testing::Test {
protected:
    SettingsFile() {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }
    ~SettingsFile() override { std::filesystem::remove_all(folder); }
    const std::filesystem::path folder =
        std::filesystem::path(::testing::TempDir()) /
        (std::string("sotto-settings-") +
         ::testing::UnitTest::GetInstance()->current_test_info()->name());
    const std::filesystem::path file = folder / "new" / "desktop.toml";
};

TEST(Settings, RoundTrip) {
    EXPECT_EQ(parse_settings(settings_text(unusual())), unusual());
    EXPECT_EQ(parse_settings(settings_text(Settings{})), Settings{});
}

TEST(Settings, NobodysNameIsWrittenWhenGreetingIsOff) {
    Settings settings = unusual();
    settings.greet = false;
    EXPECT_EQ(settings_text(settings).find("alice"), std::string::npos);
    EXPECT_EQ(parse_settings(settings_text(settings)).account, std::nullopt);
}

TEST(Settings, EachBadValueIsItsDefaultAndTheOthersStay) {
    const struct {
        const char* name;
        const char* text;
    } cases[] = {
        {"not TOML", "theme = = ="},
        {"wrong types", "[appearance]\ntheme = 3\nscale = 'big'\n[window]\nwidth = 'wide'"},
        {"unknown words", "[appearance]\ntheme = 'pink'\nlanguage = 'tlh'"},
        {"not hex", "[profile]\naccount = 'zz'\n"},
        {"nothing", ""},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(parse_settings(one.text), Settings{}) << one.name;
    }
    EXPECT_EQ(parse_settings("[appearance]\ntheme = 'dark'\nscale = 'big'").theme,
              ThemeChoice::dark);
}

TEST(Settings, SizesAreKeptWithinReason) {
    EXPECT_EQ(parse_settings("[appearance]\nscale = 40.0").scale, scale_max);
    EXPECT_EQ(parse_settings("[appearance]\nscale = 0.7").scale, scale_min);
    EXPECT_EQ(parse_settings("[appearance]\nscale = nan").scale, std::nullopt);
    EXPECT_EQ(parse_settings("[window]\nwidth = 1").width, width_min);
    EXPECT_EQ(parse_settings("[window]\nheight = 99999999999").height, window_side_max);
}

TEST_F(SettingsFile, IsReplacedInOneStepAndPrivate) {
    ASSERT_TRUE(save_settings(unusual(), file));
    EXPECT_EQ(load_settings(file), unusual());
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_TRUE(save_settings(Settings{}, file));
    EXPECT_EQ(load_settings(file), Settings{});
    const auto left = std::distance(std::filesystem::directory_iterator(file.parent_path()),
                                    std::filesystem::directory_iterator{});
    EXPECT_EQ(left, 1) << "no temporary file stays";
}

TEST_F(SettingsFile, AMissingOrHugeFileIsTheDefault) {
    EXPECT_EQ(load_settings(file), Settings{});
    std::ofstream(folder / "huge.toml") << "[appearance]\ntheme = 'dark'\n"
                                        << std::string(100'000, '#');
    EXPECT_EQ(load_settings(folder / "huge.toml"), Settings{});
}

TEST_F(SettingsFile, AFailedWriteIsSaidAndTheOldFileStays) {
    std::ofstream(folder / "new") << "a file where the folder should be";
    EXPECT_FALSE(save_settings(unusual(), file));
}

TEST_F(SettingsFile, TheSaverWritesTheLastSettingsBeforeItEnds) {
    {
        SettingsSaver saver(file);
        saver.save(Settings{});
        saver.save(unusual());
    }
    EXPECT_EQ(load_settings(file), unusual());
}

}  // namespace
}  // namespace sotto::ui
