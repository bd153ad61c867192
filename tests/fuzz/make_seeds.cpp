// Writes the seed corpus: make_fuzz_seeds FOLDER. A few valid inputs a target, so that a fuzzer
// begins behind the first checks. Run again after a change of a format.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "crypto/vault_header.hpp"
#include "crypto/verify.hpp"
#include "peer/wire/envelope.hpp"
#include "peer/wire/link_frame.hpp"
#include "rendezvous/protocol.hpp"
#include "tests/fuzz/rendezvous_logic.hpp"
#include "tests/fuzz/support.hpp"

namespace {

using namespace sotto;
using crypto::Bytes;
using crypto::ByteView;

class Corpus {
public:
    explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}
    void add(const std::string& target, const std::string& name, ByteView bytes) const {
        std::filesystem::create_directories(folder_ / target);
        std::ofstream out(folder_ / target / name, std::ios::binary);
        for (const std::uint8_t byte : bytes)
            out.put(static_cast<char>(byte));
    }

private:
    std::filesystem::path folder_;
};

void add_records(const Corpus& corpus, fuzz::People& people) {
    const auto& alice = people.alice;
    corpus.add("cert", "valid", alice.cert.encoded());
    corpus.add("dev_list", "first", alice.dev_list.encoded());
    const auto next = crypto::DevList::successor(
        alice.amk, alice.dev_list,
        {alice.dev_list.entries()[0],
         {.device = people.bob.device, .cert = people.bob.cert.hash(), .primary = false}},
        crypto::test::now_ms);
    corpus.add("dev_list", "second", next.encoded());
    corpus.add("prerec", "classical", alice.prerec.encoded());
    corpus.add("opkrec", "classical", alice.opk_rec.encoded());
}

void add_messages(const Corpus& corpus, fuzz::People& people) {
    crypto::SeededRandom random(73);
    for (const bool one_time : {true, false}) {
        auto started = crypto::initiate(people.alice.identity(), people.bob.bundle(one_time),
                                        people.bob.known(), crypto::test::now_ms, random);
        const Bytes first = crypto::test::send(started->ratchet, "hello", random);
        corpus.add("init_message", one_time ? "one_time" : "last_resort",
                   crypto::make_init_message(started->init_prefix, first));
    }
    crypto::test::Session s = people.session;
    corpus.add("ratchet", "message", crypto::test::send(s.alice, "hello", random));
    corpus.add("ratchet", "stored", s.bob.serialise());
    Bytes header(45, 0);  // a header for the structured half, and the beginning of a body
    header[1] = 9;
    header[41] = 0x80;
    corpus.add("ratchet", "header", header);
    const auto item = crypto::seal({.device = people.bob.device,
                                    .mbk_id = people.bob.mbk.id,
                                    .mbk = people.bob.mbk.key.public_key()},
                                   {.kind = crypto::SealedKind::message,
                                    .sender_account = people.alice.amk.public_key(),
                                    .sender_device = people.alice.device,
                                    .payload = crypto::test::text("x")},
                                   random);
    corpus.add("sealed_item", "message", *item);
    const crypto::PasswordCost cheap{.ops = 1, .memory = 8 * 1024};
    const auto vault = crypto::create_vault(crypto::as_bytes("seed"), cheap,
                                            {.floor = cheap, .ceiling = cheap}, random);
    corpus.add("vault_header", "cheap", vault->header);
    corpus.add("codes", "verification",
               crypto::as_bytes(crypto::to_text(crypto::VerificationCode{
                   .own = people.alice.amk.public_key(),
                   .peer = people.bob.amk.public_key(),
                   .dev_list = crypto::gossip_of(crypto::mark_of(people.alice.dev_list)),
                   .server = {}})));
    corpus.add("codes", "invite",
               crypto::as_bytes(crypto::to_text(
                   crypto::Invite{.server_address = "chat.example.org:7313",
                                  .server = crypto::OwnCurve::generate(random).public_key(),
                                  .account = people.alice.amk.public_key(),
                                  .token = crypto::InviteToken(random.secret<16>())})));
}

void add_wire(const Corpus& corpus, fuzz::People& people) {
    crypto::SeededRandom random(74);
    using namespace peer::wire;
    const crypto::CurvePublic curve = crypto::OwnCurve::generate(random).public_key();
    const std::vector<std::pair<const char*, Body>> bodies = {
        {"text", Text{"hello"}},
        {"typing", Typing{true}},
        {"request", ContactRequest{.username = "alice",
                                   .text = "it is me",
                                   .token = {.serial = 1, .token = random.secret<32>()}}},
        {"profile", Profile{.serial = 3, .username = "alice"}},
        {"endpoint", Endpoint{.serial = 4,
                              .endpoints = {"tcp://192.0.2.7:7313", "tcp://[2001:db8::1]:7313"},
                              .server_key = curve,
                              .dial_with = curve,
                              .expires = {crypto::test::now_ms}}},
        {"reset", SessionReset{people.session.alice.sid()}}};
    for (const auto& [name, body] : bodies)
        corpus.add("envelope", name,
                   encode(Envelope{.id = peer::MessageId{},
                                   .conversation = crypto::ConversationId(random.array<32>()),
                                   .sender_seq = std::holds_alternative<Text>(body) ? 1U : 0U,
                                   .at = {crypto::test::now_ms},
                                   .own_list = {1, {}},
                                   .peer_list = {1, {}},
                                   .body = body}));
    corpus.add("link_frame", "hello", encode(LinkHello{.nonce = random.array<16>()}));
    corpus.add("link_frame", "ping", encode(LinkPing{.token = 7}));
    corpus.add("link_frame", "message",
               encode(LinkMessage{.envelope = peer::EnvelopeId{random.array<16>()},
                                  .kind = crypto::SealedKind::message,
                                  .payload = Bytes(20, 1)}));
    corpus.add("link_frame", "ack", encode(LinkAck{{peer::EnvelopeId{random.array<16>()}}}));
}

void add_rendezvous(const Corpus& corpus, fuzz::People& people) {
    using namespace rendezvous;
    crypto::SeededRandom random(75);
    const AccountId account = people.alice.amk.public_key();
    const ChallengeProof proof{.cnonce = random.array<32>(),
                               .ts_ms = crypto::test::now_ms,
                               .snonce = random.array<32>(),
                               .mac = random.array<32>()};
    const crypto::Signature signature(random.array<64>());
    const MailboxToken token(random.array<32>());
    const std::vector<std::pair<const char*, Request>> requests = {
        {"challenge", ChallengeRequest{crypto::LoginPurpose::login, "alice", proof.cnonce}},
        {"register", Register{"alice", Bytes(9, 1), Bytes(9, 2),
                              crypto::LkPublic(random.array<32>()), true, Visibility::contacts,
                              InviteToken(random.array<16>()), proof, signature, signature}},
        {"login", LoginDevice{account, people.alice.device, proof, signature}},
        {"change", ChangePassword{"alice", crypto::login_version_current,
                                  crypto::LkPublic(proof.snonce), proof, signature, signature}},
        {"publish", PublishPrekeys{Bytes(9, 1), {{1, Bytes(9, 2)}, {2, Bytes(9, 3)}}}},
        {"watch", Watch{true, {{account, std::nullopt}}}},
        {"put", PutMail{account, people.alice.device, EnvelopeId(random.array<16>()),
                        PutAuthority::mailbox_token, token, true, Bytes(30, 5)}},
        {"ack", AckMail{{1, 2, 300}}}};
    for (const auto& [name, request] : requests)
        corpus.add("rendezvous_request", name, encode(RequestFrame{1, request}));
    const MemberEntry member{account, "alice", true};
    const std::vector<std::pair<const char*, Reply>> replies = {
        {"challenge", Challenge{.ts_ms = crypto::test::now_ms,
                                .snonce = proof.snonce,
                                .mac = proof.mac,
                                .login_version = crypto::login_version_current}},
        {"bundle", Bundle{Bytes(9, 1), {{Bytes(9, 2), Bytes(9, 3), {}}}}},
        {"members", Members{{member}, true}},
        {"error", Error{ErrorCode::rate_limited, 1000}}};
    for (const auto& [name, reply] : replies)
        corpus.add("rendezvous_reply", name, encode(ReplyFrame{1, reply}));
    corpus.add("rendezvous_reply", "mail", encode(ReplyFrame{0, Mail{5, Bytes(30, 6)}}));
    corpus.add("rendezvous_reply", "presence", encode(ReplyFrame{0, Presence{{member}}}));
}

void add_step(Bytes& script, fuzz::Step step, ByteView bytes) {
    script.push_back(static_cast<std::uint8_t>(step));
    script.push_back(static_cast<std::uint8_t>(bytes.size()));
    script.push_back(static_cast<std::uint8_t>(bytes.size() >> 8));
    script.insert(script.end(), bytes.begin(), bytes.end());
}

// Each kind of request once, and all of them as one conversation.
void add_logic(const Corpus& corpus) {
    using namespace rendezvous;
    using rendezvous::testing::mail_with_token;
    const auto bob = fuzz::LogicRun::bob().address();
    const MailboxToken token(Bytes32{7});
    const auto mail = [&](std::uint8_t number, PutAuthority authority) {
        crypto::ByteArray<16> envelope{};
        envelope[0] = number;
        PutMail put = mail_with_token(bob, token, EnvelopeId(envelope), Bytes(30, number));
        put.authority = authority;
        if (authority != PutAuthority::mailbox_token) put.token.reset();
        return put;
    };
    using fuzz::Step;
    const std::vector<std::tuple<const char*, Step, Request>> requests = {
        {"token", Step::frame_of_bob,
         SetMailboxToken{rendezvous::testing::token_hash(token), false}},
        {"put", Step::frame_of_stranger, mail(1, PutAuthority::mailbox_token)},
        {"request", Step::frame_of_anna, mail(2, PutAuthority::request)},
        {"ack", Step::frame_of_bob, AckMail{{1, 2}}},
        {"prekeys", Step::frame_of_bob, PublishPrekeys{Bytes(9, 1), {{1, Bytes(9, 2)}}}},
        {"bundle", Step::frame_of_anna, FetchBundle{bob.account, true, token}},
        {"look_up", Step::frame_of_anna, LookUp{"bob"}},
        {"page", Step::frame_of_anna, DirectoryPage{"b", "", 10}},
        {"watch", Step::frame_of_anna, Watch{true, {{bob.account, token}}}},
        {"listing", Step::frame_of_bob, SetListing{false, Visibility::contacts}},
        {"challenge", Step::frame_of_stranger,
         ChallengeRequest{crypto::LoginPurpose::login, "anna", Bytes32{1}}},
        {"challenge_change", Step::frame_of_anna,
         ChallengeRequest{crypto::LoginPurpose::change_password, "anna", Bytes32{1}}},
        {"change", Step::frame_of_anna,
         ChangePassword{.username = "anna",
                        .login_key = fuzz::LogicRun::bob().login_key.public_key(),
                        .proof = {},
                        .signature = crypto::Signature(crypto::ByteArray<64>{1}),
                        .possession = crypto::Signature(crypto::ByteArray<64>{2})}},
        {"ping", Step::frame_of_bob, Ping{}},
        {"log_out", Step::frame_of_bob, Logout{}}};
    Bytes all;
    for (const auto& [name, step, request] : requests) {
        Bytes one;
        const Bytes frame = encode(RequestFrame{1, request});
        add_step(one, step, frame);
        add_step(all, step, frame);
        corpus.add("rendezvous_logic", name, one);
    }
    add_step(all, Step::hint, {});
    add_step(all, Step::wait, Bytes{200, 3});
    add_step(all, Step::leave, Bytes{1});
    add_step(all, Step::connect, Bytes{1});
    corpus.add("rendezvous_logic", "conversation", all);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: make_fuzz_seeds FOLDER\n");
        return 2;
    }
    fuzz::People people;
    const Corpus corpus(argv[1]);
    add_records(corpus, people);
    add_messages(corpus, people);
    add_wire(corpus, people);
    add_rendezvous(corpus, people);
    add_logic(corpus);
    return 0;
}
