#include "ui/home_rows.hpp"
#include "ui/message_hits.hpp"

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
std::vector<std::string> shown(const ViewModel& model, std::string_view query,
                               const std::optional<peer::AccountId>& within = {}) {
    std::vector<std::string> names;
    for (const HomeRow& row : build_home_rows(model, query, within)) {
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
            case HomeRowKind::no_message:
                names.emplace_back("no message");
                break;
            case HomeRowKind::type_words:
                names.emplace_back("type");
                break;
            case HomeRowKind::hit:
                names.push_back(model.hits.messages[row.hit].text);
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

TEST(HomeRows, FoundMessagesStandBelowPeople) {
    ViewModel model = home();
    apply(model,
          peer::HistoryHits{.query = "bo",
                            .messages = {message(7, 1, "the bottle"), message(6, 2, "a boat"),
                                         message(5, 99, "bogus: nobody's")}},
          stage_now);
    EXPECT_EQ(shown(model, "bo"), (Names{"bob", "H", "the bottle", "a boat"}));
    EXPECT_EQ(shown(model, "boa"), (Names{"no match"})) << "the answer to another question";
    EXPECT_EQ(shown(model, "bo", account(2)), (Names{"H", "a boat"}));
    EXPECT_EQ(shown(model, "bo", account(3)), (Names{"no message"}));
    EXPECT_EQ(shown(model, "", account(3)), (Names{"type"}));
}

TEST(HomeRows, TheLineOfAFoundMessageShowsWhatWasLookedFor) {
    EXPECT_EQ(excerpt("short and near", "near"), "short and near");
    const std::string far =
        "It begins with many words about nothing at all, and then comes the "
        "Élan in question, with more behind it";
    const std::string line = excerpt(far, "elan");
    EXPECT_TRUE(line.starts_with("… "));
    EXPECT_NE(line.find("Élan"), std::string::npos);
    EXPECT_LT(line.find("Élan"), 40U);
    EXPECT_EQ(excerpt("two\nlines", "lines"), "two lines");
    EXPECT_EQ(excerpt("nothing of it", "xyz"), "nothing of it");
    EXPECT_FALSE(excerpt(std::string(100'000, 'x'), "x").empty());
    EXPECT_EQ(excerpt("", "x"), "");
}

}  // namespace
}  // namespace sotto::ui
