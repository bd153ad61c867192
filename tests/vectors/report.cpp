#include "tests/vectors/report.hpp"

#include <stdexcept>
#include <utility>

#include "crypto/handshake_secrets.hpp"
#include "crypto/ratchet_kdf.hpp"
#include "crypto/seal.hpp"
#include "crypto/verify.hpp"
#include "tests/vectors/account_report.hpp"

namespace sotto::vectors {

using namespace crypto;

namespace {

Bytes joined(std::initializer_list<ByteView> parts) {
    Writer out;
    for (const ByteView part : parts)
        out.raw(part);
    return std::move(out).take();
}

Label label_named(const std::string& text) {
    for (const Label& each : label::all)
        if (each.text() == text) return each;
    throw std::runtime_error("no such label: " + text);
}

/// enc(), H and H512 of up to four fields.
Json report_enc(const Json& entries) {
    Json out = Json::array();
    for (const Json& entry : entries) {
        const Label name = label_named(entry.at("label").get<std::string>());
        std::vector<Bytes> f;
        for (const Json& field : entry.at("fields"))
            f.push_back(bytes_of(Json{{"field", field}}, "field"));
        const auto apply = [&](auto function) {
            switch (f.size()) {
                case 0:
                    return Bytes(function(Fields{}));
                case 1:
                    return Bytes(function({f[0]}));
                case 2:
                    return Bytes(function({f[0], f[1]}));
                case 3:
                    return Bytes(function({f[0], f[1], f[2]}));
                default:
                    throw std::runtime_error("more than three fields");
            }
        };
        const auto h = [&](Fields fields) {
            const auto digest = hash(name, fields);
            return Bytes(digest.begin(), digest.end());
        };
        const auto h512 = [&](Fields fields) {
            const auto digest = hash512(name, fields);
            return Bytes(digest.begin(), digest.end());
        };
        out.push_back({{"label", name.text()},
                       {"fields", entry.at("fields")},
                       {"enc", hex(apply([&](Fields fields) { return enc(name, fields); }))},
                       {"h", hex(apply(h))},
                       {"h512", hex(apply(h512))}});
    }
    return out;
}

Json report_side(const Side& side) {
    return {{"account_id", hex(side.amk.public_key().view())},
            {"dsk", hex(side.dsk.public_key().view())},
            {"dik", hex(side.dik.public_key().view())},
            {"cert", hex(side.cert.encoded())},
            {"cert_hash", hex(side.cert.hash().view())},
            {"dev_list", hex(side.dev_list.encoded())},
            {"dev_list_hash", hex(side.dev_list.hash().view())}};
}

Json report_prekeys(const Prekeys& p) {
    Json out = {{"spk", hex(p.spk.key.public_key().view())},
                {"mbk", hex(p.mbk.key.public_key().view())},
                {"prerec", hex(p.prerec.encoded())}};
    if (p.pqspk) out["pqspk_hash"] = hex(p.pqspk->key.public_key().key_hash());
    if (p.one_time) out["opk"] = hex(p.one_time->key.public_key().view());
    if (p.opk_rec) out["opk_rec"] = hex(p.opk_rec->encoded());
    return out;
}

struct Run {
    const Side& alice;
    const Side& bob;
    const Prekeys& prekeys;
    const Json& fixed;  // the input's "handshake"
};

/// DH1.., KEM, TH, PRK and what is expanded from it, by the primitives alone.
struct Computed {
    Json values;
    TranscriptHash transcript;
    SessionSecrets secrets;
};

Computed compute(const Run& run, Suite suite) {
    const OwnEk ek = OwnEk::from_secret(secret_of(run.fixed, "ek"));
    const PreRecFields& p = run.prekeys.prerec.fields();
    const auto dh = [](const Secret<32>& scalar, View32 point) {
        const auto shared = x25519(scalar, point);
        if (!shared) throw std::runtime_error("a point of low order");
        return *shared;
    };
    HandshakeInput in{.dh1 = dh(run.alice.dik.secret(), p.spk.view()),
                      .dh2 = dh(ek.secret(), run.bob.dik.public_key().view()),
                      .dh3 = dh(ek.secret(), p.spk.view()),
                      .dh4 = {},
                      .kem = {}};
    const auto& opk = run.prekeys.one_time;
    if (opk) in.dh4 = dh(ek.secret(), opk->key.public_key().view());
    Json values = {{"suite", static_cast<int>(suite)},
                   {"ek", hex(ek.public_key().view())},
                   {"dh1", hex(in.dh1.view())},
                   {"dh2", hex(in.dh2.view())},
                   {"dh3", hex(in.dh3.view())}};
    if (in.dh4) values["dh4"] = hex(in.dh4->view());
    const bool pq_one_time = suite == Suite::hybrid && opk && opk->pq;
    Bytes pq_public;
    Bytes ciphertext;
    std::uint32_t pq_id = 0;
    if (suite == Suite::hybrid) {
        const OwnPq& pq = pq_one_time ? *opk->pq : run.prekeys.pqspk->key;
        pq_public.assign(pq.public_key().view().begin(), pq.public_key().view().end());
        pq_id = pq_one_time ? opk->id : run.prekeys.pqspk->id;
        FixedRandom random(bytes_of(run.fixed, "kem_seed", 64));
        auto kem = kem_encapsulate(pq_public, random);
        agree(kem && kem_decapsulate(pq.secret(), kem->ciphertext) == kem->shared, "KEM");
        ciphertext = kem->ciphertext;
        in.kem = kem->shared;
        values["pq_public"] = hex(pq_public);
        values["kem_ciphertext"] = hex(ciphertext);
        values["kem_shared"] = hex(in.kem->view());
    }
    const std::uint8_t flags = handshake_flags(opk.has_value(), pq_one_time);
    const std::uint32_t opk_id = opk ? opk->id : 0;
    const Bytes opk_public = opk ? joined({opk->key.public_key().view()}) : Bytes();
    const Bytes t = enc(label::handshake,
                        {le_bytes(static_cast<std::uint8_t>(suite)), le_bytes(flags),
                         run.alice.cert.account().view(), run.alice.cert.hash().view(),
                         run.alice.dik.public_key().view(), run.bob.cert.account().view(),
                         run.bob.cert.hash().view(), run.bob.dik.public_key().view(),
                         ek.public_key().view(), le_bytes(p.spk_id), p.spk.view(), le_bytes(opk_id),
                         opk_public, le_bytes(pq_id), pq_public, ciphertext});
    const TranscriptHash th = transcript_hash(
        {.suite = suite,
         .initiator = {run.alice.cert.account(), run.alice.cert.hash(), run.alice.cert.dik()},
         .responder = {run.bob.cert.account(), run.bob.cert.hash(), run.bob.cert.dik()},
         .ek = ek.public_key(),
         .spk_id = p.spk_id,
         .spk = p.spk,
         .opk_id = opk_id,
         .opk = opk ? std::optional(opk->key.public_key()) : std::nullopt,
         .pq_one_time = pq_one_time,
         .pq_id = pq_id,
         .pq_public = pq_public,
         .kem_ciphertext = ciphertext});
    const Bytes ikm =
        joined({in.dh1.view(), in.dh2.view(), in.dh3.view(), in.dh4 ? in.dh4->view() : ByteView(),
                in.kem ? in.kem->view() : ByteView()});
    const Secret<64> prk = hkdf_extract({}, ikm);
    const Bytes info = enc(label::handshake_keys, {th.view()});
    Bytes keys(112);
    hkdf_expand(prk, info, keys);
    const SessionSecrets secrets = derive_session(suite, in, th);
    agree(equal(joined({secrets.root.view(), secrets.header_key.view(),
                        secrets.next_header_key.view(), secrets.sid.view()}),
                keys),
          "session keys");
    values.update(Json{{"flags", flags},
                       {"t", hex(t)},
                       {"th", hex(th.view())},
                       {"ikm", hex(ikm)},
                       {"prk", hex(prk.view())},
                       {"info", hex(info)},
                       {"sk", hex(secrets.root.view())},
                       {"hk_a", hex(secrets.header_key.view())},
                       {"nhk_b", hex(secrets.next_header_key.view())},
                       {"sid", hex(secrets.sid.view())},
                       {"ad", hex(secrets.associated_data)}});
    return {.values = std::move(values), .transcript = th, .secrets = secrets};
}

/// The half of a DH step that begins a sending chain with the scalar `own`.
struct SendingStep {
    RootStep keys;
    Json values;
};
SendingStep begin_chain(const Secret<32>& root, const Secret<32>& own, View32 theirs, Suite suite) {
    const auto shared = x25519(own, theirs);
    RootStep keys = kdf_root(root, shared.value(), suite);
    Json values = {{"dhs", hex(x25519_base(own))},
                   {"dh", hex(shared->view())},
                   {"rk", hex(keys.root.view())},
                   {"ck", hex(keys.chain.view())},
                   {"nhk", hex(keys.next_header.view())}};
    return {.keys = std::move(keys), .values = std::move(values)};
}

/// The chain Alice begins with in 2.6: she makes it before her first message.
Json first_chain(const Run& run, const SessionSecrets& secrets, const RatchetState& alice) {
    const SendingStep step = begin_chain(secrets.root, secret_of(run.fixed, "dhs"),
                                         run.prekeys.spk.key.public_key().view(), secrets.suite);
    agree(alice.root == step.keys.root && alice.send_chain == step.keys.chain &&
              alice.next_send_header == step.keys.next_header,
          "first chain");
    return step.values;
}

/// One message, encrypted by `sender` with the input's bytes; every value on its way. `begun`: the
/// step that made its chain before, if any.
Json report_message(Ratchet& sender, const Json& fixed, const Json& begun, Bytes& message) {
    const RatchetState before = sender.state();
    Json out = {{"from", fixed.at("from")}};
    if (!begun.is_null()) out["dh_step"] = begun;
    std::optional<Secret<32>> chain = before.send_chain;
    Bytes random;
    if (!chain) {  // the sending half of a DH step
        const Secret<32> own = secret_of(fixed, "dhs");
        if (!before.their_ratchet) throw std::runtime_error("Bob cannot send first");
        const SendingStep step = begin_chain(before.root, own, *before.their_ratchet, before.suite);
        out["dh_step"] = step.values;
        chain = step.keys.chain;
        random = joined({own.view()});
    }
    random =
        joined({random, bytes_of(fixed, "header_nonce", 24), bytes_of(fixed, "body_nonce", 24)});
    Secret<32> next_chain = *chain;
    const Secret<32> mk = kdf_chain(next_chain);
    FixedRandom source(random);
    auto encrypted = sender.encrypt(bytes_of(fixed, "content"), source);
    if (!encrypted) throw std::runtime_error(std::string(to_string(encrypted.error())));
    message = *std::move(encrypted);
    const RatchetState& after = sender.state();
    Writer header;
    header.u8(0).raw(after.own_ratchet_public).u32(after.previous_sent).u32(after.sent - 1);
    agree(*after.send_chain == next_chain, "chain key");
    out["header_key"] = hex(after.send_header->view());
    out["header"] = hex(header.view());
    out["eh"] = hex(ByteView(message).subspan(19, 81));
    out["mk"] = hex(mk.view());
    out["body_key"] = hex(body_key(mk).view());
    out["message"] = hex(message);
    return out;
}

Json report_seal(const Run& run, const Json& fixed, const Bytes& payload) {
    const OwnEk e = OwnEk::from_secret(secret_of(fixed, "e"));
    FixedRandom random(joined({e.secret().view(), bytes_of(fixed, "nonce", 24)}));
    const OwnMailboxKey& mbk = run.prekeys.mbk;
    const auto item =
        seal({.device = run.bob.cert.device(), .mbk_id = mbk.id, .mbk = mbk.key.public_key()},
             {.kind = SealedKind::init,
              .sender_account = run.alice.cert.account(),
              .sender_device = run.alice.cert.device(),
              .payload = payload},
             random);
    if (!item) throw std::runtime_error(std::string(to_string(item.error())));
    const auto opened = open_sealed(*item, run.bob.cert.device(), {&mbk, 1});
    agree(opened && opened->payload == payload, "sealed item");
    const auto shared = x25519(e.secret(), mbk.key.public_key().view());
    Bytes key(32);
    hkdf({}, shared.value().view(),
         enc(label::seal, {le_bytes(mbk.id), e.public_key().view(), mbk.key.public_key().view(),
                           run.bob.cert.device().view()}),
         key);
    return {{"e", hex(e.public_key().view())},
            {"shared", hex(shared->view())},
            {"key", hex(key)},
            {"item", hex(*item)}};
}

}  // namespace

Json report(const Json& input) {
    const Side alice(input.at("alice"));
    const Side bob(input.at("bob"));
    const Prekeys prekeys(input.at("bob"), bob);
    const Json& fixed = input.at("handshake");
    const std::uint64_t now = input.at("now_ms").get<std::uint64_t>();
    const Run run{alice, bob, prekeys, fixed};

    FixedRandom random(
        joined({bytes_of(fixed, "ek", 32),
                fixed.contains("kem_seed") ? bytes_of(fixed, "kem_seed", 64) : Bytes(),
                bytes_of(fixed, "dhs", 32)}));
    auto started =
        initiate(alice.identity(), {bob.dev_list, bob.cert, prekeys.prerec, prekeys.opk_rec},
                 {.account = bob.cert.account(), .dev_list = {}, .floor = {0, 0}}, now, random);
    if (!started) throw std::runtime_error(std::string(to_string(started.error())));
    Computed computed = compute(run, started->suite);
    agree(computed.transcript == started->transcript, "transcript");
    agree(computed.secrets.sid == started->ratchet.sid(), "session id");
    computed.values["init_prefix"] = hex(started->init_prefix);

    Json messages = Json::array();
    Json begun = first_chain(run, computed.secrets, started->ratchet.state());
    std::optional<Ratchet> bobs;
    Bytes init;
    for (const Json& each : input.at("messages")) {
        const bool from_alice = each.at("from") == "alice";
        if (!from_alice && !bobs) throw std::runtime_error("Bob cannot send first");
        Bytes message;
        messages.push_back(report_message(from_alice ? started->ratchet : *bobs, each,
                                          std::exchange(begun, Json()), message));
        const Bytes content = bytes_of(each, "content");
        if (!bobs) {
            init = make_init_message(started->init_prefix, message);
            const auto decoded = decode_init_message(init);
            agree(decoded.has_value(), "init message");
            auto accepted = accept(bob.identity(), prekeys.keys(), *decoded,
                                   {.dev_list = nullptr, .suite_floor = 0}, now);
            if (!accepted) throw std::runtime_error(std::string(to_string(accepted.error())));
            agree(equal(accepted->first_plaintext, content), "first plaintext");
            bobs = std::move(accepted->ratchet);
            continue;
        }
        Ratchet& receiver = from_alice ? *bobs : started->ratchet;
        auto opened = receiver.decrypt(message, now);
        agree(opened && equal(opened->content, content), "plaintext");
        receiver = std::move(opened->next);
    }
    return {
        {"enc", report_enc(input.at("enc"))},
        {"alice", report_side(alice)},
        {"bob", report_side(bob)},
        {"prekeys", report_prekeys(prekeys)},
        {"conversation_id", hex(conversation_id(alice.cert.account(), bob.cert.account()).view())},
        {"safety_number", grouped(safety_number(alice.cert.account(), bob.cert.account()))},
        {"handshake", std::move(computed.values)},
        {"init_message", hex(init)},
        {"messages", std::move(messages)},
        {"seal", report_seal(run, input.at("seal"), init)},
        {"vault", report_vault(input.at("vault"))},
        {"login", report_login(alice, input.at("login"))}};
}

}  // namespace sotto::vectors
