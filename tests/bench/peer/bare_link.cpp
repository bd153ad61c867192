#include "tests/bench/peer/bare_link.hpp"

#include "crypto/random.hpp"
#include "tests/bench/report.hpp"

#include "crypto/keys.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.hpp>

#include <cstdlib>
#include <functional>

namespace sotto::bench {

namespace {

void set_keys(zmq::socket_t& socket, const crypto::OwnCurve& own) {
    const auto open = own.public_key().view();
    const auto secret = own.secret().view();
    socket.set(zmq::sockopt::curve_publickey, zmq::const_buffer(open.data(), open.size()));
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(secret.data(), secret.size()));
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, 10'000);
    socket.set(zmq::sockopt::rcvhwm, 10'000);
}

constexpr std::size_t last_size = 1;  // a message of this size is answered in any case

// The far end, in a process of its own until it is killed: leaving by itself could take the last
// answer along, which another thread of libzmq has yet to write. Prints its port into `port_pipe`.
[[noreturn]] void far_end(const crypto::OwnCurve& own, int port_pipe, bool echo) {
    zmq::context_t context;
    zmq::socket_t router(context, zmq::socket_type::router);
    set_keys(router, own);
    router.set(zmq::sockopt::curve_server, true);
    router.bind("tcp://127.0.0.1:*");
    const std::string endpoint = router.get(zmq::sockopt::last_endpoint);
    [[maybe_unused]] const auto written = ::write(port_pipe, endpoint.data(), endpoint.size());
    ::close(port_pipe);
    zmq::message_t id;
    zmq::message_t frame;
    while (router.recv(id) && router.recv(frame)) {
        if (echo || frame.size() == last_size) {
            router.send(id, zmq::send_flags::sndmore);
            router.send(frame, zmq::send_flags::none);
        }
    }
    ::_exit(0);
}

void with_far_end(bool echo, const std::function<void(zmq::socket_t&)>& use) {
    crypto::SystemRandom random;
    const auto server = crypto::OwnCurve::generate(random);
    const auto client = crypto::OwnCurve::generate(random);
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        far_end(server, ends[1], echo);
    }
    ::close(ends[1]);
    char endpoint[64]{};
    if (::read(ends[0], endpoint, sizeof(endpoint) - 1) <= 0) std::abort();
    ::close(ends[0]);
    {
        zmq::context_t context;
        zmq::socket_t dealer(context, zmq::socket_type::dealer);
        set_keys(dealer, client);
        const auto key = server.public_key().view();
        dealer.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(key.data(), key.size()));
        dealer.connect(endpoint);
        use(dealer);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace

std::vector<double> bare_one_way_ms(std::size_t count, std::size_t size) {
    std::vector<double> out;
    with_far_end(true, [&](zmq::socket_t& dealer) {
        const std::string text(size, 'x');
        zmq::message_t frame;
        constexpr std::size_t warm_up = 50;
        for (std::size_t i = 0; i < count + warm_up; ++i) {
            const Stopwatch watch;
            dealer.send(zmq::buffer(text), zmq::send_flags::none);
            if (!dealer.recv(frame)) std::abort();
            if (i >= warm_up) out.push_back(watch.seconds() * 1000 / 2);
        }
    });
    return out;
}

double bare_rate(std::size_t count, std::size_t size) {
    double seconds = 0;
    with_far_end(false, [&](zmq::socket_t& dealer) {
        const std::string text(size, 'x');
        const Stopwatch watch;
        for (std::size_t i = 0; i < count; ++i)
            dealer.send(zmq::buffer(text), zmq::send_flags::none);
        dealer.send(zmq::buffer("!", last_size), zmq::send_flags::none);
        zmq::message_t frame;
        if (!dealer.recv(frame)) std::abort();
        seconds = watch.seconds();
    });
    return static_cast<double>(count) / seconds;
}

std::vector<double> bare_sync_ms(const std::filesystem::path& folder, std::size_t count) {
    const auto path = folder / "bare-sync";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::vector<char> page(4096, 'x');
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        const Stopwatch watch;
        if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) std::abort();
        out.push_back(watch.seconds() * 1000);
    }
    ::close(file);
    std::filesystem::remove(path);
    return out;
}

}  // namespace sotto::bench
