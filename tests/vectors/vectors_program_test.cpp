// The worked examples of docs/protocol.md, run through the program itself.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crypto/primitives.hpp"

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

TEST(WorkedExampleInTheText, IsTheOneInTheFile) {
    const std::string text = content_of(docs("protocol.md"));
    const auto from = text.find("```json\n");
    ASSERT_NE(from, std::string::npos);
    const auto to = text.find("```", from + 8);
    EXPECT_EQ(json::parse(text.substr(from + 8, to - from - 8)),
              json::parse(content_of(docs("vectors/hybrid.input.json"))));
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
