#include "tests/bench/rendezvous/town.hpp"

#include "rendezvous/server_folder.hpp"
#include "tests/bench/report.hpp"

#include <unistd.h>

#include <cstring>
#include <fstream>
#include <numeric>

namespace sotto::bench::rendezvous {

namespace {

// Handshakes at a time while nothing is measured.
constexpr std::size_t at_once = 128;

Place place_of(const e2e::Rendezvous& server) {
    const auto key = ServerFolder(server.folder()).read_key();
    if (!key) throw std::runtime_error(key.error().text);
    return {server.endpoint(), key->public_key()};
}

std::vector<std::size_t> range(std::size_t from, std::size_t to) {
    std::vector<std::size_t> all(to - from);
    std::iota(all.begin(), all.end(), from);
    return all;
}

// Started as soon as it exists.
e2e::Rendezvous& started(e2e::Rendezvous& server) {
    server.start();
    return server;
}

}  // namespace

Town::Town(std::size_t clients)
    : server_(folder_.path() / "server", {.limits_factor = 10'000}),
      place_(place_of(started(server_))) {
    for (std::size_t i = 0; i < workers; ++i) {
        crowds_.push_back(std::make_unique<Crowd>(
            place_, make_people(clients / workers, "member-" + std::to_string(i) + "-")));
    }
}

void Town::grow(std::size_t clients) {
    each([&](Crowd& crowd, std::size_t) {
        const auto who = range(in_ / workers, clients / workers);
        crowd.enter(who, at_once / workers, true);
        std::size_t left = who.size();
        for (const std::size_t i : who)
            crowd.ask(i, SetMailboxToken{token_hash(common_token), false});
        while (left > 0) {
            crowd.worker().poll(100, [&](std::size_t, ByteView bytes) {
                const auto frame = decode_reply(bytes);
                if (frame && std::holds_alternative<Ok>(frame->reply)) --left;
            });
        }
    });
    in_ = clients;
}

double Town::storm() {
    each([](Crowd& crowd, std::size_t) { crowd.worker().close_all(); });
    const Stopwatch watch;
    each([&](Crowd& crowd, std::size_t) {
        const auto who = range(0, in_ / workers);
        crowd.enter(who, who.size(), false);
    });
    return watch.seconds();
}

void Town::ping_all() {
    each([this](Crowd& crowd, std::size_t) {
        std::size_t answered = 0;
        for (std::size_t i = 0; i < in_ / workers; ++i)
            crowd.ask(i, Ping{});
        while (answered < in_ / workers) {
            crowd.worker().poll(100, [&](std::size_t, ByteView bytes) {
                const auto frame = decode_reply(bytes);
                const auto* error = frame ? std::get_if<Error>(&frame->reply) : nullptr;
                if (error != nullptr && error->code == ErrorCode::unknown_session) {
                    throw std::runtime_error("a client lost its session");
                }
                if (frame && std::holds_alternative<Pong>(frame->reply)) ++answered;
            });
        }
    });
}

void Town::restart_server() {
    server_.kill();
    server_.start();
}

double Town::server_cpu_seconds() {
    std::ifstream stat("/proc/" + std::to_string(server_.process().pid()) + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::size_t Town::server_resident_bytes() {
    std::ifstream statm("/proc/" + std::to_string(server_.process().pid()) + "/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

PutMail mail(const Person& to, std::uint64_t number, bool stored) {
    crypto::ByteArray<EnvelopeId::size> envelope{};
    std::memcpy(envelope.data(), &number, sizeof number);
    PutMail put =
        mail_with_token(to.address(), common_token, EnvelopeId(envelope), Bytes(item_bytes, 7));
    put.stored = stored;
    return put;
}

}  // namespace sotto::bench::rendezvous
