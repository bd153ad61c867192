// libolm does the same work: 200 bytes, one-time key made for each session, first message read.
// (It certifies nothing, so there are no signatures in its set-up.)
#include <olm/olm.h>

#include "crypto/random.hpp"
#include "tests/bench/crypto/contender.hpp"

namespace sotto::bench {

using namespace crypto;

namespace {

void ok(std::size_t result) {
    ensure(result != olm_error(), "libolm");
}

class Random {
public:
    void* bytes(std::size_t size) {
        buffer_.resize(size);
        if (size > 0) source_.fill(buffer_);
        return buffer_.data();
    }

private:
    SystemRandom source_;
    Bytes buffer_;
};

/// The value after `"name":"` in libolm's JSON; the first one for an empty name.
std::string value_in(const std::string& json, const std::string& name) {
    const auto object = json.find(name.empty() ? "\"curve25519\":{" : "\"" + name + "\":\"");
    const auto from = name.empty() ? json.find(":\"", object) + 2 : object + name.size() + 4;
    return json.substr(from, json.find('"', from) - from);
}

struct Account {
    explicit Account(Random& random) : memory(olm_account_size()), it(olm_account(memory.data())) {
        const std::size_t size = olm_create_account_random_length(it);
        ok(olm_create_account(it, random.bytes(size), size));
        std::string keys(olm_account_identity_keys_length(it), ' ');
        ok(olm_account_identity_keys(it, keys.data(), keys.size()));
        identity = value_in(keys, "curve25519");
    }
    std::string one_time_key(Random& random) {
        const std::size_t size = olm_account_generate_one_time_keys_random_length(it, 1);
        ok(olm_account_generate_one_time_keys(it, 1, random.bytes(size), size));
        std::string keys(olm_account_one_time_keys_length(it), ' ');
        ok(olm_account_one_time_keys(it, keys.data(), keys.size()));
        ok(olm_account_mark_keys_as_published(it));
        return value_in(keys, "");
    }
    Bytes memory;
    OlmAccount* it;
    std::string identity;
};

struct Session {
    Session() : memory(olm_session_size()), it(olm_session(memory.data())) {}
    Bytes memory;
    OlmSession* it;
};

struct Pair {
    Session alice, bob;
};

struct Olm {
    Random random;
    Account alice{random}, bob{random};
    std::string content = std::string(message_size, 'x');
    std::unique_ptr<Pair> chain = set_up(), turns = set_up();
    bool bobs_turn = true;

    struct Message {
        std::size_t type;
        std::string body;
    };
    Message encrypt(OlmSession* from) {
        Message out{olm_encrypt_message_type(from),
                    std::string(olm_encrypt_message_length(from, content.size()), ' ')};
        const std::size_t size = olm_encrypt_random_length(from);
        ok(olm_encrypt(from, content.data(), content.size(), random.bytes(size), size,
                       out.body.data(), out.body.size()));
        return out;
    }
    void decrypt(OlmSession* to, Message message) const {
        std::string spoilt = message.body;  // asking for the length destroys the message
        const std::size_t max =
            olm_decrypt_max_plaintext_length(to, message.type, spoilt.data(), spoilt.size());
        ok(max);
        std::string plain(max, ' ');
        const std::size_t size = olm_decrypt(to, message.type, message.body.data(),
                                             message.body.size(), plain.data(), plain.size());
        ok(size);
        plain.resize(size);
        ensure(plain == content, "libolm decrypts");
    }
    std::unique_ptr<Pair> set_up() {
        auto out = std::make_unique<Pair>();
        const std::string key = bob.one_time_key(random);
        const std::size_t size = olm_create_outbound_session_random_length(out->alice.it);
        ok(olm_create_outbound_session(out->alice.it, alice.it, bob.identity.data(),
                                       bob.identity.size(), key.data(), key.size(),
                                       random.bytes(size), size));
        const Message first = encrypt(out->alice.it);
        std::string spoilt = first.body;
        ok(olm_create_inbound_session(out->bob.it, bob.it, spoilt.data(), spoilt.size()));
        ok(olm_remove_one_time_keys(bob.it, out->bob.it));
        decrypt(out->bob.it, first);
        return out;
    }
};

}  // namespace

Contender make_olm() {
    const auto o = std::make_shared<Olm>();
    // Once round, so that the running sessions send plain messages.
    for (const auto& pair : {o->chain.get(), o->turns.get()})
        o->decrypt(pair->alice.it, o->encrypt(pair->bob.it));
    o->bobs_turn = false;
    return {.name = "libolm " SOTTO_OLM_VERSION,
            .one_chain = [o] { o->decrypt(o->chain->bob.it, o->encrypt(o->chain->alice.it)); },
            .ping_pong =
                [o] {
                    OlmSession* from = o->bobs_turn ? o->turns->bob.it : o->turns->alice.it;
                    OlmSession* to = o->bobs_turn ? o->turns->alice.it : o->turns->bob.it;
                    o->decrypt(to, o->encrypt(from));
                    o->bobs_turn = !o->bobs_turn;
                },
            .set_up = [o] { (void)o->set_up(); },
            .set_up_hybrid = {},
            .set_up_known = [o] { (void)o->set_up(); }};
}

}  // namespace sotto::bench
