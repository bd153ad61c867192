#include "rendezvous/metrics.hpp"

#include "rendezvous/server.hpp"

#ifdef SOTTO_HAVE_PROMETHEUS
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#endif

#include <algorithm>
#include <chrono>
#include <mutex>

namespace sotto::rendezvous {

bool is_loopback(const Endpoint& endpoint) {
    return endpoint.host.starts_with("127.") || endpoint.host == "::1" ||
           endpoint.host == "localhost";
}

#ifdef SOTTO_HAVE_PROMETHEUS

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// Once a second: walking 20,000 clients takes a millisecond.
constexpr unsigned ticks_per_copy = 4;
// Counting members reads an index of all of them.
constexpr unsigned ticks_per_count = 240;

std::string label_of(ErrorCode code) {
    std::string label(to_string(code));
    std::replace(label.begin(), label.end(), ' ', '_');
    return label;
}

class Families {
public:
    void gauge(const char* name, const char* help, double value) {
        prometheus::ClientMetric metric;
        metric.gauge.value = value;
        all_.push_back({std::string("sotto_") + name, help, MetricType::Gauge, {metric}});
    }
    void counter(const char* name, const char* help, std::uint64_t value) {
        labelled(name, help, nullptr, {{"", value}});
    }
    void labelled(const char* name, const char* help, const char* label,
                  const std::vector<std::pair<std::string, std::uint64_t>>& values) {
        MetricFamily family{std::string("sotto_") + name, help, MetricType::Counter, {}};
        for (const auto& [value_of_label, value] : values) {
            prometheus::ClientMetric metric;
            if (label != nullptr) metric.label.push_back({label, value_of_label});
            metric.counter.value = static_cast<double>(value);
            family.metric.push_back(std::move(metric));
        }
        all_.push_back(std::move(family));
    }
    [[nodiscard]] std::vector<MetricFamily> take() { return std::move(all_); }

private:
    std::vector<MetricFamily> all_;
};

void add_gauges(Families& families, const ServerFigures& f, const ops::StoreCounts& counts) {
    const auto add = [&families](const char* name, const char* help, auto value) {
        families.gauge(name, help, static_cast<double>(value));
    };
    add("uptime_seconds", "Since the server began", f.uptime_s);
    add("connections", "Connections that libzmq holds", f.connections);
    add("clients", "Connections that said something", f.gauges.clients);
    add("anonymous_clients", "Of them, not logged in by device", f.gauges.anonymous);
    add("sessions", "Connections that are logged in", f.gauges.sessions);
    add("accounts_online", "Accounts with a device logged in", f.gauges.accounts_online);
    add("watched_accounts", "Entries of all presence watch lists", f.gauges.watched);
    add("mailbox_items", "Mail that waits", f.store.mail_items);
    add("mailbox_bytes", "Size of the mail that waits", f.store.mail_bytes);
    add("database_bytes", "Size of the database's files", f.store.file_bytes);
    add("store_queue_batches", "Batches at the store", f.at_store);
    add("store_queue_bytes", "Mail on its way to the disk", f.gauges.pending_bytes);
    add("reply_queue_bytes", "Replies that slow readers have not taken", f.queued_bytes);
    add("accounts", "Members, counted once a minute", counts.accounts);
    add("accounts_listed", "Members in the directory", counts.listed);
    add("accounts_disabled", "Members that may not log in", counts.disabled);
    add("devices", "Devices of all members", counts.devices);
    add("invites", "Invites that can be used", counts.invites);
}

void add_counters(Families& families, const ServerFigures& f) {
    families.labelled("frames_total", "ZeroMQ messages", "direction",
                      {{"in", f.server.frames_in}, {"out", f.server.frames_out}});
    families.labelled("handshakes_total", "CURVE handshakes by verdict", "verdict",
                      {{"accepted", f.handshakes.accepted},
                       {"full", f.handshakes.refused_full},
                       {"rate", f.handshakes.refused_rate},
                       {"banned", f.handshakes.refused_banned}});
    families.labelled("disconnected_total", "Connections that the server ended", "reason",
                      {{"slow_or_idle", f.server.kicked},
                       {"silent", f.server.silent},
                       {"violation", f.server.violations},
                       {"silent_for_newcomers", f.server.silent_dropped},
                       {"anonymous_for_newcomers", f.logic.anonymous_dropped},
                       {"full_prefix", f.logic.full_prefixes}});
    families.counter("requests_total", "Requests of clients", f.logic.requests);
    std::vector<std::pair<std::string, std::uint64_t>> refused;
    for (std::size_t code = 1; code < f.logic.refused.size(); ++code) {
        refused.emplace_back(label_of(static_cast<ErrorCode>(code)), f.logic.refused[code]);
    }
    families.labelled("refused_total", "Requests that were refused", "reason", refused);
    families.counter("registrations_total", "New accounts", f.logic.registrations);
    families.labelled("logins_total", "Logins that succeeded", "kind",
                      {{"device", f.logic.device_logins}, {"password", f.logic.password_logins}});
    families.counter("password_changes_total", "Passwords that were changed",
                     f.logic.password_changes);
    families.labelled("mail_total", "Mail by what happened to it", "event",
                      {{"stored", f.logic.mail_stored},
                       {"repeated", f.logic.mail_repeated},
                       {"request_swallowed", f.logic.requests_swallowed},
                       {"relayed", f.logic.mail_relayed},
                       {"pushed", f.logic.mail_pushed},
                       {"acknowledged", f.logic.mail_acknowledged}});
    families.counter("commits_total", "Transactions of the store", f.store.commits);
    families.counter("failed_batches_total", "Batches the store could not keep, as on a full disk",
                     f.store.failed_batches);
}

// Between the server's thread and the HTTP library's.
class Board final : public prometheus::Collectable {
public:
    void put(const ServerFigures& figures) {
        const std::lock_guard lock(mutex_);
        figures_ = figures;
    }
    void put(const ops::StoreCounts& counts) {
        const std::lock_guard lock(mutex_);
        counts_ = counts;
    }
    [[nodiscard]] std::vector<MetricFamily> Collect() const override {
        Families families;
        const std::lock_guard lock(mutex_);
        add_gauges(families, figures_, counts_);
        add_counters(families, figures_);
        return families.take();
    }

private:
    mutable std::mutex mutex_;
    ServerFigures figures_;
    ops::StoreCounts counts_;
};

class Metrics final : public Attendant {
public:
    explicit Metrics(const std::string& address) : exposer_(address, 1) {
        exposer_.RegisterCollectable(board_);
    }
    void tick(Server& server) override {
        if (ticks_ % ticks_per_copy == 0) board_->put(server.figures());
        if (ticks_ % ticks_per_count == 0) {
            using namespace std::chrono;
            const auto wall = system_clock::now().time_since_epoch();
            std::vector<ops::Op> batch;
            batch.emplace_back(ops::CountAll{
                static_cast<std::uint64_t>(duration_cast<milliseconds>(wall).count())});
            (void)server.ask(*this, std::move(batch));
        }
        ++ticks_;
    }
    void answer(Server&, StoreDone& done) override {
        if (done.results) board_->put(std::get<ops::StoreCounts>(done.results->front()));
    }

private:
    std::shared_ptr<Board> board_ = std::make_shared<Board>();
    prometheus::Exposer exposer_;
    unsigned ticks_ = 0;
};

}  // namespace

bool metrics_available() {
    return true;
}

crypto::Result<std::unique_ptr<Attendant>, std::string> start_metrics(const Endpoint& endpoint) {
    if (!is_loopback(endpoint)) {
        return crypto::Unexpected(std::string("metrics.listen must be a loopback address"));
    }
    // CivetWeb wants no name here.
    const std::string host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host;
    const bool v6 = host.find(':') != std::string::npos;
    const std::string address =
        (v6 ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port);
    try {
        return std::unique_ptr<Attendant>(std::make_unique<Metrics>(address));
    } catch (const std::exception&) {  // of CivetWeb; its text says less than ours
        return crypto::Unexpected("cannot serve metrics on " + address + " (in use?)");
    }
}

#else

bool metrics_available() {
    return false;
}

crypto::Result<std::unique_ptr<Attendant>, std::string> start_metrics(const Endpoint&) {
    return crypto::Unexpected(
        std::string("this program was built without metrics (libprometheus-cpp)"));
}

#endif

}  // namespace sotto::rendezvous
