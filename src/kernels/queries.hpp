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
  /// Magnitudes of a row, by its largest element, for which this prescale serves; 0 always does.
  float least;
  float most;
};

/// The prescale of ordinary rows, or that of a row whose largest element is `largest`.
[[gnu::noinline]] inline Prescale prescale_of(float scale, std::int32_t depth, float largest = 0) {
  constexpr float unbounded_row = std::numeric_limits<float>::infinity();
  if (scale == 0)
    return {.first = 0, .second = 1, .scale = 1, .least = 0, .most = unbounded_row};
  const int of_scale = exponent_of(scale);
  // With scale·2^p ≥ D, no partial sum overflows where all D scaled products are finite.
  int p = std::bit_width(static_cast<std::uint32_t>(depth - 1)) - of_scale;
  // Packed, a row is neither so small that its bits are lost nor so large that it overflows.
  constexpr int least = -60;
  constexpr int most = 126;
  if (largest > 0) {
    const int of_row = exponent_of(std::min(largest, std::numeric_limits<float>::max()));
    p = std::max(std::min(p, of_row - least), of_row - most);
  }
  p = std::clamp(p, -126 - of_scale, 127 - of_scale); // scale·2^p is a normal number
  const int half = p / 2;
  return {.first = std::copysign(power_of_two(-half), scale),
          .second = power_of_two(half - p),
          .scale = times_power(std::abs(scale), p),
          .least = times_power(1, std::max(p + least, -126)),
          .most = p + most < 127 ? power_of_two(p + most) : unbounded_row};
}

/// to [depth][block_rows] for `lanes` rows, each times its factors, and zeros up to a multiple of
/// the lanes. Returns the largest magnitude of each row, without NaN.
inline Vector transpose_rows(const float* const* row, Vector first, Vector second,
                             std::int32_t depth, float* to) {
  Vector column[static_cast<std::size_t>(lanes)];
  Vector largest(0.0F);
  const auto write = [&] {
    xsimd::transpose(column, column + lanes);
    for (std::int32_t j = 0; j < lane_count; ++j, to += block_rows) {
      largest = larger(xsimd::abs(column[j]), largest);
      store(to, column[j] * first * second);
    }
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
  return largest;
}

/// The same once more for rows whose magnitude the ordinary prescale does not serve: each row gets
/// its own.
[[gnu::noinline]] inline void transpose_extreme_rows(const Plan& plan, const float* const* row,
                                                     Vector largest, float* to, float* scale) {
  const std::int32_t depth = plan.problem.extents.depth;
  float first[static_cast<std::size_t>(lanes)];
  float second[static_cast<std::size_t>(lanes)];
  float magnitude[static_cast<std::size_t>(lanes)];
  store(magnitude, largest);
  for (std::ptrdiff_t lane = 0; lane < lanes; ++lane) {
    const Prescale own = prescale_of(plan.scale, depth, magnitude[lane]);
    first[lane] = own.first;
    second[lane] = own.second;
    scale[lane] = own.scale;
  }
  transpose_rows(row, load(first), load(second), depth, to);
}

/// Packs queries as [depth][block_rows] and fills the rows' scales. Padding repeats the last row.
inline void pack_queries(RowLanes, const Plan& plan, const RowBlock& block, const Workspace& work) {
  const std::int32_t rows = RowLanes::padded(block.rows());
  const std::int32_t depth = plan.problem.extents.depth;
  const float* row[static_cast<std::size_t>(block_rows)];
  block.find_rows(plan.problem.query, row);
  std::fill(row + block.rows(), row + rows, row[block.rows() - 1]);
  const Prescale ordinary = prescale_of(plan.scale, depth);
  std::fill_n(work.rows.scale, rows, ordinary.scale);
  const Vector first(ordinary.first);
  const Vector second(ordinary.second);
  for (std::int32_t r = 0; r < rows; r += lane_count) {
    float* const to = work.queries + r;
    const Vector largest = transpose_rows(row + r, first, second, depth, to);
    const auto is_served =
        ((largest >= Vector(ordinary.least)) & (largest <= Vector(ordinary.most))) |
        (largest == Vector(0.0F));
    if (!xsimd::all(is_served))
      transpose_extreme_rows(plan, row + r, largest, to, work.rows.scale + r);
  }
}

/// to [depth] = row·first·second; returns the largest magnitude of the row, without NaN.
inline float scale_row(const float* row, float first, float second, std::int32_t depth, float* to) {
  Vector largest(0.0F);
  float rest = 0;
  for_each_vector<1>(
      depth,
      [&](const auto& vector) {
        const Vector q = vector.load_from(row);
        largest = larger(xsimd::abs(q), largest);
        store(vector.in(to), q * Vector(first) * Vector(second));
      },
      [&](std::ptrdiff_t d) {
        rest = std::abs(row[d]) > rest ? std::abs(row[d]) : rest;
        to[d] = row[d] * first * second;
      });
  return std::max(rest, xsimd::reduce_max(largest));
}

/// Packs queries as [rows][depth].
inline void pack_queries(KeyLanes, const Plan& plan, const RowBlock& block, const Workspace& work) {
  const std::int32_t depth = plan.problem.extents.depth;
  const float* row[static_cast<std::size_t>(decode_rows)];
  block.find_rows(plan.problem.query, row);
  const Prescale ordinary = prescale_of(plan.scale, depth);
  for (std::int32_t r = 0; r < block.rows(); ++r) {
    float* const to = work.queries + std::ptrdiff_t{r} * depth;
    const float largest = scale_row(row[r], ordinary.first, ordinary.second, depth, to);
    work.rows.scale[r] = ordinary.scale;
    if (largest == 0 || (largest >= ordinary.least && largest <= ordinary.most))
      continue;
    const Prescale own = prescale_of(plan.scale, depth, largest);
    scale_row(row[r], own.first, own.second, depth, to);
    work.rows.scale[r] = own.scale;
  }
}

} // namespace qkv::QKV_TARGET
