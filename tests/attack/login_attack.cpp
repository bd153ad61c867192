// Attack 01 on the frames of a login: each bit flipped, against the real decoder and the server's
// logic. Nobody is let in, and the undamaged frames are as good as before.
#include "tests/unit/rendezvous/logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

constexpr auto login = crypto::LoginPurpose::login;

// Thousands of attempts: the limits are other tests' business.
Settings without_limits() {
    Settings settings = World::open_settings();
    settings.rates = default_rates(100'000);
    return settings;
}

class Attack01FlippedBitsOfLogins : public ::testing::Test {
protected:
    Attack01FlippedBitsOfLogins() { leave(world.join(anna)); }

    void leave(const UserId& user) {
        world.feed(ClientGone{user});
        world.inbox.erase(user);
    }
    // What the server answers to these bytes.
    std::vector<Reply> answers(const UserId& user, const Bytes& bytes) {
        world.inbox[user].clear();
        world.send_bytes(user, bytes);
        std::vector<Reply> out;
        for (ReplyFrame& frame : world.inbox[user])
            out.push_back(std::move(frame.reply));
        return out;
    }
    bool lets_in(const UserId& user, const Bytes& bytes) {
        for (const Reply& reply : answers(user, bytes))
            if (std::holds_alternative<LoggedIn>(reply)) return true;
        return false;
    }
    bool lets_in(const UserId& user, Request request) {
        return lets_in(user, encode(RequestFrame{1, std::move(request)}));
    }
    // The client's answer to a challenge for what it asked for.
    Request answer(const UserId& user, const crypto::LoginSubject& subject, const Bytes32& cnonce,
                   const Challenge& challenge) const {
        const auto context = context_of(world.server_key, user, login, cnonce, challenge);
        const auto proof = proof_of(cnonce, challenge);
        if (std::holds_alternative<crypto::DeviceLogin>(subject))
            return device_login(anna, context, proof);
        return password_login(anna, context, proof);
    }
    std::vector<crypto::LoginSubject> subjects() const { return {anna.subject(), anna.username}; }

    // `make(user)` is a login that would succeed; each of its bits is flipped in one of its own.
    template <class Make>
    void no_flip_is_let_in(Make make) {
        const std::size_t size = make(world.connect()).size();
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            const UserId user = world.connect();
            const Bytes good = make(user);
            const Bytes bad = flipped(good, bit);
            const auto read = decode_request(bad);
            if (read && read->request == decode_request(good)->request) {
                ++only_the_id;
            } else if (read && is_check_of(*read, good)) {
                // Not signed, and grants less: the answer is "right password", and no session.
                const auto said = answers(user, bad);
                ASSERT_EQ(said.size(), 1U);
                ASSERT_TRUE(std::holds_alternative<Ok>(said.front()));
                ++only_a_check;
            } else {
                ASSERT_FALSE(lets_in(user, bad)) << "bit " << bit;
                ASSERT_TRUE(lets_in(user, good)) << "bit " << bit << " spoilt something";
            }
            leave(user);
        }
        EXPECT_EQ(only_the_id, 6U);  // 1 in seven bits, without 0
    }
    static Bytes flipped(Bytes bytes, std::size_t bit) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        return bytes;
    }
    static bool is_check_of(const RequestFrame& frame, const Bytes& good) {
        auto original = decode_request(good);
        auto* const password = std::get_if<LoginPassword>(&original->request);
        if (password == nullptr) return false;
        password->check_only = !password->check_only;
        return frame.request == original->request;
    }

    World world{without_limits()};
    Person anna = world.person("anna");
    std::size_t only_the_id = 0;
    std::size_t only_a_check = 0;
};

TEST_F(Attack01FlippedBitsOfLogins, TheHello) {
    for (const auto& subject : subjects()) {
        const Bytes32 cnonce = world.random.array<32>();
        const RequestFrame asked{1, ChallengeRequest{login, subject, cnonce}};
        const Bytes good = encode(asked);
        std::size_t challenged = 0;
        for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
            const UserId user = world.connect();
            const Bytes bad = flipped(good, bit);
            const auto read = decode_request(bad);
            // Only the id, or only the purpose: that one stands in what the client signs, and the
            // challenge is as good for a login.
            bool same_challenge = read && read->request == asked.request;
            if (const auto* other =
                    read ? std::get_if<ChallengeRequest>(&read->request) : nullptr) {
                same_challenge |= other->subject == subject && other->cnonce == cnonce;
            }
            for (const Reply& reply : answers(user, bad)) {
                const auto* challenge = std::get_if<Challenge>(&reply);
                if (challenge == nullptr || same_challenge) continue;
                ++challenged;  // for something else than what the client signs
                ASSERT_FALSE(lets_in(user, answer(user, subject, cnonce, *challenge))) << bit;
            }
            const auto said = answers(user, good);
            ASSERT_EQ(said.size(), 1U) << bit;
            ASSERT_TRUE(lets_in(user, answer(user, subject, cnonce, std::get<Challenge>(said[0]))));
            leave(user);
        }
        EXPECT_GE(challenged, 8 * cnonce.size());
    }
}

TEST_F(Attack01FlippedBitsOfLogins, TheChallenge) {
    for (const auto& subject : subjects()) {
        std::size_t signed_bits = 0;
        const auto ask = [&](const UserId& user, const Bytes32& cnonce) {
            return world.ask_for<Challenge>(user, ChallengeRequest{login, subject, cnonce});
        };
        const Bytes32 cnonce = world.random.array<32>();
        const std::size_t size = encode(ReplyFrame{1, Reply(ask(world.connect(), cnonce))}).size();
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            const UserId user = world.connect();
            const Challenge real = ask(user, cnonce);
            const auto read = decode_reply(flipped(encode(ReplyFrame{1, Reply(real)}), bit));
            const auto* told = read ? std::get_if<Challenge>(&read->reply) : nullptr;
            if (told != nullptr && (told->ts_ms != real.ts_ms || told->snonce != real.snonce ||
                                    told->mac != real.mac)) {
                ++signed_bits;
                ASSERT_FALSE(lets_in(user, answer(user, subject, cnonce, *told))) << bit;
            }  // else unreadable, or what Attack28LoginVersion and RegistrationWork are about
            ASSERT_TRUE(lets_in(user, answer(user, subject, cnonce, real))) << bit;
            leave(user);
        }
        EXPECT_GE(signed_bits, 8U * (32 + 32));  // nonce and mac
    }
}

TEST_F(Attack01FlippedBitsOfLogins, TheLoginOfADevice) {
    no_flip_is_let_in([&](const UserId& user) {
        return encode(RequestFrame{1, Request(world.device_login_of(user, anna))});
    });
    EXPECT_EQ(only_a_check, 0U);
}

TEST_F(Attack01FlippedBitsOfLogins, TheLoginWithAPassword) {
    no_flip_is_let_in([&](const UserId& user) {
        return encode(RequestFrame{1, Request(world.password_login_of(user, anna))});
    });
    EXPECT_EQ(only_a_check, 1U);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
