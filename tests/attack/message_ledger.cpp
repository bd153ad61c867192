#include "tests/attack/message_ledger.hpp"

#include <algorithm>

namespace sotto::crypto::attack {

namespace {

// Written again on purpose, as in the slow ratchet.
constexpr std::uint32_t gap_max = 2000;
constexpr std::size_t kept_max = 5000;
constexpr std::uint32_t ended_chains_max = 5;
constexpr std::uint64_t lifetime_ms = 30ULL * 24 * 3600 * 1000;

bool gap_too_large(std::uint32_t from, std::uint32_t to) {
    return to > from && to - from > gap_max;
}

}  // namespace

Place MessageLedger::next() {
    if (!open_) {
        ++send_chain_;
        previous_ = sent_;
        sent_ = 0;
        open_ = true;
    }
    return {.chain = send_chain_, .n = sent_++, .previous = previous_};
}

void MessageLedger::skip_to(std::uint32_t until, std::uint64_t now_ms) {
    for (; received_ < until; ++received_)
        kept_.push_back({receive_chain_, received_, now_ms});
    for (; kept_.size() > kept_max; ++evicted_)
        kept_.pop_front();
}

bool MessageLedger::takes_on_copy(const Place& place, std::uint64_t now_ms) {
    std::erase_if(kept_, [now_ms](const Kept& key) {
        return now_ms > key.at_ms && now_ms - key.at_ms > lifetime_ms;
    });
    const bool earlier =
        place.chain < receive_chain_ || (place.chain == receive_chain_ && place.n < received_);
    if (earlier) {
        const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& key) {
            return key.chain == place.chain && key.n == place.n;
        });
        if (found == kept_.end()) return false;
        kept_.erase(found);
        return true;
    }
    if (place.chain == receive_chain_) {
        if (gap_too_large(received_, place.n)) return false;
    } else {  // the next one: nobody begins two without having heard of us in between
        if (gap_too_large(0, place.n)) return false;
        if (receive_chain_ > 0) {
            if (gap_too_large(received_, place.previous)) return false;
            skip_to(place.previous, now_ms);
        }
        ++receive_chain_;
        received_ = 0;
        open_ = false;
        std::erase_if(kept_, [this](const Kept& key) {
            return key.chain + ended_chains_max < receive_chain_;
        });
    }
    skip_to(place.n, now_ms);
    ++received_;
    return true;
}

bool MessageLedger::takes(const Place& place, std::uint64_t now_ms) {
    MessageLedger copy = *this;
    const bool taken = copy.takes_on_copy(place, now_ms);
    if (taken) *this = std::move(copy);
    const bool later =
        place.chain > receive_chain_ || (place.chain == receive_chain_ && place.n >= received_);
    refused_a_gap_ = !taken && later;
    return taken;
}

}  // namespace sotto::crypto::attack
