#include "tests/bench/rendezvous/cases.hpp"
#include "tests/bench/report.hpp"

#include <numeric>
#include <string>

namespace sotto::bench::rendezvous {

// A new connection, its CURVE handshake, challenge, signature and device login.
void logins(Town& town, const Scale& scale) {
    constexpr std::size_t at_once = 16;  // of each worker
    std::vector<double> rates;
    Meter meter(town);
    for (int run = 0; run < scale.runs; ++run) {
        meter.begin();
        const Stopwatch watch;
        town.each([&](Crowd& crowd, std::size_t) {
            std::vector<std::size_t> who(scale.logins / workers);
            for (std::size_t i = 0; i < who.size(); ++i)
                who[i] = i % (town.here() / workers);
            crowd.enter(who, at_once, false);
        });
        const auto count = static_cast<double>(scale.logins);
        rates.push_back(count / watch.seconds());
        meter.end(count);
    }
    report(suite, "login", {{"clients", town.size()}}, rates, median(rates), "1/s", {});
    meter.report("login");
}

void connect_storm(Town& town, bool restart) {
    if (restart) town.restart_server();
    const double seconds = town.storm();
    const double rate = static_cast<double>(town.size()) / seconds;
    report(suite, "connect_storm", {{"clients", town.size()}}, {rate}, rate, "1/s", {});
    if (!restart) return;
    report(suite, "restart", {{"clients", town.size()}}, {seconds}, seconds, "s", {});
}

Memory memory_of(Town& town) {
    return {.resident = town.server_resident_bytes(), .kernel = kernel_bytes()};
}

// The kernel's part: half of what both ends of the connections took, so rather too much, since the
// clients' processes have descriptors of their own.
void memory_per_client(Town& town, const Memory& before, std::string_view when) {
    const Memory now = memory_of(town);
    const auto clients = static_cast<double>(town.size());
    const auto each = [&](std::size_t bytes, std::size_t bytes_before) {
        return static_cast<double>(bytes - std::min(bytes, bytes_before)) / 1024 / clients;
    };
    const double user = each(now.resident, before.resident);
    const double kernel = each(now.kernel, before.kernel) / 2;
    const auto one = [&](const char* name, double value, std::string_view unit) {
        report(suite, name + std::string(when), {{"clients", town.size()}}, {value}, value, unit,
               {});
    };
    one("memory_per_client", user + kernel, "KiB");
    one("memory_per_client_user", user, "KiB");
    one("memory_per_client_kernel", kernel, "KiB");
    one("memory_resident", static_cast<double>(now.resident) / (1 << 20), "MiB");
}

// Everybody pings every 30 s, spread evenly, as clients do.
void idle_cpu(Town& town, double seconds) {
    constexpr double ping_interval_s = 30;
    const CpuSeconds before = town.server_cpu();
    const Stopwatch watch;
    town.each([&](Crowd& crowd, std::size_t) {
        const std::size_t clients = town.here() / workers;
        const double rate = static_cast<double>(clients) / ping_interval_s;
        double sent = 0;
        std::size_t lost = 0;
        while (watch.seconds() < seconds) {
            for (; sent < watch.seconds() * rate; ++sent)
                crowd.ask(static_cast<std::size_t>(sent) % clients, Ping{});
            crowd.worker().poll(10, [&](std::size_t, ByteView bytes) {
                const auto frame = decode_reply(bytes);
                if (!frame || !std::holds_alternative<Pong>(frame->reply)) ++lost;
            });
        }
        if (lost > 0) throw std::runtime_error("an idle client lost its session");
    });
    const CpuSeconds used = town.server_cpu() - before;
    const auto percent = [&](const char* name, double share) {
        const double value = share / watch.seconds() * 100;
        report(suite, name, {{"clients", town.size()}}, {value}, value, "%", {});
    };
    percent("idle_cpu", used.all());
    percent("idle_cpu_route", used.route);
    percent("idle_cpu_network", used.network);
}

}  // namespace sotto::bench::rendezvous
