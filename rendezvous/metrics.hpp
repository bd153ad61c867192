// The server's figures for Prometheus, over HTTP on loopback.
//
// Off unless configured. The server's thread leaves a copy of the figures once a second; the HTTP
// library's own threads read that copy and nothing else, so a scraper can never hold the server up.
// Numbers only: nothing names a member, an address or a contact.
#pragma once

#include "crypto/result.hpp"
#include "rendezvous/attendant.hpp"
#include "rendezvous/endpoint.hpp"

#include <memory>
#include <string>

namespace sotto::rendezvous {

// Whether this program was built with the library (libprometheus-cpp).
[[nodiscard]] bool metrics_available();
// 127.0.0.0/8, ::1 or localhost: the figures are not for the network.
[[nodiscard]] bool is_loopback(const Endpoint& endpoint);

// Listens when this returns; a sentence on failure.
[[nodiscard]] crypto::Result<std::unique_ptr<Attendant>, std::string> start_metrics(
    const Endpoint& endpoint);

}  // namespace sotto::rendezvous
