// SIGINT, SIGTERM and SIGHUP as something readable, so that a program ends between two turns.
//
// Must exist before any other thread, which then inherit the mask. One per process.
#pragma once

namespace sotto::peer::cli {

class StopSignals {
public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    // Readable once one of them came.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

}  // namespace sotto::peer::cli
