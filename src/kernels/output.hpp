// Sums of a block become outputs.
#pragma once

#include "layout.hpp"
#include "rows.hpp"

#include <algorithm>
#include <cmath>

namespace qkv {

/// Divides the sums of a block's rows by their sums of weights, times the headroom that the values
/// were multiplied by. With headroom, what is finite already is left alone.
template <class Arch, template <class> class Layout>
class OutputWriter {
public:
  OutputWriter(const Rows<Arch>& rows, float headroom)
      : count_(rows.block.rows()), columns_(rows.problem.extents.value_depth), work_(rows.work),
        everywhere_(headroom == 1) {
    rows.block.find_rows(rows.problem.output, to_);
    rows.find_divisors(headroom, divisor_);
  }

  /// Returns whether all that it wrote is finite.
  bool write() {
    constexpr std::int32_t at_once = Layout<Arch>::rows_a_group;
    for (std::int32_t row = 0; row < count_; row += at_once) {
      const std::int32_t end = std::min(row + at_once, count_);
      const bool whole = everywhere_ && end - row == at_once;
      write_elements(row, end, whole ? write_vectors(row) : 0);
    }
    return test_.is_passed();
  }

private:
  /// Of a group of rows, as many columns as vectors hold, which it returns.
  std::int32_t write_vectors(std::int32_t row) {
    using V = Vector<Arch>;
    using L = Layout<Arch>;
    constexpr std::int32_t rows = L::rows_a_group;
    constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
    const V divisor = L::of_rows(divisor_, row);
    FiniteTest<Arch> test = test_;
    std::int32_t c = 0;
    for (; c + lane_count <= columns_; c += lane_count) {
      V output[static_cast<std::size_t>(rows)];
      for (std::int32_t i = 0; i < rows; ++i)
        output[i] = load<Arch>(sum_of(row, c + i)) / divisor;
      if constexpr (rows > 1)
        xsimd::transpose(output, output + rows);
      for (std::int32_t i = 0; i < rows; ++i) {
        store(to_[row + i] + c, output[i]);
        test.include(output[i]);
      }
    }
    test_ = test;
    return c;
  }

  [[gnu::noinline]] void write_elements(std::int32_t row, std::int32_t end,
                                        std::int32_t first_column) {
    for (; row < end; ++row)
      for (std::int32_t c = first_column; c < columns_; ++c)
        if (float& to = to_[row][c]; everywhere_ || !std::isfinite(to)) {
          to = *sum_of(row, c) / divisor_[row];
          test_.include(to);
        }
  }

  [[nodiscard]] const float* sum_of(std::int32_t row, std::int32_t column) const {
    return work_.output + Layout<Arch>::output_index(row, column, work_.value_columns);
  }

  static constexpr auto most = static_cast<std::size_t>(Tile<Arch>::block_rows);
  std::int32_t count_;
  std::int32_t columns_;
  const Workspace<Arch>& work_;
  bool everywhere_;
  float* to_[most];
  float divisor_[most];
  FiniteTest<Arch> test_;
};

} // namespace qkv
