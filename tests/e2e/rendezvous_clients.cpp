#include "tests/e2e/rendezvous_clients.hpp"

#include "crypto/init.hpp"
#include "rendezvous/server_folder.hpp"

#include <unistd.h>

#include <cstring>
#include <fstream>

namespace sotto::e2e {

using namespace rendezvous;
using namespace rendezvous::testing;

EnvelopeId envelope_of(std::uint64_t number) {
    crypto::ByteArray<EnvelopeId::size> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    return EnvelopeId(bytes);
}

std::size_t resident_bytes(pid_t pid) {
    std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

namespace {

crypto::CurvePublic key_of(const Rendezvous& server) {
    crypto::initialise();
    const auto key = ServerFolder(server.folder().string()).read_key();
    if (!key) throw std::runtime_error(key.error().text);
    return key->public_key();
}

}  // namespace

RealRendezvous::RealRendezvous(RendezvousOptions options)
    : server(folder.path() / "server", std::move(options)), server_key(key_of(server)) {
    context.set(zmq::ctxopt::max_sockets, 10'000);
    server.start();
}

RealRendezvous::~RealRendezvous() {
    // It must have lived through whatever was done to it, and end in order.
    EXPECT_EQ(server.stop(), 0) << server.process().errors();
}

std::unique_ptr<RawClient> RealRendezvous::unconnected_client() {
    return std::make_unique<RawClient>(context, server_key, crypto::OwnCurve::generate(random));
}

std::unique_ptr<RawClient> RealRendezvous::client() {
    auto made = unconnected_client();
    made->connect(server.endpoint());
    return made;
}

Member RealRendezvous::member(const std::string& name) {
    Member made{person(name), client(), MailboxToken(random.array<32>())};
    made.client->join(made.person);
    made.client->give_token(made.token);
    return made;
}

void RealRendezvous::expect_mail_arrives(const Member& to, std::uint64_t number) {
    const Bytes item(600, static_cast<std::uint8_t>(number));
    const auto sender = client();
    (void)sender->ask_for<Accepted>(
        mail_with_token(to.person.address(), to.token, envelope_of(number), item));
    const Mail got = to.client->next_push<Mail>();
    EXPECT_EQ(got.item, item);
    (void)to.client->ask_for<Ok>(AckMail{{got.row}});
}

void RealRendezvous::expect_serves() {
    EXPECT_EQ(client()->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
}

}  // namespace sotto::e2e
