// Ears on the wire: a TCP proxy that keeps every byte, and, where the system allows it, every
// packet of the loopback interface.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace sotto::e2e {

// Listens on a free loopback port and passes everything on to `target_port`, both ways.
class RecordingProxy {
public:
    explicit RecordingProxy(std::uint16_t target_port);
    RecordingProxy(const RecordingProxy&) = delete;
    RecordingProxy& operator=(const RecordingProxy&) = delete;
    ~RecordingProxy();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    // Everything so far, both directions, all connections.
    [[nodiscard]] std::string recorded() const;
    // Only what clients sent: what somebody on the wire could send again.
    [[nodiscard]] std::string sent_by_clients() const;

private:
    void run();

    std::uint16_t target_port_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int stop_ = -1;
    mutable std::mutex mutex_;
    std::string recorded_;
    std::string sent_by_clients_;
    std::thread thread_;
};

// All packets on "lo" (needs CAP_NET_RAW).
class LoopbackCapture {
public:
    // Nothing where the system refuses.
    [[nodiscard]] static std::unique_ptr<LoopbackCapture> start();
    ~LoopbackCapture();
    [[nodiscard]] std::string recorded() const;

private:
    explicit LoopbackCapture(int packets);
    void run();

    int packets_;
    int stop_ = -1;
    mutable std::mutex mutex_;
    std::string recorded_;
    std::thread thread_;
};

}  // namespace sotto::e2e
