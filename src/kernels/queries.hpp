// Packs the queries of a block as the score kernels read them, and prescales them.
//
// A score is scale·Σ q·k. The sum alone may overflow where the score is finite, and so may q·scale.
// So each row of Q is multiplied by a power of two, 2^−p, and its scores by scale·2^p, which
// softmax does on its way. A power of two rounds nothing while all elements stay normal numbers, so
// a row with tiny elements gets a smaller p. Where a row spans more than float32 has room for, its
// range wins: elements 2^−113 times the largest, or less, may lose bits beside keys above 1e35.
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

/// The magnitudes of a row's elements: the largest, and the smallest that is not 0.
struct Magnitudes {
  float largest = 0;
  float smallest = std::numeric_limits<float>::infinity();
};

/// What a row of Q is multiplied by, factor after factor, and then its scores.
struct Prescale {
  float first;
  float second;
  float scale; ///< positive
  /// It serves rows whose largest element is 0 or in [least, most], and whose other elements are 0
  /// or at least `smallest`.
  float least;
  float most;
  float smallest;
};

/// The prescale of ordinary rows, or that of a row with these magnitudes.
[[gnu::noinline]] inline Prescale prescale_of(float scale, std::int32_t depth,
                                              const Magnitudes& row = {}) {
  constexpr float all = std::numeric_limits<float>::infinity();
  if (scale == 0)
    return {.first = 0, .second = 1, .scale = 1, .least = 0, .most = all, .smallest = 0};
  const int of_scale = exponent_of(scale);
  // With scale·2^p ≥ D, no partial sum overflows where all D scaled products are finite.
  const int room = std::bit_width(static_cast<std::uint32_t>(depth - 1));
  int p = room - of_scale;
  // Packed, a row is neither so small that its bits are lost nor so large that it overflows.
  constexpr int least = -60;
  constexpr int most = 126;
  constexpr int smallest = -126;
  if (row.largest > 0) {
    const int of_largest = exponent_of(std::min(row.largest, std::numeric_limits<float>::max()));
    p = std::min(p, of_largest - least);
    const int lossless = std::isfinite(row.smallest) ? exponent_of(row.smallest) - smallest : p;
    if (p > lossless) { // beside the largest of keys, this p is enough for any scale
      const int enough = of_largest + room + 1;
      p = std::max(lossless, std::min(p, enough));
    }
    p = std::max(p, of_largest - most);
  }
  p = std::clamp(p, -126 - of_scale, 127 - of_scale); // scale·2^p is a normal number
  const int half = p / 2;
  const auto power = [](int exponent) { return power_of_two(std::max(exponent, -126)); };
  return {.first = std::copysign(power_of_two(-half), scale),
          .second = power_of_two(half - p),
          .scale = times_power(std::abs(scale), p),
          .least = power(p + least),
          .most = p + most < 127 ? power(p + most) : all,
          .smallest = p > 0 ? power(p + smallest) : 0};
}

/// The magnitudes of elements, lane by lane. Ignores NaN in the largest.
class MagnitudeScan {
public:
  void include(const Vector& x) {
    const Vector magnitude = xsimd::abs(x);
    largest_ = larger(magnitude, largest_);
    // As an integer less 1, a 0 is the largest of all.
    less_one_ = xsimd::min(less_one_, xsimd::bitwise_cast<std::uint32_t>(magnitude) - Unsigned(1));
  }

  /// Whether a prescale serves the rows of all lanes.
  [[nodiscard]] bool is_served(const Prescale& prescale) const {
    const auto in_range =
        (largest_ >= Vector(prescale.least)) & (largest_ <= Vector(prescale.most));
    const auto is_lossless =
        less_one_ >= Unsigned(std::max(std::bit_cast<std::uint32_t>(prescale.smallest), 1U) - 1U);
    return xsimd::all((in_range & xsimd::batch_bool_cast<float>(is_lossless)) |
                      (largest_ == Vector(0.0F)));
  }

  [[nodiscard]] Magnitudes of_lane(std::size_t lane) const {
    return {.largest = largest_.get(lane), .smallest = magnitude_of(less_one_.get(lane))};
  }

  [[nodiscard]] Magnitudes of_all() const {
    return {.largest = xsimd::reduce_max(largest_),
            .smallest = magnitude_of(xsimd::reduce_min(less_one_))};
  }

private:
  using Unsigned = xsimd::batch<std::uint32_t, Arch>;

  static float magnitude_of(std::uint32_t less_one) {
    const std::uint32_t bits = less_one + 1;
    return bits == 0 ? std::numeric_limits<float>::infinity() : std::bit_cast<float>(bits);
  }

  Vector largest_{0.0F};
  Unsigned less_one_{std::numeric_limits<std::uint32_t>::max()};
};

/// to [depth][block_rows] for `lanes` rows, each times its factors, and zeros up to a multiple of
/// the lanes. Returns the magnitudes of each row.
[[gnu::noinline]] inline MagnitudeScan transpose_rows(const float* const* row, Vector first,
                                                      Vector second, std::int32_t depth,
                                                      float* to) {
  Vector column[static_cast<std::size_t>(lanes)];
  MagnitudeScan scan;
  const auto write = [&] {
    xsimd::transpose(column, column + lanes);
    for (std::int32_t j = 0; j < lane_count; ++j, to += block_rows) {
      scan.include(column[j]);
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
  return scan;
}

/// to [depth] = row, once more for a row that the ordinary prescale does not serve, with one of its
/// own. An element that is not 0 stays so: 0·∞ would be NaN. Returns the scale of the row's scores.
[[gnu::noinline]] inline float pack_extreme_row(const Plan& plan, const float* row,
                                                const Magnitudes& magnitudes, float* to,
                                                std::ptrdiff_t stride) {
  const std::int32_t depth = plan.problem.extents.depth;
  const Prescale own = prescale_of(plan.scale, depth, magnitudes);
  for (std::int32_t d = 0; d < depth; ++d, to += stride) {
    *to = row[d] * own.first * own.second;
    if (*to == 0 && row[d] != 0)
      *to = std::copysign(std::numeric_limits<float>::denorm_min(), *to);
  }
  return own.scale;
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
    const MagnitudeScan scan = transpose_rows(row + r, first, second, depth, to);
    if (!scan.is_served(ordinary))
      for (std::int32_t lane = 0; lane < lane_count; ++lane)
        work.rows.scale[r + lane] =
            pack_extreme_row(plan, row[r + lane], scan.of_lane(static_cast<std::size_t>(lane)),
                             to + lane, block_rows);
  }
}

/// to [depth] = row·first·second; returns the row's magnitudes, in all lanes together.
[[gnu::noinline]] inline MagnitudeScan scale_row(const float* row, float first, float second,
                                                 std::int32_t depth, float* to) {
  MagnitudeScan scan;
  for_each_vector<1>(
      depth,
      [&](const auto& vector) {
        const Vector q = vector.load_from(row);
        scan.include(q);
        store(vector.in(to), q * Vector(first) * Vector(second));
      },
      [&](std::ptrdiff_t d) {
        scan.include(Vector(row[d]));
        to[d] = row[d] * first * second;
      });
  return scan;
}

/// Packs queries as [rows][depth].
inline void pack_queries(KeyLanes, const Plan& plan, const RowBlock& block, const Workspace& work) {
  const std::int32_t depth = plan.problem.extents.depth;
  const float* row[static_cast<std::size_t>(decode_rows)];
  block.find_rows(plan.problem.query, row);
  const Prescale ordinary = prescale_of(plan.scale, depth);
  for (std::int32_t r = 0; r < block.rows(); ++r) {
    float* const to = work.queries + std::ptrdiff_t{r} * depth;
    const MagnitudeScan scan = scale_row(row[r], ordinary.first, ordinary.second, depth, to);
    work.rows.scale[r] = ordinary.scale;
    // Lanes hold parts of one row: each is served, or the row as a whole may still be.
    if (!scan.is_served(ordinary))
      work.rows.scale[r] = pack_extreme_row(plan, row[r], scan.of_all(), to, 1);
  }
}

} // namespace qkv::QKV_TARGET
