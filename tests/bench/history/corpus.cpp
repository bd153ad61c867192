#include "corpus.hpp"

#include <array>
#include <cmath>

namespace sotto::bench {
namespace {

constexpr std::array onsets{"b",  "c",  "d",  "f",  "g",  "h",  "j",  "l",  "m",  "n",
                            "p",  "r",  "s",  "t",  "v",  "br", "ch", "cl", "cr", "dr",
                            "fr", "gr", "pl", "pr", "sh", "sp", "st", "th", "tr", ""};
constexpr std::array nuclei{"a", "e", "i", "o", "u", "ai", "ea", "ee", "é", "è", "ou", "oi"};
constexpr std::array codas{"", "", "", "", "n", "r", "s", "t", "l", "m", "ng", "nd", "st", "ck"};
constexpr std::size_t vocabulary = 30'000;

}  // namespace

Corpus::Corpus(std::uint32_t seed) : random_(seed) {
    words_.reserve(vocabulary);
    for (std::size_t i = 0; i < vocabulary; ++i) {
        std::string word;
        // Frequent words are short.
        const std::size_t syllables = i < 60 ? 1 : 1 + draw(i < 2000 ? 2 : 4);
        for (std::size_t n = 0; n < syllables; ++n) {
            word += onsets[draw(onsets.size())];
            word += nuclei[draw(nuclei.size())];
            word += codas[draw(codas.size())];
        }
        words_.push_back(std::move(word));
    }
}

std::uint32_t Corpus::draw(std::size_t below) {
    return std::uniform_int_distribution<std::uint32_t>(
        0, static_cast<std::uint32_t>(below - 1))(random_);
}

const std::string& Corpus::word() {
    const double u = std::uniform_real_distribution<double>(0, 1)(random_);
    const auto rank = static_cast<std::size_t>(std::pow(static_cast<double>(vocabulary), u)) - 1;
    return words_[std::min(rank, vocabulary - 1)];
}

const std::string& Corpus::any_word() {
    return words_[draw(words_.size())];
}

std::string Corpus::message(std::size_t size) {
    std::string text;
    while (text.size() + 4 < size) {
        if (!text.empty()) text += ' ';
        text += word();
    }
    return text;
}

}  // namespace sotto::bench
