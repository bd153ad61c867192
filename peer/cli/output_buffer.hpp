// Lines on their way to a descriptor whose reader may be slow: never blocks, never grows for ever.
//
// The owner stops producing while is_full(), and with it the runtime and at last the network: a
// program that does not read its pipe loses nothing and stops nobody's signal handling. Wipes
// itself.
#pragma once

#include "crypto/secret.hpp"

#include <string_view>

namespace sotto::peer::cli {

// A page of history with the longest messages.
inline constexpr std::size_t output_bytes_max = 16U * 1024 * 1024;

class OutputBuffer {
public:
    explicit OutputBuffer(int descriptor) : descriptor_(descriptor) {}

    void add(std::string_view text) { buffer_.insert(buffer_.end(), text.begin(), text.end()); }
    void add_line(std::string_view text) {
        add(text);
        add("\n");
    }
    // Writes what the descriptor takes now.
    void flush();
    // Writes everything, at most until `patience_ms` passed without progress.
    void finish(int patience_ms);

    [[nodiscard]] bool empty() const noexcept { return begin_ == buffer_.size(); }
    [[nodiscard]] bool is_full() const noexcept {
        return buffer_.size() - begin_ > output_bytes_max;
    }
    // Nobody reads any more.
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }

private:
    [[nodiscard]] bool wait_writable(int timeout_ms) const;

    int descriptor_;
    crypto::SecretBytes buffer_;
    std::size_t begin_ = 0;  // not written yet from here on
    bool broken_ = false;
};

}  // namespace sotto::peer::cli
