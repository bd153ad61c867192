// Messages that look like language to an index: words of syllables, used as often as Zipf says.
//
// The same for the same seed. Real mail has more different words; a text of few syllables is the
// harder case for an index of three-letter pieces, so these times are no better than real ones.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sotto::bench {

class Corpus {
public:
    explicit Corpus(std::uint32_t seed);
    /// About `size` bytes.
    [[nodiscard]] std::string message(std::size_t size);
    /// As often as in the messages.
    [[nodiscard]] const std::string& word();
    /// All alike: mostly rare ones.
    [[nodiscard]] const std::string& any_word();
    [[nodiscard]] std::uint32_t draw(std::size_t below);

private:
    std::mt19937 random_;
    std::vector<std::string> words_;
};

}  // namespace sotto::bench
