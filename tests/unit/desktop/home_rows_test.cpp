#include "ui/home_rows.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "people.hpp"

namespace sotto::ui {
namespace {

using namespace testing;
using peer::ContactState;

ViewModel home() {
    ViewModel model;
    apply(model,
          opened({contact(1, "elodie"), contact(2, "bob"),
                  contact(3, "marie", ContactState::request_received),
                  contact(4, "mallory", ContactState::blocked),
                  contact(5, "ivan", ContactState::ignored)}),
          stage_now);
    apply(
        model,
        directory({{"alice", account(1000), {}}, {"bob", account(2), {}}, {"zoe", account(9), {}}}),
        stage_now);
    return model;
}

// "H" heading, else the name.
std::vector<std::string> shown(const ViewModel& model, std::string_view query) {
    std::vector<std::string> names;
    for (const HomeRow& row : build_home_rows(model, query)) {
        switch (row.kind) {
            case HomeRowKind::heading:
                names.emplace_back("H");
                break;
            case HomeRowKind::member:
                names.push_back(model.directory.members[row.member].username);
                break;
            case HomeRowKind::nobody:
                names.emplace_back("nobody");
                break;
            case HomeRowKind::no_match:
                names.emplace_back("no match");
                break;
            case HomeRowKind::waiting:
                names.emplace_back("waiting");
                break;
            default:
                names.push_back(model.contact(*row.account)->contact.username);
        }
    }
    return names;
}

using Names = std::vector<std::string>;

TEST(HomeRows, RequestsContactsMembersInThisOrder) {
    EXPECT_EQ(shown(home(), ""), (Names{"H", "marie", "H", "elodie", "bob", "H", "zoe"}));
}

TEST(HomeRows, WithoutRequestsConversationsNeedNoHeading) {
    ViewModel model = home();
    apply(model, peer::ContactChanged{contact(3, "marie")}, stage_now);
    EXPECT_EQ(shown(model, "").front(), "elodie");
}

TEST(HomeRows, SearchIgnoresAccentsAndCase) {
    EXPECT_EQ(shown(home(), "ÉLO"), Names{"elodie"});
    EXPECT_EQ(shown(home(), "zo"), (Names{"H", "zoe"}));
    EXPECT_EQ(shown(home(), "xyz"), Names{"no match"});
}

TEST(HomeRows, IgnoredAndBlockedAreFoundOnlyBySearching) {
    EXPECT_EQ(shown(home(), "mallo"), Names{"mallory"});
    EXPECT_EQ(shown(home(), "ivan"), Names{"ivan"});
}

TEST(HomeRows, NobodyIsThreeDifferentThings) {
    ViewModel model;
    apply(model, opened(), stage_now);
    EXPECT_EQ(shown(model, ""), Names{"waiting"});
    apply(model, directory({}), stage_now);
    EXPECT_EQ(shown(model, ""), Names{"nobody"});
    EXPECT_EQ(shown(model, "x"), Names{"no match"});
}

}  // namespace
}  // namespace sotto::ui
