// The worked examples of docs/protocol.md, run through the program itself.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crypto/primitives.hpp"
#include "crypto/random.hpp"

namespace {

using nlohmann::json;

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

std::string docs(const std::string& name) {
    return std::string(SOTTO_SOURCE_DIR) + "/docs/" + name;
}

/// A folder of its own, below the system's temporary one, that goes with the test.
class VectorsProgram : public ::testing::Test {
protected:
    VectorsProgram() {
        std::string name =
            (std::filesystem::temp_directory_path() / "sotto-vectors-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~VectorsProgram() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string file(const std::string& name) const {
        return (folder_ / name).string();
    }
    /// Runs the program on a file; nothing when it refuses. What it said is in output_file().
    [[nodiscard]] std::optional<json> run(const std::string& input) const {
        const std::string command = std::string("'") + SOTTO_VECTORS_PROGRAM + "' <'" + input +
                                    "' >'" + output_file() + "' 2>&1";
        if (std::system(command.c_str()) != 0) return std::nullopt;
        return json::parse(content_of(output_file()));
    }
    [[nodiscard]] std::string output_file() const { return file("output.json"); }

private:
    std::filesystem::path folder_;
};

class WorkedExample : public VectorsProgram, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Suites, WorkedExample, ::testing::Values("classical", "hybrid"),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(WorkedExample, GivesWhatIsWrittenDown) {
    const std::string name = GetParam();
    if (name == "hybrid" && !sotto::crypto::hybrid_available())
        GTEST_SKIP() << "this libsodium has no X-Wing";
    const auto got = run(docs("vectors/" + name + ".input.json"));
    ASSERT_TRUE(got);
    const json expected = json::parse(content_of(docs("vectors/" + name + ".output.json")));
    EXPECT_EQ(json::diff(expected, *got).dump(), "[]");
}

/// The text between ````kind` and ``` that begins with a brace; the page has one of each kind.
std::string block_of_the_page(const std::string& kind) {
    const std::string text = content_of(docs("protocol.md"));
    const std::string fence = "```" + kind + "\n";
    const auto from = text.find(fence + "{");
    if (from == std::string::npos) return {};
    const auto begin = from + fence.size();
    return text.substr(begin, text.find("```", begin) - begin);
}

/// As the page shows it: values of more than 70 bytes are cut, and their size is named.
void shorten(nlohmann::ordered_json& part) {
    if (part.is_structured())
        for (auto& each : part)
            shorten(each);
    if (!part.is_string()) return;
    const auto hex = part.get<std::string>();
    if (hex.size() > 2 * 70)
        part = hex.substr(0, 32) + ".. (" + std::to_string(hex.size() / 2) + " bytes)";
}

using WorkedExampleInTheText = VectorsProgram;

TEST_F(WorkedExampleInTheText, TheInputIsTheOneInTheFile) {
    EXPECT_EQ(json::parse(block_of_the_page("json")),
              json::parse(content_of(docs("vectors/hybrid.input.json"))));
}

// Letter by letter, so also in this order. When it fails, `Which is:` is what belongs there.
TEST_F(WorkedExampleInTheText, TheOutputIsWhatTheProgramPrints) {
    std::string printed = docs("vectors/hybrid.output.json");  // see GivesWhatIsWrittenDown
    if (sotto::crypto::hybrid_available()) {
        ASSERT_TRUE(run(docs("vectors/hybrid.input.json")));
        printed = output_file();
    }
    auto expected = nlohmann::ordered_json::parse(content_of(printed));
    shorten(expected);
    EXPECT_EQ(block_of_the_page("text"), expected.dump(1) + "\n");
}

// A second implementation, written from docs/protocol.md alone (independent.py), agrees.
class Attack48Independent : public VectorsProgram {
protected:
    void SetUp() override {
        if (std::string(SOTTO_PYTHON).empty())
            GTEST_SKIP() << "NO PYTHON HERE: the second implementation did not run";
    }
    [[nodiscard]] static bool agrees(const std::string& input, const std::string& output) {
        const std::string command = std::string("'") + SOTTO_PYTHON + "' '" + SOTTO_SOURCE_DIR +
                                    "/tests/vectors/independent.py' '" + input + "' '" + output +
                                    "' 2>&1";
        return std::system(command.c_str()) == 0;
    }
    /// Both write in turns of one to four; from nothing to some kilobytes.
    [[nodiscard]] static json twenty_messages() {
        sotto::crypto::SeededRandom random(48);
        const auto hex = [&](std::size_t size) {
            sotto::crypto::Bytes bytes(size);
            random.fill(bytes);
            return sotto::crypto::to_hex(bytes);
        };
        json out = json::array();
        std::string before = "alice";
        for (std::size_t n = 0; n < 20; ++n) {
            const std::string from = n < 2 || n % 5 < 3 ? "alice" : "bob";
            json message{{"from", from},
                         {"content", hex(n * n * 11)},
                         {"header_nonce", hex(24)},
                         {"body_nonce", hex(24)}};
            if (from != before) message["dhs"] = hex(32);
            before = from;
            out.push_back(std::move(message));
        }
        return out;
    }
};

TEST_F(Attack48Independent, OnTheWorkedExamples) {
    for (const std::string name : {"classical", "hybrid"})
        EXPECT_TRUE(agrees(docs("vectors/" + name + ".input.json"),
                           docs("vectors/" + name + ".output.json")));
}

TEST_F(Attack48Independent, OnTwentyMessagesOfOtherKeys) {
    json input = json::parse(content_of(docs("vectors/classical.input.json")));
    input["messages"] = twenty_messages();
    input["alice"]["dik"] = std::string(64, '7');
    input["handshake"]["ek"] = std::string(64, '5');
    input["vault"]["passphrase"] = "";
    input["vault"]["memory"] = 200 * 1024;  // no multiple of what Argon2 rounds to
    input["vault"]["ops"] = 1;
    input["login"]["username"] = "x.y-z_0123456789";
    input["login"]["purpose"] = 2;
    std::ofstream(file("input.json")) << input;
    ASSERT_TRUE(run(file("input.json"))) << content_of(output_file());
    EXPECT_TRUE(agrees(file("input.json"), output_file()));
}

TEST_F(Attack48Independent, AndWouldNoticeADifference) {
    for (const char* part :
         {"/seal/item", "/messages/3/mk", "/messages/0/dh_step/ck", "/prekeys/prerec",
          "/handshake/th", "/vault/header", "/vault/argon2id", "/login/pwlogin", "/login/devlogin",
          "/login/pwchange", "/login/pwchangepop", "/login/challenge_mac",
          "/login/challenge_mac_device"}) {
        json output = json::parse(content_of(docs("vectors/classical.output.json")));
        auto& digits = output.at(json::json_pointer(part)).get_ref<std::string&>();
        digits.back() = digits.back() == '0' ? '1' : '0';
        std::ofstream(file("changed.json")) << output;
        EXPECT_FALSE(agrees(docs("vectors/classical.input.json"), file("changed.json"))) << part;
    }
}

TEST_F(Attack48Independent, AndWouldNoticeAValueItDoesNotKnow) {
    json output = json::parse(content_of(docs("vectors/classical.output.json")));
    output["login"]["another"] = "00";
    std::ofstream(file("changed.json")) << output;
    EXPECT_FALSE(agrees(docs("vectors/classical.input.json"), file("changed.json")));
}

using BadInput = VectorsProgram;
TEST_F(BadInput, IsRefusedWithAMessage) {
    const std::string path = file("input.json");
    json input = json::parse(content_of(docs("vectors/classical.input.json")));
    for (const char* field : {"ek", "dhs"}) {
        json broken = input;
        broken["handshake"][field] = "00";
        std::ofstream(path) << broken;
        EXPECT_FALSE(run(path)) << field;
        EXPECT_NE(content_of(output_file()).find(field), std::string::npos);
    }
    std::ofstream(path) << "{";
    EXPECT_FALSE(run(path));
}

}  // namespace
