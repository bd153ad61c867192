#include "tests/bench/rendezvous/mosquitto_side.hpp"

#include "rendezvous/endpoint.hpp"
#include "tests/bench/rendezvous/town.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/tcp_client.hpp"

#include <mosquitto.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

namespace sotto::bench::rendezvous {

namespace {

constexpr const char* broker_program = "/usr/sbin/mosquitto";
constexpr const char* openssl_program = "/usr/bin/openssl";
constexpr int at_least_once = 1;

void check(int code) {
    if (code == MOSQ_ERR_SUCCESS) return;
    throw std::runtime_error(std::string("mosquitto: ") + mosquitto_strerror(code));
}

std::string topic_of(std::size_t number) {
    return "p/" + std::to_string(number);
}

// Clients of one thread, each subscribed to a topic of its own.
class MqttWorker {
public:
    using OnMessage = std::function<void(std::size_t client)>;

    MqttWorker(std::uint16_t port, const std::string& ca, std::size_t first, std::size_t count)
        : first_(first), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        for (std::size_t i = 0; i < count; ++i) {
            auto client = std::make_unique<Client>(Client{this, i, nullptr});
            client->handle = mosquitto_new(nullptr, true, client.get());
            connect(*client, port, ca);
            clients_.push_back(std::move(client));
        }
        const Stopwatch watch;
        while (ready_ < count && watch.seconds() < 60)
            poll(100, [](std::size_t) {});
        if (ready_ < count) throw std::runtime_error("mosquitto: not everybody got in");
    }
    ~MqttWorker() {
        for (const auto& client : clients_)
            mosquitto_destroy(client->handle);
        close(epoll_);
    }
    MqttWorker(const MqttWorker&) = delete;
    MqttWorker& operator=(const MqttWorker&) = delete;

    void send(std::size_t from, std::size_t to_number) {
        check(mosquitto_publish(clients_[from]->handle, nullptr, topic_of(to_number).c_str(),
                                static_cast<int>(payload_.size()), payload_.data(), at_least_once,
                                false));
    }
    void poll(int wait_ms, const OnMessage& on_message) {
        on_message_ = &on_message;
        std::array<epoll_event, 256> events{};
        const int count = epoll_wait(epoll_, events.data(), events.size(), wait_ms);
        for (int i = 0; i < count; ++i) {
            mosquitto* handle = clients_[events[static_cast<std::size_t>(i)].data.u64]->handle;
            check(mosquitto_loop_read(handle, 1));
            if (mosquitto_want_write(handle)) check(mosquitto_loop_write(handle, 1));
        }
    }

private:
    struct Client {
        MqttWorker* worker;
        std::size_t index;
        mosquitto* handle;
    };
    static Client& of(void* object) { return *static_cast<Client*>(object); }

    void connect(Client& client, std::uint16_t port, const std::string& ca) {
        mosquitto* handle = client.handle;
        check(mosquitto_tls_set(handle, ca.c_str(), nullptr, nullptr, nullptr, nullptr));
        check(mosquitto_tls_insecure_set(handle, true));  // made for no particular name
        check(mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1));
        mosquitto_connect_callback_set(handle, [](mosquitto* each, void* object, int code) {
            check(code);
            const Client& own = of(object);
            const std::string topic = topic_of(own.worker->first_ + own.index);
            check(mosquitto_subscribe(each, nullptr, topic.c_str(), at_least_once));
        });
        mosquitto_subscribe_callback_set(handle, [](mosquitto*, void* object, int, int,
                                                    const int*) { ++of(object).worker->ready_; });
        mosquitto_message_callback_set(handle,
                                       [](mosquitto*, void* object, const mosquitto_message*) {
                                           const Client& own = of(object);
                                           (*own.worker->on_message_)(own.index);
                                       });
        check(mosquitto_connect(handle, "127.0.0.1", port, 600));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = client.index;
        (void)epoll_ctl(epoll_, EPOLL_CTL_ADD, mosquitto_socket(handle), &event);
    }

    std::size_t first_;
    int epoll_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::size_t ready_ = 0;
    const OnMessage* on_message_ = nullptr;
    const Bytes payload_ = Bytes(item_bytes, 7);
};

class Installed final : public Mosquitto {
public:
    Installed() : port_(sotto::rendezvous::find_free_port().value_or(0)) {
        make_certificate();
        std::ofstream(file("conf"))
            << "listener " << port_ << " 127.0.0.1\ncertfile " << file("cert.pem") << "\nkeyfile "
            << file("key.pem") << "\nallow_anonymous true\npersistence false\nuser root\n"
            << "set_tcp_nodelay true\nlog_type error\n";
        process_.emplace(broker_program, std::vector<std::string>{"-c", file("conf")});
        const Stopwatch watch;
        while (!answers()) {
            if (watch.seconds() > 10) throw std::runtime_error("mosquitto does not start");
        }
    }

    double one_way_ms() override {
        if (!pair_) pair_ = std::make_unique<MqttWorker>(port_, file("cert.pem"), 0, 2);
        bool there = false;
        const Stopwatch watch;
        pair_->send(0, 1);
        double ms = 0;
        while (!there) {
            pair_->poll(1000, [&](std::size_t) {
                ms = watch.seconds() * 1e3;
                there = true;
            });
        }
        return ms;
    }

    Played play(std::size_t active, double seconds) override {
        std::atomic<std::uint64_t> delivered{0};
        const std::size_t players = active / workers;
        const std::size_t resident = resident_bytes();
        std::vector<std::unique_ptr<MqttWorker>> sides;
        for (std::size_t w = 0; w < workers; ++w) {
            sides.push_back(
                std::make_unique<MqttWorker>(port_, file("cert.pem"), 100 + w * players, players));
        }
        const double grown = static_cast<double>(resident_bytes() - resident);
        const double cpu = cpu_of_process(process_->pid()).all();
        {
            std::vector<std::jthread> threads;
            for (std::size_t w = 0; w < workers; ++w) {
                threads.emplace_back([&, w] {
                    delivered += play_side(*sides[w], 100 + w * players, players, seconds);
                });
            }
        }
        const auto count = static_cast<double>(delivered);
        return {.rate = count / seconds,
                .server_cpu_us = (cpu_of_process(process_->pid()).all() - cpu) / count * 1e6,
                .memory_kib = grown / 1024 / static_cast<double>(active)};
    }

private:
    [[nodiscard]] std::string file(const char* name) const {
        return (folder_.path() / name).string();
    }
    void make_certificate() const {
        e2e::Process openssl(openssl_program, {"req", "-x509", "-newkey", "ec", "-pkeyopt",
                                               "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                                               "2", "-subj", "/CN=localhost", "-keyout",
                                               file("key.pem"), "-out", file("cert.pem")});
        if (openssl.wait() != 0) throw std::runtime_error("openssl: " + openssl.errors());
    }
    [[nodiscard]] bool answers() const {
        try {
            const sotto::rendezvous::testing::TcpClient once(port_);
            return true;
        } catch (const std::exception&) {
            return false;  // it is still starting
        }
    }
    [[nodiscard]] std::size_t resident_bytes() const { return resident_bytes_of(process_->pid()); }
    static std::uint64_t play_side(MqttWorker& worker, std::size_t first, std::size_t players,
                                   double seconds) {
        const Stopwatch watch;
        for (std::size_t i = 0; i < players; ++i)
            worker.send(i, first + (i ^ 1U));
        std::uint64_t mine = 0;
        while (watch.seconds() < seconds) {
            worker.poll(100, [&](std::size_t i) {
                ++mine;
                worker.send(i, first + (i ^ 1U));
            });
        }
        return mine;
    }

    e2e::TemporaryFolder folder_;
    std::uint16_t port_;
    std::optional<e2e::Process> process_;
    std::unique_ptr<MqttWorker> pair_;
};

}  // namespace

std::unique_ptr<Mosquitto> Mosquitto::start() {
    for (const char* program : {broker_program, openssl_program}) {
        if (std::filesystem::exists(program)) continue;
        std::fprintf(stderr, "rendezvous bench: %s is not installed\n", program);
        return nullptr;
    }
    mosquitto_lib_init();
    return std::make_unique<Installed>();
}

}  // namespace sotto::bench::rendezvous
