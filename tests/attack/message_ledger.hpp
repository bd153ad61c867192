// What the rules of docs/protocol.md 2.6 say about each message, without any cryptography: which
// number it gets, and whether the other side must still take it. For the model test: a message that
// is refused although these rules take it is lost, and the other way round a limit has a hole.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>

namespace sotto::crypto::attack {

/// Where a message stands: what its header says, and the sender's how many-th chain it is of.
struct Place {
    std::uint32_t chain;     ///< the first is 1
    std::uint32_t n;         ///< N
    std::uint32_t previous;  ///< PN
};

/// One end of a session.
class MessageLedger {
public:
    /// The initiator has a sending chain from the start, the responder after his first message.
    explicit MessageLedger(bool initiator) : send_chain_(initiator ? 1 : 0), open_(initiator) {}

    /// Of the next message sent.
    [[nodiscard]] Place next();
    /// Whether this message must be taken now; if so, it counts as taken. It came from the other
    /// end and is intact.
    [[nodiscard]] bool takes(const Place& place, std::uint64_t now_ms);
    /// The last takes() said no because of the limit of 2000.
    [[nodiscard]] bool refused_a_gap() const { return refused_a_gap_; }
    /// Keys that were given up because there were more than 5000.
    [[nodiscard]] std::uint64_t evicted() const { return evicted_; }
    [[nodiscard]] std::size_t kept() const { return kept_.size(); }

private:
    struct Kept {
        std::uint32_t chain;
        std::uint32_t n;
        std::uint64_t at_ms;
    };
    [[nodiscard]] bool takes_on_copy(const Place& place, std::uint64_t now_ms);
    void skip_to(std::uint32_t until, std::uint64_t now_ms);

    std::uint32_t send_chain_;
    bool open_;  // false: the next message begins a chain
    std::uint32_t sent_ = 0, previous_ = 0;
    std::uint32_t receive_chain_ = 0, received_ = 0;
    std::deque<Kept> kept_;
    bool refused_a_gap_ = false;
    std::uint64_t evicted_ = 0;
};

}  // namespace sotto::crypto::attack
