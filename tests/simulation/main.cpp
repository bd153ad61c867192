// Worlds from seeds: as tests, and by hand with --seed N --runs M [--canary K] [--verbose].
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "crypto/init.hpp"
#include "tests/support/sim_world.hpp"

namespace sotto::sim {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t world_count = 100;  // about ten times as slow
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t world_count = 100;
#else
constexpr std::uint64_t world_count = 1000;
#endif
#else
constexpr std::uint64_t world_count = 1000;
#endif

TEST(Simulation, SeedsThatFailedOnce) {
    std::ifstream file(SOTTO_SOURCE_DIR "/tests/simulation/seeds.txt");
    ASSERT_TRUE(file);
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        const Result result = run_world(Options::draw(std::stoull(line)));
        EXPECT_TRUE(result.good) << result.problem;
    }
}

TEST(Simulation, Worlds) {
    for (std::uint64_t seed = 1; seed <= world_count; ++seed) {
        const Result result = run_world(Options::draw(seed));
        ASSERT_TRUE(result.good) << result.problem;
    }
}

// Without trouble, everything a person waits for is there within seconds.
TEST(Simulation, CalmWorldIsQuick) {
    Options options;
    options.seed = 1;
    options.direct = 1000;
    const Result result = run_world(options);
    EXPECT_TRUE(result.good) << result.problem;
    EXPECT_GT(result.links, 0U);
}

TEST(Simulation, TheSameSeedIsTheSameWorld) {
    const Result first = run_world(Options::draw(42));
    const Result second = run_world(Options::draw(42));
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first.frames, second.frames);
    EXPECT_EQ(first.simulated_ms, second.simulated_ms);
}

// The checker must see what it is there for: in some world of a handful, for each kind of sin.
void expect_seen(Canary canary) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Options options = Options::draw(seed);
        options.canary = canary;
        options.peer_crash = 20;
        if (!run_world(options).good) return;
    }
    FAIL() << "the checker did not see it";
}
TEST(Canary, StoreForgetsCommits) {
    expect_seen(Canary::store_forgets_commits);
}
TEST(Canary, StoreForgetsContacts) {
    expect_seen(Canary::store_forgets_contacts);
}
TEST(Canary, ServerForgetsMail) {
    expect_seen(Canary::server_forgets_mail);
}
TEST(Canary, NetworkShowsText) {
    expect_seen(Canary::network_shows_text);
}

int run_by_hand(std::uint64_t seed, std::uint64_t runs, Canary canary, bool verbose) {
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t failed = 0;
    Result total;
    for (std::uint64_t i = 0; i < runs; ++i) {
        Options options = Options::draw(seed + i);
        options.canary = canary;
        if (verbose) std::cout << options.describe() << std::endl;
        const Result result = run_world(options);
        total.steps += result.steps;
        total.frames += result.frames;
        total.links += result.links;
        total.messages += result.messages;
        total.simulated_ms += result.simulated_ms;
        if (!result.good) {
            ++failed;
            std::cout << "FAILED: " << result.problem << std::endl;
        }
        if (verbose) {
            std::cout << "  -> " << (result.good ? "good" : "bad") << " after "
                      << result.simulated_ms << " ms, " << result.frames << " frames, "
                      << result.links << " links" << std::endl;
        }
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    std::cout << runs << " worlds, " << failed << " failed, " << took.count() << " ms; "
              << total.messages << " messages stored, " << total.frames << " frames, "
              << total.links << " direct links, " << total.steps << " events, "
              << total.simulated_ms / 1000 << " s simulated\n";
    return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sotto::sim

int main(int argc, char** argv) {
    sotto::crypto::initialise();
    testing::InitGoogleTest(&argc, argv);
    std::uint64_t seed = 1;
    std::uint64_t runs = 0;
    std::uint64_t canary = 0;
    bool verbose = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        const auto value = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
        if (option == "--seed") {
            seed = value();
            if (runs == 0) runs = 1;
        } else if (option == "--runs") {
            runs = value();
        } else if (option == "--canary") {
            canary = value();
        } else if (option == "--verbose") {
            verbose = true;
        } else {
            std::cerr << "usage: simulation [--seed N] [--runs M] [--canary K] [--verbose]\n";
            return 2;
        }
    }
    if (runs == 0) return RUN_ALL_TESTS();
    return sotto::sim::run_by_hand(seed, runs, static_cast<sotto::sim::Canary>(canary), verbose);
}
