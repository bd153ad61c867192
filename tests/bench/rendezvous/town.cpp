#include "tests/bench/rendezvous/town.hpp"

#include "rendezvous/server_folder.hpp"
#include "tests/bench/report.hpp"

#include <unistd.h>

#include <atomic>
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

Town::Town(std::size_t clients, std::size_t most_here)
    : server_(folder_.path() / "server", {.limits_factor = 10'000}),
      place_(place_of(started(server_))),
      most_here_(most_here) {
    clients = std::min(clients, most_here);
    for (std::size_t i = 0; i < workers; ++i) {
        crowds_.push_back(std::make_unique<Crowd>(
            place_, make_people(clients / workers, "member-" + std::to_string(i) + "-")));
    }
}

void Town::grow(std::size_t all) {
    const std::size_t clients = std::min(all, most_here_);
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
    if (all > clients && !suburb_) suburb_.emplace(place_, all - clients);
}

double Town::storm() {
    each([](Crowd& crowd, std::size_t) { crowd.worker().close_all(); });
    const Stopwatch watch;
    if (suburb_) suburb_->begin_storm();
    each([&](Crowd& crowd, std::size_t) {
        const auto who = range(0, in_ / workers);
        crowd.enter(who, who.size(), false);
    });
    if (suburb_) suburb_->wait_in();
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

void Meter::end(double count) {
    const CpuSeconds used = town_.server_cpu() - server_;
    const double scale = 1e6 / count;
    all_.push_back(used.all() * scale);
    route_.push_back(used.route * scale);
    store_.push_back(used.store * scale);
    network_.push_back(used.network * scale);
    own_.push_back((own_cpu_seconds() - clients_) * scale);
}

void Meter::report(const std::string& name) const {
    const auto one = [&](const char* part, const std::vector<double>& samples) {
        bench::report("rendezvous", name + part, {{"clients", town_.size()}}, samples,
                      median(samples), "us", {});
    };
    one("_server_cpu", all_);
    one("_server_cpu_route", route_);
    one("_server_cpu_store", store_);
    one("_server_cpu_network", network_);
    one("_client_cpu", own_);
}

std::uint64_t new_numbers(std::uint64_t count) {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(count);
}

ReplyFrame decoded(ByteView bytes) {
    auto frame = decode_reply(bytes);
    if (!frame) throw std::runtime_error("the server sent what no client reads");
    if (const auto* error = std::get_if<Error>(&frame->reply)) {
        throw std::runtime_error("refused: " + std::string(to_string(error->code)));
    }
    return std::move(*frame);
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
