// What every benchmark prints: one JSON object per result, on one line.
//
// A result is the median of its runs with the smallest and the largest as spread. Where something
// stands beside Sotto in the same run, `against` names it, and `ratio` is above 1 when Sotto is
// better.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sotto::bench {

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The value below which `share` of the samples lie. Not of an empty list.
[[nodiscard]] inline double percentile(std::vector<double> samples, double share) {
    std::sort(samples.begin(), samples.end());
    const auto last = static_cast<double>(samples.size() - 1);
    return samples[static_cast<std::size_t>(share * last + 0.5)];
}
[[nodiscard]] inline double median(const std::vector<double>& samples) {
    return percentile(samples, 0.5);
}

/// What ran beside, and how many times better Sotto did. Both must have done the same work.
struct Against {
    std::string_view name;
    double ratio = 0;
};
/// For times.
[[nodiscard]] inline Against less_than(std::string_view name, double theirs, double ours) {
    return {.name = name, .ratio = theirs / ours};
}
/// For rates.
[[nodiscard]] inline Against more_than(std::string_view name, double theirs, double ours) {
    return {.name = name, .ratio = ours / theirs};
}

/// One line. `parameters`: e.g. {"rows", 1000000}.
inline void report(std::string_view bench, std::string_view name,
                   std::initializer_list<std::pair<std::string_view, std::uint64_t>> parameters,
                   const std::vector<double>& samples, double value, std::string_view unit,
                   const std::optional<Against>& against) {
    const auto text = [](std::string_view view) { return static_cast<int>(view.size()); };
    std::printf("{\"bench\":\"%.*s\",\"case\":\"%.*s\"", text(bench), bench.data(), text(name),
                name.data());
    for (const auto& [key, number] : parameters) {
        std::printf(",\"%.*s\":%llu", text(key), key.data(),
                    static_cast<unsigned long long>(number));
    }
    std::printf(",\"value\":%.6g,\"unit\":\"%.*s\",\"spread\":[%.6g,%.6g],\"runs\":%zu", value,
                text(unit), unit.data(), *std::min_element(samples.begin(), samples.end()),
                *std::max_element(samples.begin(), samples.end()), samples.size());
    if (against) {
        std::printf(",\"against\":\"%.*s\",\"ratio\":%.3g", text(against->name),
                    against->name.data(), against->ratio);
    }
    std::printf("}\n");
    std::fflush(stdout);
}

}  // namespace sotto::bench
