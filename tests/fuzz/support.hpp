// What the fuzz targets share: the same people in every run, and one word for "this must hold".
//
// A target aborts when a property breaks; libFuzzer and the replay both see that. Whatever is
// accepted must be the only encoding of itself.
#pragma once

#include "crypto/init.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::fuzz {

using crypto::Bytes;
using crypto::ByteView;
using crypto::ensure;

/// libsodium first: members are made in the order of their declaration.
struct Ready {
    Ready() { crypto::initialise(); }
};

/// Alice and Bob of every corpus: from fixed seeds, so that seeds stay valid.
struct People {
    Ready ready;
    crypto::test::Party alice = crypto::test::make_party(71, crypto::Suite::classical);
    crypto::test::Party bob = crypto::test::make_party(72, crypto::Suite::classical);
    crypto::test::Session session = crypto::test::make_session(alice, bob);
};

inline Bytes signed_with(ByteView body, std::initializer_list<crypto::Signature> signatures) {
    Bytes out(body.begin(), body.end());
    for (const crypto::Signature& each : signatures)
        out.insert(out.end(), each.view().begin(), each.view().end());
    return out;
}

}  // namespace sotto::fuzz
