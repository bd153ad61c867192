// The left panel: search, people, presence, what stands there when there is nobody.
#include <gtest/gtest.h>

#include <string>

#include "peer/server_link.hpp"
#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

constexpr const char* search = "click \"input:Search or start a chat\"\n";

class Home : public ::testing::Test {
protected:
    Home() { fill_home(stage); }
    Stage stage;
};

TEST_F(Home, ShowsWhoIAmAndWhetherIAmConnected) {
    EXPECT_EQ(stage.run("expect status:Connected"), "");
    stage.show(peer::ServerStateChanged{peer::ServerState::connecting});
    EXPECT_EQ(stage.run("expect status:Connecting…"), "");
    stage.show(peer::ServerStateChanged{peer::ServerState::offline});
    EXPECT_EQ(stage.run("expect \"status:Server unreachable\"\nexpect contact:elodie"), "");
}

TEST_F(Home, FiltersWhileTypingWithoutAccentsAndCase) {
    EXPECT_EQ(stage.run(search), "");
    EXPECT_EQ(stage.run("type ÉLO\nexpect contact:elodie\nexpect_not contact:bob\n"
                        "expect_not \"People on this server\""),
              "");
    EXPECT_EQ(stage.run("key Ctrl+A\ntype zo\nexpect member:zoe\nexpect_not contact:elodie"), "");
    EXPECT_EQ(stage.run("key Ctrl+A\ntype xyzzy\nexpect \"Nothing found for “xyzzy”\"\n"
                        "key Escape\nexpect contact:elodie\nexpect contact:bob"),
              "");
}

TEST_F(Home, AsksTheDirectoryOncePerPauseNotPerLetter) {
    const std::size_t before = stage.count<peer::SearchDirectory>();
    EXPECT_EQ(stage.run(search), "");
    EXPECT_EQ(stage.run("type Zo\nframes 20"), "");
    EXPECT_EQ(stage.count<peer::SearchDirectory>(), before + 1);
    EXPECT_EQ(stage.last<peer::SearchDirectory>()->query, "zo");
}

TEST_F(Home, ListsMembersWithPresenceButNeitherMeNorContacts) {
    stage.show(directory({{"zoe", account(50), peer::Presence::online},
                          {"yann", account(51), peer::Presence::offline},
                          {"bob", account(5), peer::Presence::online},
                          {"alice", account(1000), peer::Presence::online}}));
    EXPECT_EQ(stage.run(search), "");
    EXPECT_EQ(stage.run("type z\nexpect_value member:zoe online\n"
                        "key Ctrl+A\ntype y\nexpect_value member:yann offline\n"
                        "key Ctrl+A\ntype bob\nexpect_not member:bob\nexpect contact:bob\n"
                        "key Ctrl+A\ntype alice\nexpect_not member:alice"),
              "");
}

TEST_F(Home, PresenceIsLive) {
    EXPECT_EQ(stage.run(search), "");
    stage.show(peer::MemberPresenceChanged{{"zoe", account(50), peer::Presence::offline}});
    EXPECT_EQ(stage.run("type zo\nexpect_value member:zoe offline"), "");
    stage.show(peer::MemberPresenceChanged{{"zorro", account(52), peer::Presence::online}});
    EXPECT_EQ(stage.run("expect_value member:zorro online"), "");
}

TEST_F(Home, ArrowsAndEnterChoose) {
    EXPECT_EQ(stage.run("key Ctrl+K\ntype o\nkey Down\nkey Enter"), "");
    ASSERT_TRUE(stage.desktop.ui().selected.has_value());
    EXPECT_EQ(stage.run("expect conversation:elodie\nexpect \"input:Message to elodie\""), "");
}

TEST_F(Home, ControlAndADigitGoesThere) {
    EXPECT_EQ(stage.run("key Ctrl+1\nexpect conversation:pushkin\n"
                        "key Ctrl+3\nexpect conversation:giorgos\n"
                        "key Escape\nexpect \"Choose someone to talk to\""),
              "");
}

TEST_F(Home, TheNewestConversationIsOnTop) {
    stage.show(peer::MessageAdded{message(500, 8, "news", {.read = false})});
    EXPECT_EQ(stage.run("expect_value contact:carol news\nkey Ctrl+1\nexpect conversation:carol"),
              "");
}

TEST_F(Home, TypingAndDraftsShowInThePreview) {
    stage.show(peer::TypingChanged{account(5), true});
    EXPECT_EQ(stage.run("expect_value contact:bob typing…\n"
                        "click contact:elodie\ntype \"not yet sent\"\nclick contact:giorgos\n"
                        "expect_value contact:elodie \"Draft: not yet sent\""),
              "");
}

TEST_F(Home, CountsWhatIsUnreadInTheTitle) {
    EXPECT_EQ(stage.desktop.title(), "(123) Sotto - alice");
}

TEST_F(Home, AsksForTheNextPageOfTheDirectoryAtTheEndOfTheList) {
    peer::DirectoryPage page = directory({{"zoe", account(50), peer::Presence::online}});
    page.more = true;
    stage.show(page);
    EXPECT_EQ(stage.run("wheel contact:bob -50\nframes 4"), "");
    ASSERT_NE(stage.last<peer::SearchDirectory>(), nullptr);
    EXPECT_EQ(stage.last<peer::SearchDirectory>()->after, "zoe");
    const std::size_t asked = stage.count<peer::SearchDirectory>();
    EXPECT_EQ(stage.run("frames 30"), "");
    EXPECT_EQ(stage.count<peer::SearchDirectory>(), asked);
}

TEST(EmptyHome, OffersTheServerLink) {
    Stage stage;
    stage.take(opened());
    stage.take(peer::ServerStateChanged{peer::ServerState::online});
    stage.show(directory({}));
    EXPECT_EQ(stage.run("expect \"No one here yet\"\nclick \"Copy the server link\"\n"
                        "expect \"Server link copied\"\nexpect_clip " +
                        peer::to_link(server())),
              "");
}

TEST(EmptyHome, SaysThatTheDirectoryNeedsTheServer) {
    Stage stage;
    stage.show(opened());
    EXPECT_EQ(stage.run("expect \"The directory comes back with the server\""), "");
}

TEST(SmallWindow, ListAndConversationTakeTurns) {
    Stage stage({.width = 480, .height = 400});
    fill_home(stage);
    EXPECT_EQ(stage.run("expect contact:elodie\nexpect_not \"Choose someone\"\n"
                        "click contact:elodie\nexpect conversation:elodie\n"
                        "expect_not contact:elodie\nclick button:Back\nexpect contact:elodie\n"
                        "click contact:elodie\nkey Ctrl+K\nexpect contact:elodie"),
              "");
}

}  // namespace
}  // namespace sotto::ui::testing
