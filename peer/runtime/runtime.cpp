#include "peer/runtime/runtime.hpp"

#include "crypto/random.hpp"
#include "peer/runtime/peer_loop.hpp"

#include <thread>

namespace sotto::peer {

class Runtime::Threads {
public:
    explicit Threads(RuntimeOptions options)
        : queues_(options.on_changes), loop_(options, queues_, random_, [this, options] {
              return std::make_unique<ZmqTransport>(random_, options.transport);
          }) {
        thread_ = std::jthread([this](const std::stop_token& stop) { loop_.run(stop); });
    }

    runtime::LoopQueues& queues() noexcept { return queues_; }
    void stop() {
        stopped_ = true;
        thread_.request_stop();
        queues_.wake.signal();
        if (thread_.joinable()) thread_.join();
    }
    bool stopped() const noexcept { return stopped_; }

private:
    crypto::SystemRandom random_;
    runtime::LoopQueues queues_;
    runtime::PeerLoop loop_;
    bool stopped_ = false;
    std::jthread thread_;
};

Runtime::Runtime(RuntimeOptions options)
    : threads_(std::make_unique<Threads>(std::move(options))) {}

Runtime::~Runtime() {
    stop();
}

bool Runtime::post(PostedCommand&& command) {
    return !threads_->stopped() && threads_->queues().commands.push(std::move(command));
}

std::vector<ViewChange> Runtime::drain(std::size_t max) {
    return threads_->queues().changes.drain(max);
}

int Runtime::descriptor() const noexcept {
    return threads_->queues().changes.descriptor();
}

void Runtime::stop() {
    threads_->stop();
}

}  // namespace sotto::peer
