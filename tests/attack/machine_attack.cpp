// Attacks 46, 47 and 48: generators, comparisons, clocks, frozen bytes.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "crypto/init.hpp"
#include "crypto/verify.hpp"
#include "tests/attack/slow_ratchet.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

// --- 46 ---------------------------------------------------------------------------------------

struct Line {
    std::string where;
    std::string code;  // without its comment
};

std::vector<Line> lines_of(std::initializer_list<const char*> folders) {
    namespace fs = std::filesystem;
    std::vector<Line> out;
    for (const char* folder : folders)
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(SOTTO_SOURCE_DIR) / folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".cpp" && extension != ".hpp") continue;
            std::ifstream file(entry.path());
            std::string line;
            for (int number = 1; std::getline(file, line); ++number) {
                const std::string where = fs::relative(entry.path(), SOTTO_SOURCE_DIR).string() +
                                          ":" + std::to_string(number);
                out.push_back({where, line.substr(0, line.find("//"))});
            }
        }
    return out;
}

std::vector<std::string> matches(const std::vector<Line>& lines, const char* pattern) {
    const std::regex regex(pattern);
    std::vector<std::string> out;
    for (const Line& line : lines)
        if (std::regex_search(line.code, regex)) out.push_back(line.where + ": " + line.code);
    return out;
}

// Only libsodium's generator makes keys, ids, nonces and tokens.
TEST(Attack46Generators, NoRandInTheProgram) {
    const std::vector<Line> lines = lines_of({"crypto", "rendezvous", "peer", "ui"});
    ASSERT_GT(lines.size(), 5000U);
    const auto none = ::testing::IsEmpty();
    EXPECT_THAT(matches(lines, R"((^|[^\w])(rand|rand_r|drand48|lrand48)\s*\(\s*\))"), none);
    EXPECT_THAT(matches(lines, R"(\b(mt19937|minstd_rand|default_random_engine|ranlux))"), none);
    // The gate itself sees what it is there for.
    EXPECT_EQ(matches({{"x", "int i = rand();"}, {"x", "int i = std::rand ( );"}},
                      R"((^|[^\w])(rand|rand_r|drand48|lrand48)\s*\(\s*\))")
                  .size(),
              2U);
    // std::random_device: in crypto/ nowhere.
    EXPECT_THAT(matches(lines_of({"crypto"}), R"(\brandom_device\b)"), none);
}

TEST(Attack46Comparisons, NoMemcmpAndNoPlainEqualityOfSecrets) {
    const std::vector<Line> lines = lines_of({"crypto", "rendezvous", "peer"});
    EXPECT_THAT(matches(lines, R"(\b(memcmp|bcmp|strcmp|strncmp)\s*\()"), ::testing::IsEmpty());
    // equal() is for public values: whoever hands it a secret, mac or token is found by name.
    EXPECT_THAT(matches(lines, R"(\b(?:std::|crypto::)?(?!constant_time_)\bequal\(.*)"
                               R"((secret|mac\b|token|seed|password|passphrase))"),
                ::testing::IsEmpty());
    // The types that hold secrets compare in constant time; a mac is compared by name.
    const std::vector<Line> crypto = lines_of({"crypto"});
    EXPECT_EQ(matches(crypto, R"(return constant_time_equal\(a\.view\(\), b\.view\(\)\))").size(),
              1U);
    EXPECT_FALSE(matches(crypto, R"(constant_time_equal\(challenge_mac)").empty() &&
                 matches(crypto, R"(constant_time_equal\(epoch_mac)").empty());
}

TEST(Attack46Generators, TwoDrawsNeverAgree) {
    SystemRandom random;
    std::set<ByteArray<16>> seen;
    for (int i = 0; i < 10'000; ++i)
        ASSERT_TRUE(seen.insert(random.array<16>()).second);
}

// --- 47 ---------------------------------------------------------------------------------------

class Attack47Clocks : public ::testing::Test {
protected:
    static constexpr std::uint64_t ten_years_ms = 3650 * day_ms;
    Party alice_ = make_party(4701, Suite::classical);
    Party bob_ = make_party(4702, Suite::classical);
};

TEST_F(Attack47Clocks, TenYearsAheadAcceptsNothingExpired) {
    const std::uint64_t later = now_ms + ten_years_ms;
    EXPECT_EQ(
        initiate(alice_.identity(), bob_.bundle(true), bob_.known(), later, alice_.random).error(),
        HandshakeError::list_expired);
    const Flight flight = fly(alice_, bob_, true);
    EXPECT_EQ(accept(bob_.identity(), bob_.keys(), flight.message, stranger, later).error(),
              HandshakeError::list_expired);
    EXPECT_TRUE(bob_.dev_list.expired(~0ULL));
    EXPECT_TRUE(bob_.prerec.expired(~0ULL));
}

TEST_F(Attack47Clocks, ExpiryIsExactToTheMillisecond) {
    const std::uint64_t list_end = bob_.dev_list.not_after_ms() + clock_tolerance_ms;
    EXPECT_FALSE(bob_.dev_list.expired(list_end));
    EXPECT_TRUE(bob_.dev_list.expired(list_end + 1));
    const std::uint64_t prekey_end = bob_.prerec.fields().not_after_ms + clock_tolerance_ms;
    const auto at = [&](std::uint64_t now) {
        return initiate(alice_.identity(), bob_.bundle(false), bob_.known(), now, alice_.random);
    };
    EXPECT_TRUE(at(prekey_end));
    EXPECT_EQ(at(prekey_end + 1).error(), HandshakeError::prekey_expired);
}

// A clock that went back: nothing crashes, nothing expires, nothing is lost.
TEST_F(Attack47Clocks, TenYearsBackLosesNothing) {
    for (const std::uint64_t now : {now_ms - ten_years_ms, std::uint64_t{0}}) {
        auto started =
            initiate(alice_.identity(), bob_.bundle(true), bob_.known(), now, alice_.random);
        ASSERT_TRUE(started);
        const auto message = decode_init_message(make_init_message(
            started->init_prefix, send(started->ratchet, "hello", alice_.random)));
        EXPECT_TRUE(accept(bob_.identity(), bob_.keys(), *message, stranger, now));
    }
    Session s = make_session(alice_, bob_);
    const Bytes late = send(s.alice, "late", alice_.random);
    ASSERT_EQ(receive(s.bob, send(s.alice, "x", alice_.random), now_ms), "x");
    EXPECT_EQ(receive(s.bob, send(s.alice, "y", alice_.random), 0), "y");
    EXPECT_EQ(receive(s.bob, late, now_ms - ten_years_ms), "late");
}

TEST_F(Attack47Clocks, ARecordCannotBeMadeToLastLonger) {
    // not_after is bound to created: 21 and 90 days, even when signed otherwise.
    PreRecFields fields = bob_.prerec.fields();
    EXPECT_EQ(fields.not_after_ms - fields.created_ms, prekey_validity_ms);
    fields.not_after_ms += 1;
    EXPECT_DEATH((void)PreRec::create(bob_.dsk, bob_.cert, fields), "");
}

// --- 48 ---------------------------------------------------------------------------------------

// Twenty messages in both directions, with turns: frozen, and read by the slow model, which was
// written from the specification alone. Other golden bytes: tests/unit/crypto/golden_test.cpp.
TEST(Attack48FrozenBytes, TwentyRatchetMessages) {
    SessionSecrets secrets{.suite = Suite::classical,
                           .sid = SessionId(ByteArray<16>{1}),
                           .associated_data = {2},
                           .root = Secret<32>(ByteArray<32>{3}),
                           .header_key = Secret<32>(ByteArray<32>{4}),
                           .next_header_key = Secret<32>(ByteArray<32>{5})};
    const OwnSpk spk = OwnSpk::from_secret(Secret<32>(ByteArray<32>{6}));
    SeededRandom random(4801);
    Twins twins = make_twins(secrets, spk, random);
    Bytes all;
    for (int i = 0; i < 20; ++i) {
        const Bytes content = text("message " + std::to_string(i));
        const bool to_bob = i % 5 < 3;
        const auto message = (to_bob ? twins.alice : twins.bob).send(content, random);
        ASSERT_TRUE(message);
        ASSERT_EQ((to_bob ? twins.bob : twins.alice).receive(*message, now_ms), content);
        all.insert(all.end(), message->begin(), message->end());
    }
    EXPECT_EQ(to_hex(ByteView(hash(label::cert_hash, {all})).first(12)),
              "0d7b49ea7ee0712f8c3e9576");
}

TEST(Attack48FrozenBytes, EncodingOfLabelsAndFields) {
    EXPECT_EQ(to_hex(enc(label::conversation, {as_bytes("ab"), {}, le_bytes(std::uint8_t{1})})),
              "08504d312f636f6e760200000061620000000001000000"
              "01");
}

}  // namespace
}  // namespace sotto::crypto::attack
