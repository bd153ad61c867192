// What the pure archives call: nothing that reads a clock, a file, a socket, the environment or
// chance, so that a world of peers can be played again from its seed.
#include "tests/tidy/command_output.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>

namespace sotto::tidy {
namespace {

// Names as `nm` prints them, C functions and C++ ones.
const std::regex& worldly() {
    static const std::regex names(
        "^(clock_gettime|gettimeofday|time|clock|nanosleep|usleep|sleep|poll|select|epoll_.*|"
        "socket|connect|bind|send|recv|open|open64|fopen|fopen64|read|write|getenv|secure_getenv|"
        "rand|random|srand|getrandom|pthread_create|puts|printf|fprintf|fwrite|syslog|"
        "zmq_.*|sqlite3_.*|sodium_.*|randombytes.*|sd_.*|"
        "std::chrono::.*::now.*|std::random_device.*|std::thread.*|std::basic_[io]?f(ile|stream).*|"
        "std::(cout|cerr|clog|cin)|std::filesystem::.*|std::__cxx11::basic_[io]?fstream.*)$");
    return names;
}

std::string without_version(const std::string& name) {
    return name.substr(0, name.find('@'));
}

std::string worldly_symbols(const std::string& archive) {
    std::istringstream lines(output_of(std::string(SOTTO_NM) + " -uC '" + archive + "'"));
    std::string found;
    for (std::string line; std::getline(lines, line);) {
        const auto mark = line.find(" U ");
        if (mark == std::string::npos) continue;
        const std::string name = without_version(line.substr(mark + 3));
        if (std::regex_match(name, worldly())) found += name + "\n";
    }
    return found;
}

TEST(Purity, PureArchivesTouchNothingOfTheWorld) {
    std::istringstream archives(SOTTO_PURE_ARCHIVES);
    std::size_t seen = 0;
    for (std::string archive; archives >> archive; ++seen) {
        ASSERT_FALSE(output_of(std::string(SOTTO_NM) + " -uC '" + archive + "'").empty())
            << archive;
        EXPECT_EQ(worldly_symbols(archive), "") << archive;
    }
    EXPECT_EQ(seen, 4U);
}

TEST(Purity, AWorldlyArchiveIsSeen) {
    EXPECT_NE(worldly_symbols(SOTTO_WORLDLY_ARCHIVE), "");
}

}  // namespace
}  // namespace sotto::tidy
