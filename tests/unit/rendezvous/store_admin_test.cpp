// What every Store must do for the operator, run on each adapter; and the list of names.
#include "rendezvous/memory_store.hpp"
#include "rendezvous/name_list.hpp"
#include "rendezvous/sqlite_store.hpp"
#include "store_fixtures.hpp"

#include <chrono>
#include <functional>
#include <set>

namespace sotto::rendezvous::testing {
namespace {

struct Adapter {
    const char* name;
    std::function<std::unique_ptr<Store>(const TempDir&)> make;
};

class store_admin : public ::testing::TestWithParam<Adapter> {
protected:
    TempDir directory;
    std::unique_ptr<Store> store = GetParam().make(directory);

    void SetUp() override {
        ASSERT_NE(store, nullptr);
        for (const auto& [fill, name] :
             {std::pair<std::uint8_t, const char*>{1, "anna"}, {2, "bob"}, {3, "carol"}}) {
            ASSERT_EQ(run<ops::CreateResult>(*store, create_account(fill, name)),
                      ops::CreateResult::created);
        }
    }
    ops::AccountChanged disable(const char* name, bool disabled) {
        return run<ops::AccountChanged>(*store, ops::SetDisabled{name, disabled});
    }
    std::vector<std::string> directory_names(const std::string& query = {}) {
        std::vector<std::string> names;
        for (const ops::MemberRow& row :
             run<ops::MemberPage>(*store, ops::ListMembers{query, {}, 100}).members) {
            names.push_back(row.username);
        }
        return names;
    }
};

INSTANTIATE_TEST_SUITE_P(adapters, store_admin,
                         ::testing::Values(Adapter{"memory",
                                                   [](const TempDir&) -> std::unique_ptr<Store> {
                                                       return std::make_unique<MemoryStore>();
                                                   }},
                                           Adapter{
                                               "sqlite",
                                               [](const TempDir& folder) -> std::unique_ptr<Store> {
                                                   auto opened =
                                                       SqliteStore::open(folder.file("db"), 0);
                                                   return opened ? std::move(*opened) : nullptr;
                                               }}),
                         [](const auto& instance) { return instance.param.name; });

using Names = std::vector<std::string>;

TEST_P(store_admin, a_disabled_member_keeps_mail_and_is_not_shown) {
    EXPECT_EQ(directory_names(), (Names{"anna", "bob", "carol"}));
    (void)run<ops::PutMailResult>(*store, put_mail(2, 7));
    EXPECT_EQ(disable("bob", true).account, id<AccountId>(2));
    EXPECT_FALSE(disable("nobody", true).account.has_value());
    EXPECT_TRUE(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(2, 2)})->disabled);
    EXPECT_TRUE(run<ops::FindLoginResult>(*store, ops::FindLogin{"bob"})->disabled);
    EXPECT_EQ(directory_names(), (Names{"anna", "carol"}));
    EXPECT_FALSE(run<ops::FindMemberResult>(*store, ops::FindMember{"bob"})->listed);
    EXPECT_EQ(run<ops::MailPage>(*store, list_mail(2)).items.size(), 1U);
    const auto counts = run<ops::StoreCounts>(*store, ops::CountAll{start_ms});
    EXPECT_EQ(counts.accounts, 3U);
    EXPECT_EQ(counts.listed, 2U);
    EXPECT_EQ(counts.disabled, 1U);
    EXPECT_EQ(counts.devices, 3U);

    EXPECT_EQ(disable("bob", false).account, id<AccountId>(2));
    EXPECT_FALSE(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(2, 2)})->disabled);
    EXPECT_EQ(directory_names("b"), Names{"bob"});
}

TEST_P(store_admin, a_removed_member_leaves_nothing_and_frees_the_name) {
    (void)run<ops::PutMailResult>(*store, put_mail(2, 7));
    auto request = put_mail(1, 8);
    request.request_sender = id<AccountId>(2);
    EXPECT_EQ(run<ops::PutMailResult>(*store, std::move(request)).status, ops::PutStatus::stored);
    EXPECT_EQ(store->figures().mail_items, 2U);
    EXPECT_EQ(run<ops::AccountChanged>(*store, ops::RemoveAccount{"bob"}).account,
              id<AccountId>(2));
    EXPECT_FALSE(run<ops::AccountChanged>(*store, ops::RemoveAccount{"bob"}).account.has_value());
    EXPECT_EQ(directory_names(), (Names{"anna", "carol"}));
    EXPECT_FALSE(run<ops::FindAccountResult>(*store, ops::FindAccount{"bob"}).has_value());
    EXPECT_EQ(run<ops::PutMailResult>(*store, put_mail(2, 9)).status,
              ops::PutStatus::unknown_device);
    EXPECT_EQ(store->figures().mail_items, 1U) << "anna's request waits on";
    EXPECT_EQ(store->figures().mail_bytes, 600U);
    EXPECT_EQ(run<ops::CreateResult>(*store, create_account(4, "bob")), ops::CreateResult::created);
}

TEST_P(store_admin, members_are_listed_in_pages) {
    (void)run<ops::PutMailResult>(*store, put_mail(2, 7));
    const auto first = run<ops::AccountPage>(*store, ops::ListAccounts{"", "", 2});
    ASSERT_EQ(first.accounts.size(), 2U);
    EXPECT_TRUE(first.more);
    EXPECT_EQ(first.accounts[1].username, "bob");
    EXPECT_EQ(first.accounts[1].account, id<AccountId>(2));
    EXPECT_EQ(first.accounts[1].devices, 1U);
    EXPECT_EQ(first.accounts[1].mail_items, 1U);
    EXPECT_EQ(first.accounts[1].mail_bytes, 600U);
    EXPECT_EQ(first.accounts[1].created_ms, start_ms);
    const auto rest = run<ops::AccountPage>(*store, ops::ListAccounts{"", "bob", 2});
    ASSERT_EQ(rest.accounts.size(), 1U);
    EXPECT_FALSE(rest.more);
    EXPECT_EQ(run<ops::AccountPage>(*store, ops::ListAccounts{"aro", "", 9}).accounts.size(), 1U);
}

TEST_P(store_admin, invites_are_listed_and_revoked) {
    const auto hash = [](std::uint8_t first) {
        Bytes32 bytes{first};
        return ops::InviteHash(bytes);
    };
    for (std::uint8_t i = 1; i <= 3; ++i) {
        (void)run<ops::Done>(*store, ops::AddInvite{.hash = hash(i),
                                                    .uses = i,
                                                    .not_after_ms = start_ms + i * hour_ms,
                                                    .created_ms = start_ms - i,
                                                    .note = "for number " + std::to_string(i)});
    }
    auto list = run<ops::InviteList>(*store, ops::ListInvites{start_ms + hour_ms});
    ASSERT_EQ(list.invites.size(), 2U) << "the first has ended";
    EXPECT_EQ(list.invites[0].hash, hash(3)) << "oldest first";
    EXPECT_EQ(list.invites[0].uses, 3U);
    EXPECT_EQ(list.invites[0].uses_left, 3U);
    EXPECT_EQ(list.invites[0].note, "for number 3");

    auto create = create_account(9, "dora");
    create.invite = hash(3);
    create.invite_required = true;
    EXPECT_EQ(run<ops::CreateResult>(*store, create), ops::CreateResult::created);
    list = run<ops::InviteList>(*store, ops::ListInvites{start_ms});
    EXPECT_EQ(list.invites[0].uses_left, 2U);

    EXPECT_EQ(run<ops::RevokeResult>(*store, ops::RevokeInvite{{3, 0, 0, 0}}),
              ops::RevokeResult::revoked);
    EXPECT_EQ(run<ops::RevokeResult>(*store, ops::RevokeInvite{{3, 0, 0, 0}}),
              ops::RevokeResult::unknown);
    EXPECT_EQ(run<ops::RevokeResult>(*store, ops::RevokeInvite{{}}), ops::RevokeResult::ambiguous);
    create = create_account(10, "emil");
    create.invite = hash(3);
    create.invite_required = true;
    EXPECT_EQ(run<ops::CreateResult>(*store, create), ops::CreateResult::invite_needed);
}

TEST_P(store_admin, figures_follow_the_mail) {
    for (std::uint8_t envelope = 1; envelope <= 3; ++envelope)
        (void)run<ops::PutMailResult>(*store, put_mail(1, envelope, 100));
    EXPECT_EQ(store->figures().mail_items, 3U);
    EXPECT_EQ(store->figures().mail_bytes, 300U);
    const auto rows = run<ops::MailPage>(*store, list_mail(1));
    (void)run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {rows.items[0].row}});
    EXPECT_EQ(store->figures().mail_items, 2U);
    (void)run<ops::Expired>(*store, ops::Expire{start_ms + 2 * mail_ttl_ms, 100});
    EXPECT_EQ(store->figures().mail_items, 0U);
    EXPECT_EQ(store->figures().mail_bytes, 0U);
}

// --- what SQLite keeps in memory
// ------------------------------------------------------------------

TEST(sqlite_figures, are_there_after_a_restart) {
    const TempDir folder;
    {
        auto store = SqliteStore::open(folder.file("db"), 0);
        (void)run<ops::CreateResult>(**store, create_account(1, "anna"));
        (void)run<ops::PutMailResult>(**store, put_mail(1, 1, 100));
    }
    auto store = SqliteStore::open(folder.file("db"), 0);
    EXPECT_EQ((*store)->figures().mail_items, 1U);
    EXPECT_EQ((*store)->figures().mail_bytes, 100U);
    EXPECT_GT((*store)->figures().file_bytes, 4096U);
}

TEST(sqlite_figures, survive_a_full_disk) {
    const TempDir folder;
    auto store = SqliteStore::open(folder.file("db"), 200 * 1024);
    ASSERT_TRUE(store.has_value());
    (void)run<ops::CreateResult>(**store, create_account(1, "anna"));
    EXPECT_EQ(run<ops::MemberPage>(**store, ops::ListMembers{"", "", 9}).members.size(), 1U);
    std::size_t accepted = 0;
    for (std::uint8_t envelope = 1; envelope < 20; ++envelope) {
        (*store)->submit(one_request(7, put_mail(1, envelope, 60'000)));
        if (collect_all(**store, 1).at(0).results) ++accepted;
    }
    EXPECT_GT(accepted, 0U);
    EXPECT_LT(accepted, 10U);
    EXPECT_EQ((*store)->figures().mail_items, accepted);
    EXPECT_EQ((*store)->figures().mail_bytes, accepted * 60'000);
    EXPECT_EQ((*store)->figures().failed_batches, 19 - accepted);
    EXPECT_EQ(run<ops::MemberPage>(**store, ops::ListMembers{"", "", 9}).members.size(), 1U);
}

// --- the list of names ---------------------------------------------------------------------------

// The same, slowly.
Names find_slowly(const std::set<std::string>& names, const std::string& piece,
                  const std::string& after, std::size_t limit) {
    Names found;
    for (const std::string& name : names) {
        if (name <= after || name.find(piece) == std::string::npos) continue;
        if (found.size() < limit) found.push_back(name);
    }
    return found;
}

TEST(name_list, finds_what_a_slow_search_finds) {
    std::uint64_t state = 7;
    const auto draw = [&state](std::uint64_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33U) % below;
    };
    const auto word = [&draw](std::size_t least, std::size_t most) {
        std::string text;
        for (std::size_t i = least + draw(most - least + 1); i > 0; --i)
            text.push_back("abc.-"[draw(5)]);
        return text;
    };
    NameList list;
    std::set<std::string> names;
    for (int round = 0; round < 3000; ++round) {
        const std::string name = word(3, 6);
        if (draw(3) == 0) {
            list.erase(name);
            names.erase(name);
        } else {
            list.insert(name);
            names.insert(name);
        }
        const std::string piece = word(0, 3);
        const std::string after = draw(2) == 0 ? std::string() : word(0, 6);
        ASSERT_EQ(list.find(piece, after, 5), find_slowly(names, piece, after, 5))
            << "round " << round << " piece " << piece << " after " << after;
    }
}

TEST(name_list, takes_no_piece_across_names) {
    NameList list;
    list.append("anna");
    list.append("bob");
    EXPECT_EQ(list.find("a\nb", "", 9), Names{});
    EXPECT_EQ(list.find("\n", "", 9), Names{});
    EXPECT_EQ(list.find("a", "b\n\xff", 9), Names{});
    EXPECT_EQ(list.find("", "", 9), (Names{"anna", "bob"}));
    EXPECT_EQ(list.find("", "anna", 9), Names{"bob"});
    EXPECT_EQ(list.find("", "", 0), Names{});
}

}  // namespace
}  // namespace sotto::rendezvous::testing
