#include "peer/transport/endpoint.hpp"

#include "crypto/random.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::transport {
namespace {

struct Case {
    const char* text;
    const char* expected;  // nullptr: refused
};

TEST(Endpoint, takes_only_addresses_a_stranger_cannot_abuse) {
    const Case cases[] = {
        {"tcp://192.0.2.7:21345", "tcp://192.0.2.7:21345"},
        {"tcp://10.0.0.1:1024", "tcp://10.0.0.1:1024"},
        {"tcp://[2001:db8::1]:21345", "tcp://[2001:db8::1]:21345"},
        {"tcp://[2001:DB8:0:0:0:0:0:1]:21345", "tcp://[2001:db8::1]:21345"},  // one form
        {"tcp://[fd00::5]:21345", "tcp://[fd00::5]:21345"},
        {"", nullptr},
        {"tcp://", nullptr},
        {"tcp://:21345", nullptr},
        {"tcp://192.0.2.7", nullptr},
        {"tcp://192.0.2.7:", nullptr},
        {"tcp://192.0.2.7:0", nullptr},
        {"tcp://192.0.2.7:22", nullptr},  // a service of the system
        {"tcp://192.0.2.7:65536", nullptr},
        {"tcp://192.0.2.7:021345", nullptr},
        {"tcp://192.0.2.7:+21345", nullptr},
        {"tcp://192.0.2.7:21345 ", nullptr},
        {"tcp://192.0.2.7:*", nullptr},
        {"tcp://*:21345", nullptr},
        {"tcp://eth0;192.0.2.7:21345", nullptr},  // a source address
        {"tcp://192.0.2.9:1;192.0.2.7:21345", nullptr},
        {"tcp://host.example:21345", nullptr},  // a name: DNS would learn of it
        {"ipc:///tmp/socket:21345", nullptr},
        {"inproc://zeromq.zap.01:21345", nullptr},
        {"tcp://0.0.0.0:21345", nullptr},
        {"tcp://224.0.0.1:21345", nullptr},
        {"tcp://255.255.255.255:21345", nullptr},
        {"tcp://169.254.1.1:21345", nullptr},
        {"tcp://127.0.0.1:21345", nullptr},
        {"tcp://[::1]:21345", nullptr},
        {"tcp://[::]:21345", nullptr},
        {"tcp://[::ffff:127.0.0.1]:21345", nullptr},
        {"tcp://[fe80::1]:21345", nullptr},
        {"tcp://[fe80::1%eth0]:21345", nullptr},
        {"tcp://[ff02::1]:21345", nullptr},
        {"tcp://2001:db8::1:21345", nullptr},  // no brackets
    };
    for (const auto& c : cases) {
        const auto endpoint = peer_endpoint(c.text, Loopback::refuse);
        EXPECT_EQ(endpoint.value_or("refused"), c.expected == nullptr ? "refused" : c.expected)
            << c.text;
    }
    EXPECT_FALSE(peer_endpoint(std::string("tcp://192.0.2.7\0:21345", 22), Loopback::refuse));
    EXPECT_FALSE(peer_endpoint("tcp://" + std::string(100'000, '1') + ":21345", Loopback::refuse));
}

TEST(Endpoint, loopback_only_when_allowed) {
    EXPECT_EQ(peer_endpoint("tcp://127.0.0.1:21345", Loopback::allow), "tcp://127.0.0.1:21345");
    EXPECT_EQ(peer_endpoint("tcp://[::1]:21345", Loopback::allow), "tcp://[::1]:21345");
    for (const auto& endpoint : local_endpoints(21'345, Loopback::refuse)) {
        EXPECT_TRUE(peer_endpoint(endpoint, Loopback::refuse)) << endpoint;
    }
    const auto with_loopback = local_endpoints(21'345, Loopback::allow);
    ASSERT_FALSE(with_loopback.empty());
    EXPECT_EQ(with_loopback.front(), "tcp://127.0.0.1:21345");
}

TEST(Endpoint, server_hosts) {
    crypto::SystemRandom random;
    const auto key = crypto::OwnCurve::generate(random).public_key();
    const auto of = [&](std::string host, std::uint16_t port) {
        return server_endpoint({.host = std::move(host), .port = port, .key = key})
            .value_or("refused");
    };
    EXPECT_EQ(of("chat.example", 7313), "tcp://chat.example:7313");
    EXPECT_EQ(of("192.0.2.1", 7313), "tcp://192.0.2.1:7313");
    EXPECT_EQ(of("2001:db8::1", 7313), "tcp://[2001:db8::1]:7313");
    for (const char* host : {"", "*", "a b", "a;b", "a/b", "-x", "host:1", "[::1]", "\xc3\xa9"}) {
        EXPECT_EQ(of(host, 7313), "refused") << host;
    }
    EXPECT_EQ(of("chat.example", 0), "refused");
    EXPECT_EQ(of(std::string(254, 'a'), 7313), "refused");
}

TEST(Endpoint, loopback_hosts) {
    for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const char* host : {"", "128.0.0.1", "::2", "localhost.example", "127.0.0.1.example"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

}  // namespace
}  // namespace sotto::peer::transport
