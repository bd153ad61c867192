// sotto-vectors: reads one JSON document on stdin, prints every value as JSON (docs/protocol.md,
// "Comparing implementations"). For comparing implementations only: it takes and prints secrets.
#include <exception>
#include <iostream>

#include "crypto/init.hpp"
#include "tests/vectors/report.hpp"

int main() {
    sotto::crypto::initialise();
    try {
        const auto input = sotto::vectors::Json::parse(std::cin);
        std::cout << sotto::vectors::report(input).dump(2) << '\n';
        return 0;
    } catch (const std::exception& error) {  // the JSON library's, and ours
        std::cerr << "sotto-vectors: " << error.what() << '\n';
        return 1;
    }
}
