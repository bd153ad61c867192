// A real sotto-rendezvous and hand-made clients of it, honest and hostile.
//
// The base of the tests of the program as strangers meet it: over TCP, with nothing but its link.
#pragma once

#include "tests/e2e/rendezvous_process.hpp"
#include "tests/support/rendezvous_client.hpp"
#include "tests/support/tcp_client.hpp"

#include <gtest/gtest.h>

namespace sotto::e2e {

// One value, everywhere.
template <class Id>
Id id_of(std::uint8_t fill) {
    crypto::ByteArray<Id::size> bytes;
    bytes.fill(fill);
    return Id(bytes);
}
// A number as an envelope id.
[[nodiscard]] rendezvous::EnvelopeId envelope_of(std::uint64_t number);

// Resident memory of a process.
[[nodiscard]] std::size_t resident_bytes(pid_t pid);
// What a sanitizer keeps of freed memory, so that limits can be stated without it.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t sanitizer_bytes = 512U << 20;
#else
inline constexpr std::size_t sanitizer_bytes = 0;
#endif

// A member who may be written to.
struct Member {
    rendezvous::testing::Person person;
    std::unique_ptr<rendezvous::testing::RawClient> client;
    rendezvous::MailboxToken token;
};

class RealRendezvous : public ::testing::Test {
protected:
    explicit RealRendezvous(RendezvousOptions options = {});
    ~RealRendezvous() override;

    using RawClient = rendezvous::testing::RawClient;
    using Person = rendezvous::testing::Person;

    [[nodiscard]] std::unique_ptr<RawClient> unconnected_client();
    [[nodiscard]] std::unique_ptr<RawClient> client();
    [[nodiscard]] Person person(std::string name) { return Person::make(random, std::move(name)); }
    // Registered, logged in, with a mailbox token.
    [[nodiscard]] Member member(const std::string& name);
    // Mail from nobody to the member, until the server accepted it; then the member has it.
    void expect_mail_arrives(const Member& to, std::uint64_t number);
    // The server answers newcomers.
    void expect_serves();

    crypto::SystemRandom random;
    TemporaryFolder folder;
    Rendezvous server;
    crypto::CurvePublic server_key;
    zmq::context_t context{1};
};

}  // namespace sotto::e2e
