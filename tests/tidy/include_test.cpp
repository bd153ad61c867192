// Every include of the programs against the table of docs/architecture.md: who may know whom.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::tidy {
namespace {

using Names = std::vector<std::string_view>;

struct Area {
    std::string_view prefix;  // of the files; the longest that fits decides
    Names may_include;        // prefixes of our own headers
    bool pure = false;        // besides them only what cannot touch a clock, file, thread or chance
};

const Names peer_values{"peer/model.hpp", "peer/notice.hpp", "peer/input.hpp", "peer/output.hpp",
                        "peer/server_link.hpp"};

Names with_values(Names names) {
    names.insert(names.end(), peer_values.begin(), peer_values.end());
    return names;
}

const Names server_words{"crypto/", "rendezvous/protocol", "rendezvous/wire_", "rendezvous/store",
                         "rendezvous/bus.hpp"};

const std::vector<Area>& areas() {
    static const std::vector<Area> table{
        {"crypto/", {"crypto/"}},
        {"rendezvous/", {"crypto/", "rendezvous/"}},
        {"rendezvous/protocol", server_words, true},
        {"rendezvous/wire_", server_words, true},
        {"rendezvous/store", server_words, true},
        {"rendezvous/bus.hpp", server_words, true},
        {"rendezvous/logic/",
         {"crypto/", "rendezvous/protocol", "rendezvous/store", "rendezvous/bus.hpp",
          "rendezvous/logic/"},
         true},
        {"peer/", with_values({"crypto/", "rendezvous/protocol"})},
        {"peer/main.cpp", {"crypto/", "peer/"}},
        {"peer/wire/", with_values({"crypto/", "peer/wire/"}), true},
        {"peer/engine/",
         with_values({"crypto/", "peer/engine/", "peer/wire/", "rendezvous/protocol"}), true},
        {"peer/store/", with_values({"crypto/", "peer/store/"})},
        {"peer/transport/", with_values({"crypto/", "peer/transport/"})},
        {"peer/runtime/", with_values({"crypto/", "peer/engine/", "peer/runtime/", "peer/store/",
                                       "peer/transport/", "peer/wire/"})},
        {"peer/cli/", with_values({"crypto/", "peer/cli/", "peer/runtime/", "peer/wire/utf8.hpp"})},
        {"ui/", with_values({"crypto/", "ui/"})},
        {"ui/app", with_values({"crypto/", "ui/", "peer/runtime/"})},
        {"ui/main.cpp", with_values({"crypto/", "ui/", "peer/runtime/"})},
    };
    return table;
}

// Libraries that one part alone may know.
struct Owned {
    std::string_view header;
    Names users;  // prefixes of files
};

const std::vector<Owned>& owned() {
    static const std::vector<Owned> table{
        {"sodium", {"crypto/"}},
        {"zmq", {"peer/transport/", "peer/cli/", "rendezvous/"}},
        {"sqlite3.h", {"peer/store/", "rendezvous/"}},
        {"SDL", {"ui/"}},
        {"imgui", {"ui/"}},
        {"nlohmann/", {"peer/cli/", "rendezvous/"}},
        {"CLI/", {"peer/cli/", "rendezvous/", "ui/"}},
        {"spdlog/", {"rendezvous/"}},
        {"msgpack", {"rendezvous/", "peer/wire/"}},
    };
    return table;
}

// Standard headers that lead out of a pure function.
constexpr std::array<std::string_view, 14> worldly{"chrono",     "condition_variable",
                                                   "cstdio",     "ctime",
                                                   "filesystem", "fstream",
                                                   "future",     "iostream",
                                                   "mutex",      "random",
                                                   "semaphore",  "stop_token",
                                                   "thread",     "atomic"};

bool starts_with_any(std::string_view text, const Names& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return text.starts_with(prefix); });
}

const Area* area_of(std::string_view file) {
    const Area* found = nullptr;
    for (const Area& area : areas()) {
        const bool closer = found == nullptr || area.prefix.size() > found->prefix.size();
        if (file.starts_with(area.prefix) && closer) found = &area;
    }
    return found;
}

// Why `file` may not include this header; nothing when it may.
std::optional<std::string> objection(std::string_view file, std::string_view header, bool ours) {
    const Area* area = area_of(file);
    if (area == nullptr) return "no rule says what this file may include";
    if (ours) {
        if (starts_with_any(header, area->may_include)) return std::nullopt;
        return "not a direction of docs/architecture.md";
    }
    for (const Owned& library : owned()) {
        if (header.starts_with(library.header) && !starts_with_any(file, library.users)) {
            return "this library is another part's";
        }
    }
    if (!area->pure || header == "msgpack.hpp") return std::nullopt;  // msgpack only counts bytes
    const bool standard = header.find_first_of("./") == std::string_view::npos;
    if (!standard || std::find(worldly.begin(), worldly.end(), header) != worldly.end()) {
        return "this part is pure";
    }
    return std::nullopt;
}

// Calls `see(file, line)` for every line of the programs.
template <class See>
void for_each_line(const See& see) {
    const std::filesystem::path root = SOTTO_SOURCE_DIR;
    for (const char* folder : {"crypto", "rendezvous", "peer", "ui"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const std::string kind = entry.path().extension().string();
            if (kind != ".cpp" && kind != ".hpp") continue;
            const std::string file = entry.path().lexically_relative(root).generic_string();
            std::ifstream stream(entry.path());
            for (std::string line; std::getline(stream, line);)
                see(file, line);
        }
    }
}

TEST(Includes, RunInTheDirectionsOfTheArchitecture) {
    static const std::regex include(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    std::size_t seen = 0;
    for_each_line([&](const std::string& file, const std::string& line) {
        std::smatch parts;
        if (!std::regex_search(line, parts, include)) return;
        ++seen;
        const auto why = objection(file, parts[2].str(), parts[1].str() == "\"");
        EXPECT_FALSE(why.has_value()) << file << " includes " << parts[2] << ": " << *why;
    });
    EXPECT_GT(seen, 1000U) << "the tree was not read";
}

// docs/zeromq.md: a socket made elsewhere would keep none of the rules.
TEST(Sockets, AreMadeWhereTheirRulesStand) {
    const Names rules{"peer/transport/zmq_rules.cpp", "rendezvous/router_socket.cpp"};
    const Names inside_the_process{"peer/transport/zap_handler.cpp", "rendezvous/zap_handler.cpp"};
    const Names no_peer_at_all{"rendezvous/doctor_examine.cpp"};  // tries whether a port is free
    static const std::regex made(R"re(socket_type::(\w+)|zmq_socket\()re");
    std::size_t seen = 0;
    for_each_line([&](const std::string& file, const std::string& line) {
        std::smatch parts;
        if (!std::regex_search(line, parts, made)) return;
        ++seen;
        const bool inproc = parts[1] == "rep" || parts[1] == "pair";
        const bool allowed = starts_with_any(file, rules) ||
                             starts_with_any(file, no_peer_at_all) ||
                             (inproc && starts_with_any(file, inside_the_process));
        EXPECT_TRUE(allowed) << file << ": " << line;
    });
    EXPECT_GE(seen, 6U) << "the tree was not read";
}

TEST(Includes, WrongDirectionsAreSeen) {
    EXPECT_TRUE(objection("peer/engine/engine.cpp", "peer/store/store.hpp", true).has_value());
    EXPECT_TRUE(objection("peer/wire/envelope.cpp", "chrono", false).has_value());
    EXPECT_TRUE(objection("peer/engine/login.cpp", "unistd.h", false).has_value());
    EXPECT_TRUE(objection("rendezvous/logic/login.cpp", "rendezvous/sqlite_store.hpp", true));
    EXPECT_TRUE(objection("peer/store/profile.cpp", "sodium.h", false).has_value());
    EXPECT_TRUE(objection("ui/home_view.cpp", "peer/runtime/runtime.hpp", true).has_value());
    EXPECT_TRUE(objection("crypto/seal.cpp", "peer/model.hpp", true).has_value());
    EXPECT_FALSE(objection("ui/app.cpp", "peer/runtime/runtime.hpp", true).has_value());
}

}  // namespace
}  // namespace sotto::tidy
