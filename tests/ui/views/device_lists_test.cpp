// Devices a contact adds, lists of devices that do not fit: lines, the question, and the warning
// that stands above everything.
#include <gtest/gtest.h>

#include <string>

#include "peer/notice.hpp"
#include "stage.hpp"
#include "ui/notice_text.hpp"

namespace sotto::ui::testing {
namespace {

class DeviceLists : public ::testing::Test {
protected:
    DeviceLists() {
        stage.show(opened({contact(1, "elodie"), contact(2, "bob")}));
        EXPECT_EQ(stage.run("resize 1000 1000\nclick contact:elodie"), "");
    }
    void hold(std::uint32_t devices) {
        peer::Contact changed = contact(1, "elodie");
        changed.verified = true;
        changed.held_devices = devices;
        stage.show(peer::ContactChanged{changed});
    }
    Stage stage;
};

// A long line is set in several, inside the conversation.
TEST_F(DeviceLists, ALongNoticeStaysInsideTheConversation) {
    EXPECT_EQ(stage.run("resize 1100 720"), "");
    const std::string code = to_text(peer::Notice{.kind = peer::NoticeKind::own_list_disputed});
    stage.show(peer::MessageAdded{.message = {.row = 60,
                                              .id = {},
                                              .peer = account(1),
                                              .outgoing = false,
                                              .kind = peer::MessageKind::notice,
                                              .text = code,
                                              .at = {1'790'000'000'000},
                                              .state = peer::DeliveryState::delivered,
                                              .failure = peer::MessageFailure::none,
                                              .read_locally = true}});
    hold(1);
    EXPECT_EQ(stage.run("settle"), "");
    const std::string words = notice_text(Strings(Language::english), code, "elodie");
    const auto* notice = stage.driver->tree().find("notice:" + words);
    const auto* text = stage.driver->tree().find("text:" + words);
    ASSERT_TRUE(notice != nullptr && text != nullptr);
    EXPECT_GT(notice->max.y - notice->min.y, 40.0F) << "one line has 34";
    EXPECT_GT(text->min.x, notice->min.x);
    EXPECT_LT(text->max.x, notice->max.x);
}

TEST_F(DeviceLists, EachNoticeHasWordsInBothLanguages) {
    const Strings english(Language::english);
    const Strings french(Language::french);
    for (int i = 0; i <= static_cast<int>(peer::notice_kind_last); ++i) {
        const std::string text =
            to_text(peer::Notice{.kind = static_cast<peer::NoticeKind>(i), .count = 2});
        const std::string words = notice_text(english, text, "elodie");
        EXPECT_EQ(words.find("notice:"), std::string::npos) << text;
        EXPECT_NE(words, notice_text(french, text, "elodie"));
    }
    EXPECT_EQ(notice_text(english, "notice:device_added:1", "elodie"),
              "elodie has added a device. The safety number stays the same.");
}

TEST_F(DeviceLists, HeldDevicesAreAskedAboutAndWritingGoesOn) {
    hold(1);
    EXPECT_EQ(stage.run("expect \"elodie has a new device\"\nexpect \"input:Message to elodie\"\n"
                        "click \"button:It is theirs: allow it\""),
              "");
    ASSERT_NE(stage.last<peer::AllowDevices>(), nullptr);
    EXPECT_EQ(stage.last<peer::AllowDevices>()->account, account(1));
    hold(0);
    EXPECT_EQ(stage.run("expect_not \"elodie has a new device\""), "");
}

TEST_F(DeviceLists, TheSettingIsAskedOfTheEngine) {
    const std::string box = "\"toggle:Ask about new devices of verified contacts\"";
    EXPECT_EQ(stage.run("resize 1100 1400\nkey Ctrl+,\nclick " + box), "");
    ASSERT_NE(stage.last<peer::SetHoldNewDevices>(), nullptr);
    EXPECT_TRUE(stage.last<peer::SetHoldNewDevices>()->hold);
    stage.show(peer::DeviceWatchChanged{.watch = {.hold_new_devices = true}});
    EXPECT_EQ(stage.run("click " + box), "");
    EXPECT_FALSE(stage.last<peer::SetHoldNewDevices>()->hold);
}

TEST_F(DeviceLists, AForeignListOfOursStandsAboveEverythingUntilItWasRead) {
    stage.show(peer::DeviceWatchChanged{.watch = {.own_list_disputed = true}});
    EXPECT_EQ(stage.run("expect \"Somebody else may be signing\"\n"
                        "click \"button:I have read this\""),
              "");
    EXPECT_NE(stage.last<peer::SettleOwnList>(), nullptr);
    stage.show(peer::DeviceWatchChanged{});
    EXPECT_EQ(stage.run("expect_not \"Somebody else may be signing\""), "");
}

}  // namespace
}  // namespace sotto::ui::testing
