#include "peer/runtime/bounded_queue.hpp"

#include "peer/runtime/change_queue.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <memory>
#include <thread>

namespace sotto::peer::runtime {
namespace {

bool is_readable(int descriptor) {
    pollfd item{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&item, 1, 0) == 1;
}

TEST(BoundedQueue, refuses_beyond_its_limit_and_keeps_the_item_whole) {
    EventFd wake;
    BoundedQueue<std::unique_ptr<int>> queue(2, wake);
    EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
    EXPECT_TRUE(queue.push(std::make_unique<int>(2)));
    auto third = std::make_unique<int>(3);
    EXPECT_FALSE(queue.push(std::move(third)));
    ASSERT_NE(third, nullptr);
    EXPECT_EQ(queue.take(1).size(), 1U);
    EXPECT_TRUE(queue.push(std::move(third)));
    const auto rest = queue.take(10);
    ASSERT_EQ(rest.size(), 2U);
    EXPECT_EQ(*rest[0], 2);
    EXPECT_EQ(*rest[1], 3);
}

TEST(BoundedQueue, wakes_the_reader) {
    EventFd wake;
    BoundedQueue<int> queue(2, wake);
    EXPECT_FALSE(is_readable(wake.descriptor()));
    EXPECT_TRUE(queue.push(1));
    EXPECT_TRUE(is_readable(wake.descriptor()));
    wake.clear();
    EXPECT_FALSE(is_readable(wake.descriptor()));
    std::jthread later([&] { wake.signal(); });
    wake.wait();  // returns, or the test never ends
}

TEST(BoundedQueue, nothing_is_lost_between_threads) {
    EventFd wake;
    BoundedQueue<int> queue(16, wake);
    constexpr int count = 20'000;
    std::jthread producer([&] {
        for (int i = 0; i < count;) {
            if (queue.push(int{i})) ++i;
        }
    });
    int expected = 0;
    while (expected < count) {
        wake.wait();
        wake.clear();
        for (const int value : queue.take(1000))
            ASSERT_EQ(value, expected++);
    }
}

TEST(ChangeQueue, a_drained_queue_makes_room_and_says_so) {
    EventFd room;
    int calls = 0;
    ChangeQueue changes(room, [&] { ++calls; });
    changes.push({});
    EXPECT_EQ(calls, 0);
    std::vector<ViewChange> many(changes_max, CommandDone{.command = 1});
    changes.push(std::move(many));
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(changes.has_room());
    EXPECT_FALSE(is_readable(room.descriptor()));
    EXPECT_EQ(changes.drain(10).size(), 10U);
    EXPECT_TRUE(is_readable(room.descriptor()));
    EXPECT_TRUE(is_readable(changes.descriptor()));  // there is more
    EXPECT_EQ(changes.drain(changes_max).size(), changes_max - 10);
    EXPECT_FALSE(is_readable(changes.descriptor()));
    EXPECT_TRUE(changes.drain(10).empty());
}

}  // namespace
}  // namespace sotto::peer::runtime
