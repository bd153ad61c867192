#include "ui/row_heights.hpp"

#include <algorithm>
#include <bit>

namespace sotto::ui {

namespace {

[[nodiscard]] std::size_t lowest_bit(std::size_t i) {
    return i & (~i + 1);
}

}  // namespace

void RowHeights::reset(std::size_t count) {
    heights_.assign(count, estimate_);
    measured_.assign(count, 0);
    rebuild();
}

void RowHeights::append(std::size_t count) {
    tree_.resize(std::max<std::size_t>(tree_.size(), 1));
    for (std::size_t n = 0; n < count; ++n) {
        heights_.push_back(estimate_);
        measured_.push_back(0);
        const std::size_t node = heights_.size();
        // A node's sum covers (node - lowest bit, node]: its own height and its children's sums.
        double sum = estimate_;
        for (std::size_t step = 1; step < lowest_bit(node); step <<= 1U) {
            sum += tree_[node - step];
        }
        tree_.push_back(sum);
    }
}

void RowHeights::insert(std::size_t at, std::size_t count) {
    if (at == size()) {
        append(count);
        return;
    }
    heights_.insert(heights_.begin() + static_cast<std::ptrdiff_t>(at), count, estimate_);
    measured_.insert(measured_.begin() + static_cast<std::ptrdiff_t>(at), count, 0U);
    rebuild();
}

void RowHeights::erase(std::size_t at, std::size_t count) {
    const auto first = static_cast<std::ptrdiff_t>(at);
    const auto last = static_cast<std::ptrdiff_t>(at + count);
    heights_.erase(heights_.begin() + first, heights_.begin() + last);
    measured_.erase(measured_.begin() + first, measured_.begin() + last);
    rebuild();
}

void RowHeights::forget_all() {
    ++epoch_;
}

void RowHeights::rebuild() {
    tree_.assign(size() + 1, 0.0);
    for (std::size_t node = 1; node <= size(); ++node) {
        tree_[node] += heights_[node - 1];
        const std::size_t parent = node + lowest_bit(node);
        if (parent <= size()) {
            tree_[parent] += tree_[node];
        }
    }
}

double RowHeights::offset_of(std::size_t row) const {
    double sum = 0.0;
    for (std::size_t node = std::min(row, size()); node > 0; node -= lowest_bit(node)) {
        sum += tree_[node];
    }
    return sum;
}

std::size_t RowHeights::row_at(double y) const {
    if (size() == 0) {
        return 0;
    }
    std::size_t node = 0;
    for (std::size_t step = std::bit_floor(size()); step > 0; step >>= 1U) {
        if (node + step <= size() && tree_[node + step] <= y) {
            node += step;
            y -= tree_[node];
        }
    }
    return std::min(node, size() - 1);
}

double RowHeights::set(std::size_t row, double height) {
    measured_[row] = epoch_;
    const double change = height - heights_[row];
    if (change == 0.0) {
        return 0.0;
    }
    heights_[row] = height;
    for (std::size_t node = row + 1; node <= size(); node += lowest_bit(node)) {
        tree_[node] += change;
    }
    return change;
}

}  // namespace sotto::ui
