// Sums of a block become outputs.
#pragma once

#include "layout.hpp"
#include "rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qkv {

/// What the sums of a block's rows are divided by: the sum of weights times `headroom`, which is what
/// the values were multiplied by, or ∞ for rows that no key was left to.
template <class Arch>
struct Divisors {
  float of[static_cast<std::size_t>(Tile<Arch>::block_rows)];

  Divisors(const Rows<Arch>& rows, float headroom) {
    const std::int32_t count = rows.block.rows();
    for (std::int32_t row = 0; row < count; ++row)
      of[row] = rows.is_attended(row) ? rows.work.sum[row] * headroom
                                      : std::numeric_limits<float>::infinity();
    std::fill(of + count, std::end(of), 1.0F);
  }
};

/// Writes outputs; with headroom, those alone that are not finite yet. Tells whether all that it wrote
/// is finite.
template <class Arch>
class OutputWriter {
public:
  explicit OutputWriter(float headroom) : everywhere_(headroom == 1) {}

  /// The first `count` lanes.
  void write(const Vector<Arch>& output, std::int32_t count, float* to) {
    if (everywhere_ && count >= lanes<Arch>) {
      store(to, output);
      test_.include(output);
      return;
    }
    float element[static_cast<std::size_t>(lanes<Arch>)];
    store(element, output);
    for (std::int32_t i = 0; i < std::min<std::ptrdiff_t>(count, lanes<Arch>); ++i)
      if (everywhere_ || !std::isfinite(to[i])) {
        to[i] = element[i];
        test_.include(to[i]);
      }
  }
  [[nodiscard]] bool all_finite() const { return test_.is_passed(); }

private:
  bool everywhere_;
  FiniteTest<Arch> test_;
};

/// From [value_columns][block_rows]. Returns whether all that it wrote is finite.
template <class Arch>
[[gnu::noinline]] bool write_output(RowLanes<Arch>, const Rows<Arch>& rows, float headroom) {
  using V = Vector<Arch>;
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  const std::int32_t columns = rows.problem.extents.value_depth;
  float* to[static_cast<std::size_t>(Tile<Arch>::block_rows)];
  rows.block.find_rows(rows.problem.output, to);
  const Divisors<Arch> divisors(rows, headroom);
  OutputWriter<Arch> writer(headroom);
  for (std::int32_t row = 0; row < rows.block.rows(); row += lane_count) {
    const std::int32_t count = std::min(lane_count, rows.block.rows() - row);
    const float* from = rows.work.output + row;
    for (std::int32_t c = 0; c < columns; c += lane_count) {
      V output[static_cast<std::size_t>(lane_count)];
      for (V& column : output) {
        column = load<Arch>(from) / load<Arch>(divisors.of + row);
        from += Tile<Arch>::block_rows;
      }
      xsimd::transpose(output, output + lane_count);
      for (std::int32_t lane = 0; lane < count; ++lane)
        writer.write(output[lane], columns - c, to[row + lane] + c);
    }
  }
  return writer.all_finite();
}

/// From [rows][value_columns].
template <class Arch>
[[gnu::noinline]] bool write_output(KeyLanes<Arch>, const Rows<Arch>& rows, float headroom) {
  const std::int32_t columns = rows.problem.extents.value_depth;
  float* to[static_cast<std::size_t>(Tile<Arch>::few_rows)];
  rows.block.find_rows(rows.problem.output, to);
  const Divisors<Arch> divisors(rows, headroom);
  OutputWriter<Arch> writer(headroom);
  for (std::int32_t row = 0; row < rows.block.rows(); ++row) {
    const float* from = rows.work.output + std::ptrdiff_t{row} * rows.work.value_columns;
    for (std::int32_t c = 0; c < columns; c += static_cast<std::int32_t>(lanes<Arch>))
      writer.write(load<Arch>(from + c) / Vector<Arch>(divisors.of[row]), columns - c, to[row] + c);
  }
  return writer.all_finite();
}

} // namespace qkv
