// Do two ways to answer take the same time? Welch's t on trimmed samples (Yuen), for a noisy
// machine.
//
// Trimming: a fifth of each end. What a busy machine adds now and then lies in the upper end, and a
// difference between the two ways moves the whole distribution, its middle as well.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace sotto::test {

struct TrimmedSample {
    double mean = 0;
    double squared_error = 0;  // of the mean
};

inline TrimmedSample trimmed(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t cut = values.size() / 5;
    const auto kept = static_cast<double>(values.size() - 2 * cut);
    const double least = values[cut];
    const double most = values[values.size() - 1 - cut];
    double sum = 0;
    for (std::size_t i = cut; i < values.size() - cut; ++i)
        sum += values[i];
    // The variance is that of the winsorised sample: what was cut counts as the last that was not.
    double winsorised_mean = 0;
    for (double& value : values) {
        value = std::clamp(value, least, most);
        winsorised_mean += value / static_cast<double>(values.size());
    }
    double squares = 0;
    for (const double value : values)
        squares += (value - winsorised_mean) * (value - winsorised_mean);
    return {.mean = sum / kept, .squared_error = squares / (kept * (kept - 1))};
}

/// Positive when `b` takes longer.
inline double welch_t(const std::vector<double>& a, const std::vector<double>& b) {
    const TrimmedSample first = trimmed(a);
    const TrimmedSample second = trimmed(b);
    return (second.mean - first.mean) / std::sqrt(first.squared_error + second.squared_error);
}

}  // namespace sotto::test
