#include "tests/bench/rendezvous/mosquitto_side.hpp"

#include <cstdio>

namespace sotto::bench::rendezvous {

std::unique_ptr<Mosquitto> Mosquitto::start() {
    std::fprintf(stderr, "rendezvous bench: built without libmosquitto (./dev setup --bench)\n");
    return nullptr;
}

}  // namespace sotto::bench::rendezvous
