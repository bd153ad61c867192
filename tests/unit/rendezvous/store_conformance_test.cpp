// What every Store must do, run on each adapter.
#include "rendezvous/memory_store.hpp"
#include "rendezvous/sqlite_store.hpp"
#include "store_fixtures.hpp"

#include <functional>

namespace sotto::rendezvous::testing {
namespace {

struct Adapter {
    const char* name;
    std::function<std::unique_ptr<Store>(const TempDir&)> make;
};

class store_conformance : public ::testing::TestWithParam<Adapter> {
protected:
    TempDir directory;
    std::unique_ptr<Store> store = GetParam().make(directory);

    void SetUp() override {
        ASSERT_NE(store, nullptr);
        ASSERT_EQ(run<ops::CreateResult>(*store, create_account(1, "anna")),
                  ops::CreateResult::created);
        ASSERT_EQ(run<ops::CreateResult>(*store, create_account(2, "bob")),
                  ops::CreateResult::created);
    }
    ops::PutMailResult put(ops::PutMail op) {
        return run<ops::PutMailResult>(*store, std::move(op));
    }
    std::vector<std::uint64_t> rows_of(std::uint8_t account) {
        std::vector<std::uint64_t> rows;
        for (const ops::MailRow& mail : run<ops::MailPage>(*store, list_mail(account)).items) {
            rows.push_back(mail.row);
        }
        return rows;
    }
};

INSTANTIATE_TEST_SUITE_P(
    adapters, store_conformance,
    ::testing::Values(Adapter{"memory",
                              [](const TempDir&) -> std::unique_ptr<Store> {
                                  return std::make_unique<MemoryStore>();
                              }},
                      Adapter{"sqlite",
                              [](const TempDir& directory) -> std::unique_ptr<Store> {
                                  auto opened = SqliteStore::open(directory.file("db"), 0);
                                  return opened ? std::move(*opened) : nullptr;
                              }}),
    [](const auto& instance) { return instance.param.name; });

TEST_P(store_conformance, an_account_is_created_once) {
    EXPECT_EQ(run<ops::CreateResult>(*store, create_account(1, "anna")),
              ops::CreateResult::repeated);
    EXPECT_EQ(run<ops::CreateResult>(*store, create_account(3, "anna")),
              ops::CreateResult::name_taken);
    EXPECT_EQ(run<ops::CreateResult>(*store, create_account(1, "anna2")),
              ops::CreateResult::account_taken);
    ops::CreateAccount other_key = create_account(1, "anna");
    other_key.login_key = id<crypto::LkPublic>(9);
    EXPECT_EQ(run<ops::CreateResult>(*store, other_key), ops::CreateResult::account_taken);
    ops::CreateAccount other_device = create_account(1, "anna");
    other_device.device = id<DeviceId>(9);
    EXPECT_EQ(run<ops::CreateResult>(*store, other_device), ops::CreateResult::account_taken);
    EXPECT_FALSE(run<ops::FindLoginResult>(*store, ops::FindLogin{"anna2"}).has_value());
}

TEST_P(store_conformance, login_rows) {
    const auto anna = run<ops::FindLoginResult>(*store, ops::FindLogin{"anna"});
    ASSERT_TRUE(anna.has_value());
    EXPECT_EQ(anna->account, id<AccountId>(1));
    EXPECT_EQ(anna->login_key, id<crypto::LkPublic>(1));
    EXPECT_FALSE(run<ops::FindLoginResult>(*store, ops::FindLogin{"nobody"}).has_value());

    const auto device = run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)});
    ASSERT_TRUE(device.has_value());
    EXPECT_EQ(device->username, "anna");
    EXPECT_EQ(device->dsk, id<crypto::DskPublic>(1));
    EXPECT_TRUE(device->listed);
    EXPECT_FALSE(device->tokens.current.has_value());
    EXPECT_EQ(device->one_time_left, 0U);
    EXPECT_EQ(device->mail_waiting, 0U);
    for (const auto& absent : {address(1, 2), address(2, 1), address(9, 9)}) {
        EXPECT_FALSE(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{absent}).has_value());
    }
}

TEST_P(store_conformance, a_login_key_changes_from_the_one_there_is) {
    const auto key = [this] {
        return run<ops::FindLoginResult>(*store, ops::FindLogin{"anna"})->login_key;
    };
    const auto change = [this](std::uint8_t account, std::uint8_t from, std::uint8_t to) {
        return run<ops::ChangeLoginResult>(
            *store, ops::ChangeLogin{id<AccountId>(account), id<crypto::LkPublic>(from),
                                     id<crypto::LkPublic>(to)});
    };
    EXPECT_EQ(change(1, 9, 10), ops::ChangeLoginResult::other_key);
    EXPECT_EQ(change(9, 1, 10), ops::ChangeLoginResult::other_key) << "no such account";
    EXPECT_EQ(key(), id<crypto::LkPublic>(1));
    EXPECT_EQ(change(1, 1, 10), ops::ChangeLoginResult::changed);
    EXPECT_EQ(key(), id<crypto::LkPublic>(10));
    EXPECT_EQ(change(1, 1, 11), ops::ChangeLoginResult::other_key) << "another came first";
    EXPECT_EQ(key(), id<crypto::LkPublic>(10));
    EXPECT_EQ(run<ops::FindLoginResult>(*store, ops::FindLogin{"bob"})->login_key,
              id<crypto::LkPublic>(2));
    ASSERT_TRUE(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)}).has_value());
}

TEST_P(store_conformance, an_invite_is_good_for_its_uses_and_its_time) {
    const auto hash = id<ops::InviteHash>(0x77);
    run<ops::Done>(*store, ops::AddInvite{hash, 1, start_ms + hour_ms});
    ops::CreateAccount guest = create_account(3, "guest");
    guest.invite_required = true;
    EXPECT_EQ(run<ops::CreateResult>(*store, guest), ops::CreateResult::invite_needed);
    guest.invite = hash;
    guest.now_ms = start_ms + hour_ms;
    EXPECT_EQ(run<ops::CreateResult>(*store, guest), ops::CreateResult::invite_needed) << "late";
    guest.now_ms = start_ms;
    EXPECT_EQ(run<ops::CreateResult>(*store, guest), ops::CreateResult::created);
    EXPECT_EQ(run<ops::CreateResult>(*store, guest), ops::CreateResult::repeated)
        << "repeating the registration needs no second invite";
    ops::CreateAccount second = create_account(4, "second");
    second.invite_required = true;
    second.invite = hash;
    EXPECT_EQ(run<ops::CreateResult>(*store, second), ops::CreateResult::invite_needed) << "spent";
}

TEST_P(store_conformance, the_device_list_only_moves_forward) {
    const ops::ListedDevice first{id<DeviceId>(1), id<crypto::DskPublic>(1), filled(252, 1)};
    const ops::ListedDevice phone{id<DeviceId>(0x33), id<crypto::DskPublic>(3), filled(252, 3)};
    put(put_mail(1, 1));
    ops::ReplaceDevices both{id<AccountId>(1), {phone, first}, filled(252, 2), 2};
    EXPECT_EQ(run<ops::ReplaceDevicesResult>(*store, both), ops::ReplaceDevicesResult::replaced);
    EXPECT_EQ(run<ops::ReplaceDevicesResult>(*store, both), ops::ReplaceDevicesResult::stale);
    const auto bundle = run<ops::ReadBundleResult>(
        *store, ops::ReadBundle{id<AccountId>(1), std::nullopt, false, false, start_ms});
    ASSERT_TRUE(bundle.has_value());
    EXPECT_EQ(bundle->device_list, filled(252, 2));
    ASSERT_EQ(bundle->devices.size(), 2U);
    EXPECT_EQ(bundle->devices[0].device, phone.device) << "in the order of the list";
    EXPECT_EQ(bundle->devices[1].cert, first.cert);
    EXPECT_EQ(rows_of(1).size(), 1U) << "a device that stays keeps its mail";

    ops::ReplaceDevices only_phone{id<AccountId>(1), {phone}, filled(203, 4), 3};
    EXPECT_EQ(run<ops::ReplaceDevicesResult>(*store, only_phone),
              ops::ReplaceDevicesResult::replaced);
    EXPECT_FALSE(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)}).has_value());
    EXPECT_EQ(put(put_mail(1, 2)).status, ops::PutStatus::unknown_device);
    only_phone.account = id<AccountId>(9);
    EXPECT_EQ(run<ops::ReplaceDevicesResult>(*store, only_phone),
              ops::ReplaceDevicesResult::unknown_account);
}

TEST_P(store_conformance, mailbox_tokens_current_and_previous) {
    const auto token = [](std::uint8_t fill) { return id<MailboxTokenHash>(fill); };
    const auto set = [this, &token](std::uint8_t fill, bool revoke, std::uint64_t at) {
        return run<ops::TokenHashes>(*store,
                                     ops::SetToken{id<AccountId>(1), token(fill), revoke, at});
    };
    ops::TokenHashes tokens = set(1, false, start_ms);
    EXPECT_TRUE(tokens.accept(token(1), start_ms));
    EXPECT_FALSE(tokens.previous.has_value());
    tokens = set(2, false, start_ms);
    EXPECT_TRUE(tokens.accept(token(1), start_ms + previous_token_ttl_ms - 1));
    EXPECT_FALSE(tokens.accept(token(1), start_ms + previous_token_ttl_ms));
    tokens = set(2, false, start_ms + hour_ms);
    EXPECT_TRUE(tokens.accept(token(1), start_ms)) << "setting it again moves nothing";
    EXPECT_EQ(tokens.previous_until_ms, start_ms + previous_token_ttl_ms);
    tokens = set(3, true, start_ms);
    EXPECT_FALSE(tokens.accept(token(2), start_ms)) << "revoked";
    EXPECT_TRUE(tokens.accept(token(3), start_ms));

    ops::PutMail mail = put_mail(1, 1);
    mail.token = token(2);
    EXPECT_EQ(put(mail).status, ops::PutStatus::not_allowed);
    mail.token = token(3);
    EXPECT_EQ(put(mail).status, ops::PutStatus::stored);
    mail.to = address(9, 9);
    EXPECT_EQ(put(mail).status, ops::PutStatus::not_allowed) << "no such account: the same answer";
    mail.to = address(1, 9);
    EXPECT_EQ(put(mail).status, ops::PutStatus::unknown_device);
}

TEST_P(store_conformance, one_time_prekeys_are_taken_once_and_never_come_back) {
    const auto token = id<MailboxTokenHash>(5);
    run<ops::TokenHashes>(*store, ops::SetToken{id<AccountId>(1), token, false, start_ms});
    const ops::PublishPrekeys publish{
        address(1, 1), filled(287, 7), {{1, filled(166, 1)}, {2, filled(166, 2)}}, 100};
    EXPECT_EQ(run<ops::OneTimeLeft>(*store, publish).count, 2U);

    const ops::ReadBundle stranger{id<AccountId>(1), std::nullopt, false, true, start_ms};
    auto bundle = run<ops::ReadBundleResult>(*store, stranger);
    ASSERT_TRUE(bundle.has_value());
    EXPECT_EQ(bundle->devices.at(0).prekeys, filled(287, 7));
    EXPECT_TRUE(bundle->devices.at(0).one_time.empty()) << "no token, no one-time prekey";

    const ops::ReadBundle contact{id<AccountId>(1), token, true, true, start_ms};
    bundle = run<ops::ReadBundleResult>(*store, contact);
    ASSERT_TRUE(bundle.has_value());
    EXPECT_EQ(bundle->devices.at(0).one_time, filled(166, 1));
    EXPECT_EQ(bundle->devices.at(0).one_time_left, 1U);
    EXPECT_EQ(run<ops::OneTimeLeft>(*store, publish).count, 1U)
        << "publishing again does not bring back what was taken";
    bundle = run<ops::ReadBundleResult>(*store, contact);
    EXPECT_EQ(bundle->devices.at(0).one_time, filled(166, 2));
    bundle = run<ops::ReadBundleResult>(*store, contact);
    EXPECT_TRUE(bundle->devices.at(0).one_time.empty()) << "none left";

    ops::ReadBundle wrong = contact;
    wrong.token = id<MailboxTokenHash>(6);
    EXPECT_FALSE(run<ops::ReadBundleResult>(*store, wrong).has_value());
    wrong.account = id<AccountId>(9);
    EXPECT_FALSE(run<ops::ReadBundleResult>(*store, wrong).has_value());
}

TEST_P(store_conformance, the_pool_of_one_time_prekeys_is_bounded) {
    ops::PublishPrekeys publish{address(1, 1), filled(10, 1), {}, 3};
    for (std::uint32_t i = 1; i <= 5; ++i)
        publish.one_time.push_back({i, filled(10, 2)});
    EXPECT_EQ(run<ops::OneTimeLeft>(*store, publish).count, 3U);
    publish.max_one_time = 4;
    EXPECT_EQ(run<ops::OneTimeLeft>(*store, publish).count, 4U)
        << "what did not fit may come later";
}

TEST_P(store_conformance, the_directory_shows_listed_members_by_name) {
    for (std::uint8_t i = 10; i < 15; ++i) {
        const std::string name{"member-", 7};
        run<ops::CreateResult>(*store, create_account(i, name + std::to_string(i)));
    }
    run<ops::Done>(*store, ops::SetListing{id<AccountId>(12), false, Visibility::nobody});
    const auto names = [this](std::string query, std::string after, std::size_t limit) {
        const auto page = run<ops::MemberPage>(
            *store, ops::ListMembers{std::move(query), std::move(after), limit});
        std::string joined;
        for (const ops::MemberRow& member : page.members)
            joined += member.username + " ";
        return joined + (page.more ? "+" : ".");
    };
    EXPECT_EQ(names("", "", 10), "anna bob member-10 member-11 member-13 member-14 .");
    EXPECT_EQ(names("ember", "", 2), "member-10 member-11 +");
    EXPECT_EQ(names("ember", "member-11", 2), "member-13 member-14 .");
    EXPECT_EQ(names("%", "", 10), ".") << "a query is text, not a pattern";
    EXPECT_EQ(names("_", "", 10), ".");
    const auto hidden = run<ops::FindMemberResult>(*store, ops::FindMember{"member-12"});
    ASSERT_TRUE(hidden.has_value());
    EXPECT_FALSE(hidden->listed);
    EXPECT_EQ(hidden->visibility, Visibility::nobody);
    EXPECT_FALSE(run<ops::FindMemberResult>(*store, ops::FindMember{"x"}).has_value());
}

TEST_P(store_conformance, mail_waits_in_order_until_it_is_deleted_by_row) {
    const ops::PutMailResult first = put(put_mail(1, 1));
    const ops::PutMailResult second = put(put_mail(1, 2));
    put(put_mail(2, 3));
    EXPECT_EQ(first.status, ops::PutStatus::stored);
    EXPECT_EQ(first.item, filled(600, 1)) << "handed back for relaying";
    EXPECT_NE(first.row, 0U);
    EXPECT_EQ(rows_of(1), (std::vector{first.row, second.row}));
    EXPECT_EQ(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)})->mail_waiting, 2U);

    run<ops::Done>(*store, ops::DeleteMail{address(2, 2), {first.row}});
    EXPECT_EQ(rows_of(1).size(), 2U) << "a row of somebody else";
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {first.row, 999999}});
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {first.row}});
    EXPECT_EQ(rows_of(1), std::vector{second.row});
    EXPECT_EQ(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)})->mail_waiting, 1U);
}

TEST_P(store_conformance, putting_is_idempotent_by_recipient_and_envelope) {
    const ops::PutMailResult first = put(put_mail(1, 1));
    ops::PutMail again = put_mail(1, 1);
    again.item = filled(10, 9);
    const ops::PutMailResult second = put(again);
    EXPECT_EQ(second.status, ops::PutStatus::repeated);
    EXPECT_EQ(second.row, first.row);
    const auto page = run<ops::MailPage>(*store, list_mail(1));
    ASSERT_EQ(page.items.size(), 1U);
    EXPECT_EQ(page.items[0].item, filled(600, 1)) << "the first stays";
    EXPECT_EQ(put(put_mail(2, 1)).status, ops::PutStatus::stored) << "another recipient";
}

TEST_P(store_conformance, rows_are_never_used_again) {
    const std::uint64_t row = put(put_mail(1, 1)).row;
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {row}});
    EXPECT_NE(put(put_mail(1, 2)).row, row);
}

TEST_P(store_conformance, listing_skips_rows_and_stops_at_the_window) {
    std::vector<std::uint64_t> rows;
    for (std::uint8_t i = 1; i <= 6; ++i)
        rows.push_back(put(put_mail(1, i, 1000)).row);
    ops::ListMail list = list_mail(1);
    list.skip_rows = {rows[0], rows[2]};
    list.max_items = 2;
    auto page = run<ops::MailPage>(*store, list);
    ASSERT_EQ(page.items.size(), 2U);
    EXPECT_EQ(page.items[0].row, rows[1]);
    EXPECT_EQ(page.items[1].row, rows[3]);
    EXPECT_TRUE(page.more);
    list.max_items = 4;
    page = run<ops::MailPage>(*store, list);
    EXPECT_EQ(page.items.size(), 4U);
    EXPECT_FALSE(page.more);
    list.max_bytes = 2500;
    page = run<ops::MailPage>(*store, list);
    EXPECT_EQ(page.items.size(), 2U);
    EXPECT_TRUE(page.more);
    list.max_bytes = 1;
    EXPECT_EQ(run<ops::MailPage>(*store, list).items.size(), 1U) << "always progress";
}

TEST_P(store_conformance, a_mailbox_has_a_quota_of_items) {
    std::vector<StoreRequest> fill;
    for (std::size_t i = 0; i < max_mailbox_items; ++i) {
        ops::PutMail mail = put_mail(1, 0, 1);
        crypto::ByteArray<16> name{};
        name[0] = static_cast<std::uint8_t>(i >> 8);
        name[1] = static_cast<std::uint8_t>(i);
        mail.envelope = EnvelopeId(name);
        fill.push_back({i, {std::move(mail)}});
    }
    store->submit(std::move(fill));
    const auto done = collect_all(*store, max_mailbox_items);
    EXPECT_EQ(std::get<ops::PutMailResult>(done.back().results->at(0)).status,
              ops::PutStatus::stored);
    EXPECT_EQ(put(put_mail(1, 0xff)).status, ops::PutStatus::quota_full);
    const auto row = std::get<ops::PutMailResult>(done.front().results->at(0)).row;
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {row}});
    EXPECT_EQ(put(put_mail(1, 0xff)).status, ops::PutStatus::stored);
}

TEST_P(store_conformance, a_mailbox_has_a_quota_of_bytes) {
    constexpr std::size_t large = 8U << 20;  // larger than any frame, to get there in few steps
    for (std::uint8_t i = 1; i <= 8; ++i) {
        EXPECT_EQ(put(put_mail(1, i, large)).status, ops::PutStatus::stored);
    }
    EXPECT_EQ(put(put_mail(1, 9, 1)).status, ops::PutStatus::quota_full);
}

ops::PutMail request_from(std::uint8_t sender, std::uint8_t to, std::uint8_t envelope,
                          std::uint64_t at_ms) {
    ops::PutMail mail = put_mail(to, envelope);
    mail.request_sender = id<AccountId>(sender);
    mail.now_ms = at_ms;
    return mail;
}

TEST_P(store_conformance, of_contact_requests_one_waits_and_others_are_swallowed) {
    using enum ops::PutStatus;
    const ops::PutMailResult first = put(request_from(2, 1, 1, start_ms));
    EXPECT_EQ(first.status, stored);
    EXPECT_EQ(put(request_from(2, 1, 1, start_ms)).status, repeated_request) << "a retry";
    EXPECT_EQ(put(request_from(2, 1, 2, start_ms)).status, swallowed);
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {first.row}});
    EXPECT_EQ(put(request_from(2, 1, 3, start_ms + 1)).status, swallowed)
        << "fetched, but not a day old";
    const std::uint64_t next_day = start_ms + ops::request_window_ms;
    EXPECT_EQ(put(request_from(2, 1, 4, next_day)).status, stored);
    EXPECT_EQ(put(request_from(2, 1, 5, next_day + ops::request_window_ms)).status, swallowed)
        << "a day old, but not fetched";
    EXPECT_EQ(put(put_mail(1, 6)).status, stored);
    EXPECT_EQ(put(request_from(3, 1, 6, start_ms)).status, swallowed) << "another's envelope";
    EXPECT_EQ(put(request_from(2, 0xff, 9, start_ms)).status, swallowed) << "nobody";
}

// Twenty a day, each counted once, to whomever: so the twenty-first tells nothing.
TEST_P(store_conformance, contact_requests_are_counted_by_sender_alone) {
    using enum ops::PutStatus;
    for (std::uint8_t i = 0; i < 20; ++i) {
        // A member, the same again, and nobody.
        const std::uint8_t to = i < 2 ? 1 : 0xff;
        const ops::PutMail request = request_from(2, to, i, start_ms + i);
        EXPECT_EQ(put(request).status, i == 0 ? stored : swallowed);
        EXPECT_EQ(put(request).status, repeated_request);
    }
    for (const std::uint8_t to : std::to_array<std::uint8_t>({1, 0xff})) {
        const auto refused = put(request_from(2, to, 77, start_ms + 100));
        EXPECT_EQ(refused.status, too_many_requests);
        EXPECT_EQ(refused.retry_after_ms, ops::request_window_ms - 100);
        EXPECT_EQ(put(request_from(2, to, 3, start_ms + 100)).status, repeated_request);
    }
    EXPECT_EQ(put(request_from(3, 1, 77, start_ms + 100)).status, stored) << "of each sender";
    const std::uint64_t free_ms = start_ms + ops::request_window_ms;
    EXPECT_EQ(put(request_from(2, 0xff, 77, free_ms - 1)).status, too_many_requests);
    EXPECT_EQ(put(request_from(2, 0xff, 77, free_ms)).status, swallowed) << "one is a day old";
    EXPECT_EQ(put(request_from(2, 0xff, 78, free_ms)).status, too_many_requests);
    (void)run<ops::Expired>(*store, ops::Expire{free_ms, 100});
    EXPECT_EQ(put(request_from(2, 0xff, 78, free_ms)).status, too_many_requests);
    (void)run<ops::Expired>(*store, ops::Expire{free_ms + 100, 100});
    EXPECT_EQ(put(request_from(2, 0xff, 78, free_ms + 100)).status, swallowed);
}

TEST_P(store_conformance, requests_of_strangers_leave_the_mailbox_to_contacts) {
    const auto request = [](std::size_t number) {
        return request_from(static_cast<std::uint8_t>(100 + number), 1,
                            static_cast<std::uint8_t>(number), start_ms);
    };
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < ops::requests_waiting_max; ++i) {
        const ops::PutMailResult result = put(request(i));
        ASSERT_EQ(result.status, ops::PutStatus::stored);
        if (i == 0) first = result.row;
    }
    const std::size_t next = ops::requests_waiting_max;
    EXPECT_EQ(put(request(next)).status, ops::PutStatus::swallowed);
    EXPECT_EQ(put(put_mail(1, 0xff)).status, ops::PutStatus::stored) << "a contact's";
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), {first}});
    EXPECT_EQ(put(request(next + 1)).status, ops::PutStatus::stored);
}

// A device that is removed takes what waits there with it, and comes back as a new one.
TEST_P(store_conformance, a_device_that_was_removed_knows_no_earlier_requests) {
    ASSERT_EQ(put(request_from(5, 1, 1, start_ms)).status, ops::PutStatus::stored);
    ASSERT_EQ(put(request_from(5, 1, 2, start_ms)).status, ops::PutStatus::swallowed);
    std::uint64_t seq = 1;
    for (const std::uint8_t device : std::to_array<std::uint8_t>({77, 1})) {
        ops::ReplaceDevices list{id<AccountId>(1), {}, filled(203, 3), ++seq};
        list.devices.push_back(
            {id<DeviceId>(device), id<crypto::DskPublic>(device), filled(252, device)});
        ASSERT_EQ(run<ops::ReplaceDevicesResult>(*store, list),
                  ops::ReplaceDevicesResult::replaced);
    }
    EXPECT_EQ(put(request_from(5, 1, 3, start_ms)).status, ops::PutStatus::stored);
}

TEST_P(store_conformance, what_is_too_old_is_not_listed_and_goes) {
    const std::uint64_t row = put(put_mail(1, 1)).row;
    ops::PutMail young = put_mail(1, 2);
    young.now_ms = start_ms + hour_ms;
    const std::uint64_t young_row = put(young).row;
    ops::ListMail list = list_mail(1);
    list.now_ms = start_ms + mail_ttl_ms - 1;
    EXPECT_EQ(run<ops::MailPage>(*store, list).items.size(), 2U);
    list.now_ms = start_ms + mail_ttl_ms;
    auto page = run<ops::MailPage>(*store, list);
    ASSERT_EQ(page.items.size(), 1U);
    EXPECT_EQ(page.items[0].row, young_row);
    (void)run<ops::Expired>(*store, ops::Expire{start_ms + mail_ttl_ms, 100});
    EXPECT_EQ(rows_of(1), std::vector{young_row});
    EXPECT_EQ(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)})->mail_waiting, 1U);
    EXPECT_NE(row, young_row);
}

TEST_P(store_conformance, expiry_says_when_there_is_more) {
    for (std::uint8_t i = 1; i <= 5; ++i)
        (void)put(put_mail(1, i));
    const ops::Expire expire{start_ms + mail_ttl_ms, 2};
    EXPECT_TRUE(run<ops::Expired>(*store, expire).more);
    EXPECT_TRUE(run<ops::Expired>(*store, expire).more);
    EXPECT_FALSE(run<ops::Expired>(*store, expire).more);
    EXPECT_TRUE(rows_of(1).empty());
}

TEST_P(store_conformance, results_come_in_order_and_a_batch_sees_what_came_before) {
    std::vector<StoreRequest> requests;
    for (std::uint8_t i = 1; i <= 50; ++i) {
        requests.push_back({i, {put_mail(1, i), list_mail(1)}});
    }
    store->submit(std::move(requests));
    const auto done = collect_all(*store, 50);
    for (std::size_t i = 0; i < done.size(); ++i) {
        EXPECT_EQ(done[i].token, i + 1);
        EXPECT_EQ(std::get<ops::MailPage>(done[i].results->at(1)).items.size(), i + 1);
    }
}

}  // namespace
}  // namespace sotto::rendezvous::testing
