// What the engine refused or dropped, as numbers: for logs, tests and the curious. No content, no
// names. Wrapping is impossible in a life.
#pragma once

#include <cstdint>

namespace sotto::peer {

struct Counters {
    std::uint64_t frames_refused = 0;       // from the rendezvous, not decodable
    std::uint64_t link_frames_refused = 0;  // from a direct link, not decodable
    std::uint64_t items_unopenable = 0;     // sealed items that do not open
    std::uint64_t messages_undecryptable = 0;
    std::uint64_t messages_repeated = 0;    // recognised by the ratchet or by number
    std::uint64_t envelopes_refused = 0;    // decrypted, but malformed or in the wrong conversation
    std::uint64_t envelopes_unwelcome = 0;  // stopped by the contact gate
    std::uint64_t handshakes_refused = 0;
    std::uint64_t messages_of_removed = 0;  // of devices their account has removed
    std::uint64_t contacts_damaged = 0;     // rows that did not decode, started anew
    std::uint64_t rollbacks = 0;            // older copies of this profile that were noticed
    std::uint64_t requests_refused = 0;     // contact requests beyond the limit
    std::uint64_t sessions_reset = 0;
    std::uint64_t lists_suspicious = 0;    // device lists rolled back, forked or withheld
    std::uint64_t own_lists_disputed = 0;  // envelopes that name a list of ours we did not sign
    std::uint64_t messages_held = 0;       // of new devices the person has not allowed yet
    std::uint64_t links_refused = 0;       // keys nobody told us about
    std::uint64_t resent = 0;              // envelopes sent a second time, over whatever path
};

}  // namespace sotto::peer
