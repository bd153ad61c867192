#include "peer/cli/signals.hpp"

#include "crypto/result.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace sotto::peer::cli {

StopSignals::StopSignals() : descriptor_(-1) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    crypto::ensure(::pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0, "signals can be blocked");
    descriptor_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    crypto::ensure(descriptor_ >= 0, "a signal descriptor");
}

StopSignals::~StopSignals() {
    ::close(descriptor_);
}

}  // namespace sotto::peer::cli
