// Heights of very many rows of which most were never measured: prefix sums in a Fenwick tree.
//
// offset_of(i) and row_at(y) are O(log n); doubles, because a float is exact only up to 16.7
// million pixels. A row has an estimated height until set() is called. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace sotto::ui {

class RowHeights {
public:
    explicit RowHeights(double estimate = 60.0) : estimate_(estimate) {}

    void reset(std::size_t count);                   // all estimated
    void append(std::size_t count);                  // O(log n) each
    void insert(std::size_t at, std::size_t count);  // O(n)
    void erase(std::size_t at, std::size_t count);   // O(n)
    void forget_all();                               // keep the values as estimates; measure again

    [[nodiscard]] std::size_t size() const { return heights_.size(); }
    [[nodiscard]] double total() const { return offset_of(size()); }
    [[nodiscard]] double offset_of(std::size_t row) const;  // top of the row; size() is allowed
    [[nodiscard]] std::size_t row_at(double y) const;       // the row that covers y; clamped
    [[nodiscard]] double height_of(std::size_t row) const { return heights_[row]; }
    [[nodiscard]] bool measured(std::size_t row) const { return measured_[row] == epoch_; }

    // Answers how much the height changed.
    double set(std::size_t row, double height);
    void forget(std::size_t row) { measured_[row] = 0; }

private:
    void rebuild();

    double estimate_;
    unsigned epoch_ = 1;
    std::vector<double> heights_;
    std::vector<double> tree_;        // 1-based Fenwick sums
    std::vector<unsigned> measured_;  // epoch of the measurement, 0 for never
};

}  // namespace sotto::ui
