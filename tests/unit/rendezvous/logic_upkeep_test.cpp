// What the logic asks of the store once a minute.
#include "logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

void fill_mailbox(MemoryStore& store, std::uint8_t account, std::size_t items) {
    run<ops::CreateResult>(store, create_account(account, "member" + std::to_string(account)));
    for (std::size_t i = 0; i < items; ++i) {
        ops::PutMail mail = put_mail(account, 0, 1);
        crypto::ByteArray<EnvelopeId::size> name{};
        name[0] = static_cast<std::uint8_t>(i >> 8);
        name[1] = static_cast<std::uint8_t>(i);
        mail.envelope = EnvelopeId(name);
        ASSERT_EQ(run<ops::PutMailResult>(store, mail).status, ops::PutStatus::stored);
    }
}

// More than one transaction's worth is not left for the next minute, or it would never end.
TEST(upkeep, goes_on_while_there_is_more_that_is_too_old) {
    World world;
    for (std::uint8_t account = 1; account <= 5; ++account)
        fill_mailbox(world.store, account, 500);
    world.now.wall_ms += mail_ttl_ms;
    world.now.mono_ms += 60'000;
    world.feed(Tick{});
    for (std::uint8_t account = 1; account <= 5; ++account) {
        const auto device =
            run<ops::OpenDeviceResult>(world.store, ops::OpenDevice{address(account, account)});
        ASSERT_TRUE(device.has_value());
        EXPECT_EQ(device->mail_waiting, 0U);
    }
}

}  // namespace
}  // namespace sotto::rendezvous::testing
