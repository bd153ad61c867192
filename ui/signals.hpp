// SIGTERM, SIGINT and SIGHUP as a call on a thread, where a program may do more than in a handler.
//
// block_termination_signals() first thing in main(), so that every thread inherits it; then one
// TerminationSignals while the program runs. The thread is joined by the destructor.
#pragma once

#include <functional>
#include <thread>

namespace sotto::ui {

void block_termination_signals();

class TerminationSignals {
public:
    // `asked` is called from another thread, once per signal.
    explicit TerminationSignals(std::function<void()> asked);
    ~TerminationSignals();
    TerminationSignals(const TerminationSignals&) = delete;
    TerminationSignals& operator=(const TerminationSignals&) = delete;

private:
    void watch() const;

    std::function<void()> asked_;
    int signals_ = -1;  // signalfd
    int end_ = -1;      // eventfd: the destructor's word to the thread
    std::thread thread_;
};

}  // namespace sotto::ui
