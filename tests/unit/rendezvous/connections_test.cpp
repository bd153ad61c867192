// Which descriptor belongs to whom, with real ones: the kernel gives a number again at once.
#include "rendezvous/connections.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

namespace sotto::rendezvous::testing {
namespace {

// A TCP connection over loopback, both ends.
class Pair {
public:
    explicit Pair(int listener) {
        sockaddr_in address{};
        socklen_t size = sizeof(address);
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
        client_ = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(client_, reinterpret_cast<sockaddr*>(&address), size) == 0) {
            accepted_ = accept(listener, nullptr, nullptr);
        }
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair() {
        close(client_);
        close_accepted();
    }

    [[nodiscard]] int accepted() const { return accepted_; }
    void close_accepted() {
        if (accepted_ >= 0) close(accepted_);
        accepted_ = -1;
    }

private:
    int client_ = -1;
    int accepted_ = -1;
};

class connections : public ::testing::Test {
protected:
    connections() : listener(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_EQ(listen(listener, 4), 0);
    }
    ~connections() override { close(listener); }

    int listener;
    zmq::context_t context;
    zmq::socket_t router{context, zmq::socket_type::router};
    Connections table{router};
    const UserId anna = *crypto::CurvePublic::parse(crypto::Bytes(32, 1));
};

TEST_F(connections, who_speaks_is_not_silent) {
    const Pair pair(listener);
    EXPECT_FALSE(table.accepted(pair.accepted(), 0, 100).has_value());
    EXPECT_EQ(table.silent(), 1U);
    EXPECT_TRUE(table.heard(anna, "id", pair.accepted()).fresh);
    EXPECT_EQ(table.silent(), 0U);
    EXPECT_EQ(table.shut_silent(1'000'000, 10), 0U);
}

TEST_F(connections, a_frame_read_before_the_event_of_its_connection_counts) {
    const Pair pair(listener);
    EXPECT_TRUE(table.heard(anna, "id", pair.accepted()).fresh);
    EXPECT_FALSE(table.accepted(pair.accepted(), 0, 100).has_value());
    EXPECT_EQ(table.silent(), 0U);
}

TEST_F(connections, a_new_connection_on_an_old_descriptor_is_silent_again) {
    auto first = std::make_unique<Pair>(listener);
    const int descriptor = first->accepted();
    EXPECT_TRUE(table.heard(anna, "id", descriptor).fresh);
    first->close_accepted();
    const Pair second(listener);
    ASSERT_EQ(dup2(second.accepted(), descriptor), descriptor);  // as if accept() had chosen it
    EXPECT_EQ(table.accepted(descriptor, 0, 100), std::optional(anna));
    EXPECT_EQ(table.silent(), 1U);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.shut_silent(1'000'000, 10), 1U);
    if (second.accepted() != descriptor) close(descriptor);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
