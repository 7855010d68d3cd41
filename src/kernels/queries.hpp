// Packs the queries of a block as the score kernels read them, and prescales them.
//
// A score is scale·Σ q·k. The sum alone may overflow where the score is finite, and so may q·scale.
// So each row of Q is multiplied by a power of two, 2^−p, and its scores by scale·2^p, which
// softmax does on its way. Powers of two round nothing, so p changes no bit of an ordinary result.
#pragma once

#include "layout.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace qkv::QKV_TARGET {

/// ⌊log2 |x|⌋ for a finite x that is not 0.
inline int exponent_of(float x) {
  const int biased = std::bit_cast<std::int32_t>(x) >> 23 & 0xFF;
  return biased != 0 ? biased - 127 : exponent_of(x * 0x1p24F) - 24;
}

/// 2^exponent, for −126 ≤ exponent ≤ 127.
inline float power_of_two(int exponent) {
  return std::bit_cast<float>((exponent + 127) << 23);
}

/// x·2^exponent; two factors, since one alone may be no float32.
inline float times_power(float x, int exponent) {
  return x * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2);
}

/// What a row of Q is multiplied by, factor after factor, and then its scores.
struct Prescale {
  float first;
  float second;
  float scale; ///< positive
};

/// `largest`: the largest |q| of the row.
[[gnu::noinline]] inline Prescale prescale_of(float scale, std::int32_t depth, float largest) {
  if (scale == 0)
    return {.first = 0, .second = 1, .scale = 1};
  const int of_scale = exponent_of(scale);
  // With scale·2^p ≥ D, no partial sum overflows where all D scaled products are finite.
  int p = static_cast<int>(std::bit_width(static_cast<std::uint32_t>(depth - 1))) - of_scale;
  // Packed, the row is neither so small that its bits are lost nor so large that it overflows.
  if (largest > 0) {
    const int of_row = exponent_of(std::min(largest, std::numeric_limits<float>::max()));
    p = std::max(std::min(p, of_row + 60), of_row - 126);
  }
  p = std::clamp(p, -126 - of_scale, 127 - of_scale); // scale·2^p is a normal number
  const int half = p / 2;
  return {.first = std::copysign(power_of_two(-half), scale),
          .second = power_of_two(half - p),
          .scale = times_power(std::abs(scale), p)};
}

/// max |x|, without NaN.
[[gnu::noinline]] inline float largest_magnitude(const float* row, std::int32_t depth) {
  Vector largest(0.0F);
  float rest = 0;
  for_each_vector<1>(
      depth,
      [&](const auto& vector) { largest = larger(xsimd::abs(vector.load_from(row)), largest); },
      [&](std::ptrdiff_t d) { rest = std::abs(row[d]) > rest ? std::abs(row[d]) : rest; });
  return std::max(rest, xsimd::reduce_max(largest));
}

/// to [depth][block_rows] for `lanes` rows, each times its factors, and zeros up to a multiple of
/// the lanes.
inline void transpose_rows(const float* const* row, Vector first, Vector second, std::int32_t depth,
                           float* to) {
  Vector column[static_cast<std::size_t>(lanes)];
  const auto write = [&] {
    xsimd::transpose(column, column + lanes);
    for (std::int32_t j = 0; j < lane_count; ++j, to += block_rows)
      store(to, column[j] * first * second);
  };
  std::int32_t d = 0;
  for (; d + lane_count <= depth; d += lane_count) {
    for (std::int32_t lane = 0; lane < lane_count; ++lane)
      column[lane] = load(row[lane] + d);
    write();
  }
  if (d < depth) {
    for (std::int32_t lane = 0; lane < lane_count; ++lane)
      column[lane] = load_first(row[lane] + d, depth - d);
    write();
  }
}

/// Packs queries as [depth][block_rows] and fills the rows' scales. Padding repeats the last row.
inline void pack_queries(RowLanes, const Plan& plan, const RowBlock& block, const Workspace& work) {
  const std::int32_t rows = RowLanes::padded(block.rows());
  const std::int32_t depth = plan.problem.extents.depth;
  const float* row[static_cast<std::size_t>(block_rows)];
  float first[static_cast<std::size_t>(block_rows)];
  float second[static_cast<std::size_t>(block_rows)];
  block.find_rows(plan.problem.query, row);
  std::fill(row + block.rows(), row + rows, row[block.rows() - 1]);
  for (std::int32_t r = 0; r < rows; ++r) {
    const Prescale prescale = prescale_of(plan.scale, depth, largest_magnitude(row[r], depth));
    first[r] = prescale.first;
    second[r] = prescale.second;
    work.rows.scale[r] = prescale.scale;
  }
  for (std::int32_t r = 0; r < rows; r += lane_count)
    transpose_rows(row + r, load(first + r), load(second + r), depth, work.queries + r);
}

/// Packs queries as [rows][depth].
inline void pack_queries(KeyLanes, const Plan& plan, const RowBlock& block, const Workspace& work) {
  const std::int32_t depth = plan.problem.extents.depth;
  const float* row[static_cast<std::size_t>(decode_rows)];
  block.find_rows(plan.problem.query, row);
  for (std::int32_t r = 0; r < block.rows(); ++r) {
    const Prescale prescale = prescale_of(plan.scale, depth, largest_magnitude(row[r], depth));
    work.rows.scale[r] = prescale.scale;
    for (std::int32_t d = 0; d < depth; ++d)
      work.queries[std::ptrdiff_t{r} * depth + d] = row[r][d] * prescale.first * prescale.second;
  }
}

} // namespace qkv::QKV_TARGET
