#include "tests/bench/rendezvous/bare_router.hpp"

#include "crypto/curve.hpp"
#include "rendezvous/endpoint.hpp"

#include <unistd.h>
#include <zmq.hpp>

#include <cstdio>
#include <cstring>
#include <vector>

namespace sotto::bench::rendezvous {

namespace {

void pass_on(zmq::socket_t& router, std::vector<zmq::message_t>& ids) {
    zmq::message_t id;
    zmq::message_t body;
    for (int i = 0; i < 256 && router.recv(id, zmq::recv_flags::dontwait); ++i) {
        (void)router.recv(body, zmq::recv_flags::dontwait);
        std::uint32_t number = 0;
        if (body.size() < sizeof number) continue;
        std::memcpy(&number, body.data(), sizeof number);
        if (number >= ids.size()) ids.resize(number + 1);
        if (body.size() == sizeof number) {
            ids[number].copy(id);
            continue;
        }
        zmq::message_t to;
        to.copy(ids[number]);
        router.send(to, zmq::send_flags::sndmore);
        router.send(body, zmq::send_flags::none);
    }
}

}  // namespace

int run_bare_router() {
    crypto::SystemRandom random;
    const auto own = crypto::OwnCurve::generate(random);
    zmq::context_t context{2};
    zmq::socket_t router(context, zmq::socket_type::router);
    const auto secret = own.secret().view();
    router.set(zmq::sockopt::curve_server, true);
    router.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(secret.data(), secret.size()));
    router.set(zmq::sockopt::backlog, 4096);
    router.set(zmq::sockopt::linger, 0);
    router.bind("tcp://127.0.0.1:" +
                std::to_string(sotto::rendezvous::find_free_port().value_or(0)));
    std::printf("%s %s\n", router.get(zmq::sockopt::last_endpoint).c_str(),
                crypto::to_hex(own.public_key().view()).c_str());
    std::fflush(stdout);
    std::vector<zmq::message_t> ids;
    while (true) {
        std::vector<zmq::pollitem_t> items{{router.handle(), 0, ZMQ_POLLIN, 0},
                                           {nullptr, STDIN_FILENO, ZMQ_POLLIN, 0}};
        zmq::poll(items.data(), items.size(), std::chrono::milliseconds(-1));
        if (items[1].revents != 0) return 0;
        pass_on(router, ids);
    }
}

}  // namespace sotto::bench::rendezvous
