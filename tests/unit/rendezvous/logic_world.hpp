// A rendezvous in one thread: the logic, a memory store, and people who speak the protocol.
//
// Time stands still unless a test moves it. Every input is followed until nothing is left to do, so
// a test reads the replies straight after sending.
#pragma once

#include "rendezvous/logic/logic.hpp"
#include "rendezvous/memory_store.hpp"
#include "store_fixtures.hpp"
#include "tests/support/rendezvous_client.hpp"

#include <deque>
#include <stdexcept>

namespace sotto::rendezvous::testing {

class World {
public:
    explicit World(Settings settings = open_settings())
        : settings_(settings), logic_(std::make_unique<Logic>(settings_, server_key, random)) {}

    static Settings open_settings() {
        return {.community = Community::open, .rates = default_rates(1), .max_clients = 1000};
    }

    crypto::SeededRandom random{42};
    crypto::CurvePublic server_key = crypto::OwnCurve::generate(random).public_key();
    MemoryStore store;
    Now now{.mono_ms = 1'000'000, .wall_ms = start_ms};
    std::vector<MailHint> hints;
    std::map<UserId, std::deque<ReplyFrame>> inbox;
    std::set<UserId> kicked;

    UserId connect(std::optional<AddressPrefix> prefix = std::nullopt) {
        const UserId user = crypto::OwnCurve::generate(random).public_key();
        feed(ClientConnected{user, prefix, "192.0.2.7:40000"});
        return user;
    }
    void advance(std::uint64_t ms) {
        now.mono_ms += ms;
        now.wall_ms += ms;
        feed(Tick{});
    }
    // The process dies and comes back with what the store had committed.
    void restart() {
        store.forget_submitted();
        logic_ = std::make_unique<Logic>(settings_, server_key, random);
        inbox.clear();
        kicked.clear();
    }
    void feed(Input input) {
        carry_out(logic_->step(now, random, std::move(input)));
        while (!hold_store) {
            auto done = store.collect();
            if (done.empty()) return;
            for (StoreDone& each : done)
                carry_out(logic_->step(now, random, std::move(each)));
        }
    }
    void send_bytes(const UserId& user, Bytes bytes) { feed(ClientFrame{user, std::move(bytes)}); }
    RequestId send(const UserId& user, Request request) {
        const RequestId id = next_id_++;
        send_bytes(user, encode(RequestFrame{id, std::move(request)}));
        return id;
    }
    // Sends, and returns the reply to it; what else came stays in the inbox.
    Reply ask(const UserId& user, Request request) {
        const RequestId id = send(user, std::move(request));
        auto& frames = inbox[user];
        for (auto frame = frames.begin(); frame != frames.end(); ++frame) {
            if (frame->id != id) continue;
            Reply reply = std::move(frame->reply);
            frames.erase(frame);
            return reply;
        }
        ADD_FAILURE() << "no reply";
        return Error{};
    }
    template <class R>
    R ask_for(const UserId& user, Request request) {
        const Reply reply = ask(user, std::move(request));
        if (const auto* wanted = std::get_if<R>(&reply)) return *wanted;
        const auto* error = std::get_if<Error>(&reply);
        // An exception ends the test here, with this text.
        throw std::runtime_error(error != nullptr ? std::string(to_string(error->code))
                                                  : "another kind of reply");
    }
    ErrorCode error_of(const UserId& user, Request request) {
        return ask_for<Error>(user, std::move(request)).code;
    }
    // All pushes of one kind that came so far, removed from the inbox.
    template <class P>
    std::vector<P> pushes(const UserId& user) {
        std::vector<P> all;
        auto& frames = inbox[user];
        for (auto frame = frames.begin(); frame != frames.end();) {
            if (auto* push = std::get_if<P>(&frame->reply); push != nullptr && frame->id == 0) {
                all.push_back(std::move(*push));
                frame = frames.erase(frame);
            } else {
                ++frame;
            }
        }
        return all;
    }

    // --- logins, the client's half ---------------------------------------------------------
    struct Challenged {
        crypto::LoginContext context;
        ChallengeProof proof;
    };
    Challenged challenge(const UserId& user, crypto::LoginPurpose purpose,
                         crypto::LoginSubject subject) {
        const Bytes32 cnonce = random.array<32>();
        const auto reply =
            ask_for<Challenge>(user, ChallengeRequest{purpose, std::move(subject), cnonce});
        return {context_of(server_key, user, purpose, cnonce, reply), proof_of(cnonce, reply)};
    }
    Register register_of(const UserId& user, const Person& person) {
        const auto c = challenge(user, crypto::LoginPurpose::register_account, person.username);
        return register_request(person, c.context, c.proof);
    }
    LoginDevice device_login_of(const UserId& user, const Person& person) {
        const auto c = challenge(user, crypto::LoginPurpose::login, person.subject());
        return {person.account(), person.device(), c.proof,
                crypto::sign_device_login(person.dsk, c.context, person.subject())};
    }
    LoginPassword password_login_of(const UserId& user, const Person& person) {
        const auto c = challenge(user, crypto::LoginPurpose::login, person.username);
        return {false, person.username, c.proof,
                crypto::sign_password_login(person.login_key, c.context, person.username)};
    }
    ChangePassword change_of(const UserId& user, const Person& person, const crypto::OwnLk& fresh) {
        const auto c = challenge(user, crypto::LoginPurpose::change_password, person.username);
        return change_password(person, fresh, c.context, c.proof);
    }
    Person person(std::string username) { return Person::make(random, std::move(username)); }
    // Registers over a new connection and stays logged in there.
    UserId join(const Person& person) {
        const UserId user = connect();
        logged_in(user, register_of(user, person));
        return user;
    }
    UserId log_in(const Person& person) {
        const UserId user = connect();
        logged_in(user, device_login_of(user, person));
        return user;
    }
    LoggedIn logged_in(const UserId& user, Request request) {
        const Reply reply = ask(user, std::move(request));
        if (const auto* in = std::get_if<LoggedIn>(&reply)) return *in;
        ADD_FAILURE() << "not logged in";
        return {SessionKind::device, id<AccountId>(0), "", 0, "", 0, 0, false};
    }
    // Gives the person a mailbox token and returns it.
    MailboxToken give_token(const UserId& user, std::uint8_t fill) {
        const auto token = id<MailboxToken>(fill);
        (void)ask_for<Ok>(user, SetMailboxToken{hash_of(token), false});
        return token;
    }
    Logic& logic() { return *logic_; }

    bool hold_store = false;  // leave the store's answers where they are

private:
    void carry_out(Outputs outputs) {
        for (Output& output : outputs) {
            if (auto* frame = std::get_if<SendFrame>(&output)) {
                auto decoded = decode_reply(frame->bytes);
                ASSERT_TRUE(decoded.has_value()) << "the server sent what no client reads";
                inbox[frame->user].push_back(std::move(*decoded));
            } else if (auto* request = std::get_if<StoreRequest>(&output)) {
                std::vector<StoreRequest> one;
                one.push_back(std::move(*request));
                store.submit(std::move(one));
            } else if (const auto* kick = std::get_if<Kick>(&output)) {
                kicked.insert(kick->user);
            } else {
                hints.push_back(std::get<MailHint>(output));
            }
        }
    }

    Settings settings_;
    std::unique_ptr<Logic> logic_;
    RequestId next_id_ = 1;
};

inline PutMail mail_to(const Person& to, const MailboxToken& token, std::uint8_t envelope,
                       std::size_t size = 600) {
    return {.account = to.account(),
            .device = to.device(),
            .envelope = id<EnvelopeId>(envelope),
            .authority = PutAuthority::mailbox_token,
            .token = token,
            .stored = true,
            .item = filled(size, envelope)};
}

}  // namespace sotto::rendezvous::testing
