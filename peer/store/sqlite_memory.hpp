// SQLite's heap, wiped on release.
//
// SQLCipher's own `cipher_memory_security` also locks each block into memory, which costs two
// system calls per allocation (0.53 ms instead of 0.2 ms per message commit, measured) and does not
// hold beyond the usual limit of 8 MiB anyway. What matters when a profile is locked is that
// decrypted pages and keys do not stay behind in freed memory: that part is done here, at memset
// speed.
#pragma once

namespace sotto::peer::store {

/// Before the first connection of the process; may be called again, from any thread.
void use_wiped_memory();

}  // namespace sotto::peer::store
