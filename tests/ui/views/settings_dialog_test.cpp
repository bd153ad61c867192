// Settings, locking, quitting, and the interface in French.
#include <gtest/gtest.h>

#include <string>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

class SettingsDialog : public ::testing::Test {
protected:
    SettingsDialog() { fill_home(stage); }
    Stage stage;
};

TEST_F(SettingsDialog, OpensAndClosesByKeyboard) {
    EXPECT_EQ(stage.run("key Ctrl+,\nexpect choice:Dark\nkey Escape\nexpect_not choice:Dark"), "");
}

TEST_F(SettingsDialog, ThemeAndLanguageTakeEffectAtOnce) {
    EXPECT_EQ(stage.run("key Ctrl+,\nclick choice:Dark\nclick choice:Français\n"
                        "expect Réglages\nexpect status:Connecté"),
              "");
    EXPECT_TRUE(stage.window->kit().theme.dark);
    EXPECT_EQ(stage.desktop.ui().settings.language, Language::french);
    EXPECT_EQ(stage.run("click choice:English\nexpect Settings"), "");
}

TEST_F(SettingsDialog, SizeGoesToTwice) {
    EXPECT_EQ(stage.run("key Ctrl+,\nclick \"choice:200 %\""), "");
    EXPECT_EQ(stage.window->kit().theme.scale, 2.0F);
}

TEST_F(SettingsDialog, TheThemeSwitchOfTheHeader) {
    EXPECT_EQ(stage.run("click \"button:Dark mode\"\nexpect \"button:Light mode\""), "");
    EXPECT_EQ(stage.desktop.ui().settings.theme, ThemeChoice::dark);
}

TEST_F(SettingsDialog, ListingIsAskedOfTheServer) {
    EXPECT_EQ(stage.run("key Ctrl+,\nclick \"toggle:List me in the directory\""), "");
    ASSERT_NE(stage.last<peer::SetListed>(), nullptr);
    EXPECT_FALSE(stage.last<peer::SetListed>()->listed);
}

TEST_F(SettingsDialog, ReadReceiptsAreSwitchedInTheProfile) {
    EXPECT_EQ(stage.run("resize 1100 1400\nkey Ctrl+,\n"
                        "expect_value \"toggle-state:Read receipts\" on\n"
                        "click \"toggle:Read receipts\"\n"
                        "expect_value \"toggle-state:Read receipts\" off"),
              "");
    ASSERT_NE(stage.last<peer::SetReadReceipts>(), nullptr);
    EXPECT_FALSE(stage.last<peer::SetReadReceipts>()->on);
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::SetReadReceipts>(),
                                   .error = peer::CommandError::disk_full});
    EXPECT_EQ(stage.run("expect \"The setting was not changed\"\n"
                        "expect_value \"toggle-state:Read receipts\" on"),
              "");
}

TEST_F(SettingsDialog, ReadReceiptsAreReachedByKeyboard) {
    ASSERT_EQ(stage.run("key Ctrl+,"), "");
    const auto focused = [&] {
        const auto* node = stage.driver->tree().find("toggle:Read receipts");
        return node != nullptr && node->focused;
    };
    for (int i = 0; i < 30 && !focused(); ++i)
        ASSERT_EQ(stage.run("key Tab"), "");
    ASSERT_TRUE(focused());
    EXPECT_EQ(stage.run("key Enter\nexpect_value \"toggle-state:Read receipts\" off"), "");
    ASSERT_NE(stage.last<peer::SetReadReceipts>(), nullptr);
    EXPECT_FALSE(stage.last<peer::SetReadReceipts>()->on);
}

TEST_F(SettingsDialog, ReadReceiptsStandAsTheProfileSays) {
    peer::Opened change = opened({contact(1, "elodie")});
    change.read_receipts = false;
    stage.show(change);
    EXPECT_EQ(stage.run("resize 1100 1400\nkey Ctrl+,\n"
                        "expect_value \"toggle-state:Read receipts\" off"),
              "");
}

TEST_F(SettingsDialog, AboutNamesTheVersionAndTheSuite) {
    EXPECT_EQ(stage.run("resize 1100 2000\nkey Ctrl+,\nexpect \"Sotto 0.1.0\"\n"
                        "expect \"Encryption suite 2\"\n"
                        "expect \"Server chat.example.org, port 7313\""),
              "");
}

TEST(French, IsCompleteOnTheScreen) {
    Stage stage({.language = Language::french});
    fill_home(stage);
    EXPECT_EQ(stage.run("expect status:Connecté\nexpect \"Choisissez à qui parler\"\n"
                        "click contact:elodie\nexpect \"input:Message à elodie\"\n"
                        "expect \"presence:en ligne\"\nexpect day:Aujourd'hui"),
              "");
}

}  // namespace
}  // namespace sotto::ui::testing
