// The ceiling: a ROUTER with CURVE that passes messages on and does nothing else.
//
// Speaks frames of [u32 number of the recipient][payload]; a frame of four bytes says "this is my
// number". No store, no checks, no limits, no ZAP.
#pragma once

namespace sotto::bench::rendezvous {

// Prints "ENDPOINT HEXKEY" and serves until its standard input ends.
[[nodiscard]] int run_bare_router();

}  // namespace sotto::bench::rendezvous
