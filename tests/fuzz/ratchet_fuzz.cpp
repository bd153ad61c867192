#include "crypto/ratchet_kdf.hpp"
#include "tests/fuzz/support.hpp"

namespace {

using namespace sotto::crypto;
using sotto::fuzz::Bytes;
using sotto::fuzz::ByteView;

/// What a hostile contact can write: any header under a header key of the session, any body under
/// the next message key.
Bytes hostile(const RatchetState& sender, ByteView header, ByteView body, bool next_chain) {
    const AeadNonce nonce = AeadNonce::from_wire(ByteArray<24>{});
    Bytes eh(24, 0);
    const Secret<32>& header_key = next_chain ? sender.next_send_header : *sender.send_header;
    aead_seal(eh, header_key, nonce, enc(label::ratchet_header, {sender.associated_data}), header);
    Secret<32> chain = *sender.send_chain;
    const Secret<32> key = body_key(kdf_chain(chain));
    Writer front;
    front.u8(1).raw(sender.sid.view()).sized16(eh).raw(nonce.view());
    Bytes out = std::move(front).take();
    Bytes content(body.begin(), body.end());
    content.resize(512 - 140, 0);
    aead_seal(out, key, nonce, enc(label::ratchet_body, {sender.associated_data, eh}), content);
    return out;
}

void check(const Ratchet& receiver, ByteView message) {
    const SecretBytes before = receiver.serialise();
    const auto opened = receiver.decrypt(message, test::now_ms);
    ensure(receiver.serialise() == before, "decrypt leaves the state alone");
    if (!opened) return;
    const SecretBytes after = opened->next.serialise();
    const auto loaded = Ratchet::deserialise(after);
    ensure(loaded && loaded->serialise() == after, "the new state can be stored");
    ensure(!opened->next.decrypt(message, test::now_ms), "a message opens once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto::fuzz;
    static const People people;
    const ByteView bytes(data, size);
    check(people.session.bob, bytes);
    // A stored session, which only our own database holds.
    if (const auto stored = Ratchet::deserialise(bytes))
        ensure(equal(stored->serialise(), bytes), "one encoding");
    if (size < 41) return 0;
    for (const bool next_chain : {false, true})
        check(people.session.bob,
              hostile(people.session.alice.state(), bytes.first(41),
                      bytes.subspan(41, std::min<std::size_t>(size - 41, 372)), next_chain));
    return 0;
}
