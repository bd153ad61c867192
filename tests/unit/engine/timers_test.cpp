#include "peer/engine/timers.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::engine {
namespace {

TEST(Timers, DueInTheOrderOfTimeThenName) {
    Timers timers;
    EXPECT_FALSE(timers.next());
    timers.set(timer(TimerKind::ping, 1), {20});
    timers.set(timer(TimerKind::login), {10});
    timers.set(timer(TimerKind::ping, 0), {20});
    EXPECT_EQ(timers.next(), Instant{10});
    EXPECT_FALSE(timers.pop_due({9}));
    EXPECT_EQ(timers.pop_due({100}), timer(TimerKind::login));
    EXPECT_EQ(timers.pop_due({100}), timer(TimerKind::ping, 0));
    EXPECT_EQ(timers.pop_due({100}), timer(TimerKind::ping, 1));
    EXPECT_FALSE(timers.pop_due({100}));
}

TEST(Timers, SetMovesAndSetByOnlyMovesEarlier) {
    Timers timers;
    const TimerId id = timer(TimerKind::login);
    timers.set(id, {10});
    timers.set(id, {30});
    EXPECT_EQ(timers.next(), Instant{30});
    timers.set_by(id, {40});
    EXPECT_EQ(timers.next(), Instant{30});
    timers.set_by(id, {5});
    EXPECT_EQ(timers.next(), Instant{5});
    timers.cancel(id);
    timers.cancel(id);
    EXPECT_FALSE(timers.running(id));
    EXPECT_FALSE(timers.next());
}

TEST(Timers, SubjectsComeBack) {
    crypto::SeededRandom random(1);
    const DeviceAddress address{.account = AccountId::generate(random),
                                .device = DeviceId::generate(random)};
    EXPECT_EQ(timer(TimerKind::lane, address).device(), address);
    EXPECT_EQ(timer(TimerKind::bundle, address.account).account(), address.account);
    EXPECT_EQ(timer(TimerKind::link, 1ULL << 63U).number(), 1ULL << 63U);
}

}  // namespace
}  // namespace sotto::peer::engine
