// The backward pass between its products: from weights and dO·V to the gradient of the scores of a
// block, and what the options take from it. Blocks are laid out as RowLanes says. The weight of an
// excluded key is −0 (exclusion.hpp), and so is the gradient of its score in the end.
#pragma once

#include "../simd/exp2.hpp"
#include "exclusion.hpp"
#include "layout.hpp"
#include "queries.hpp"

#include <algorithm>
#include <cmath>

namespace qkv::QKV_TARGET {

/// The scores of a block and their gradients.
struct GradientBlock {
  ScoreBlock<RowLanes> weights;
  float* gradients; ///< laid out as the weights

  /// change(weight, gradient, index) for all vectors of a group; index: of its first element.
  template <class Change>
  void change_group(std::int32_t row, Change&& change) const {
    const std::int32_t end = row + weights.keys * block_rows;
    for (std::int32_t i = row; i < end; i += block_rows)
      change(weights.scores + i, gradients + i, i);
  }
};

/// Weights as `exponentiate` leaves them become p, in place. Marks stay, also in a row that is NaN.
[[gnu::noinline]] inline void normalise_weights(const ScoreBlock<RowLanes>& block,
                                                const float* inverse_sum) {
  block.for_each_group([&](std::int32_t row, float* weights) {
    const Vector factor = load(inverse_sum + row);
    block.change_group(weights, [&](Vector w, std::int32_t) {
      return xsimd::select(is_excluded_weight(w), w, w * factor);
    });
  });
}

/// rest = Σ p·(dO·V − δ). Over all keys of a row without a sink this is 0, but for the rounding of
/// δ: a sum near 0 of numbers that are not.
[[gnu::noinline]] inline void find_delta_rest(const GradientBlock& block, const float* delta,
                                              float* rest) {
  for (std::int32_t row = 0; row < block.weights.rows; row += lane_count) {
    const Vector delta_of_rows = load(delta + row);
    Vector sum(0.0F);
    block.change_group(row, [&](const float* weight, const float* gradient, std::int32_t) {
      const Vector p = load(weight);
      const Vector ds = p * (load(gradient) - delta_of_rows);
      sum += xsimd::select(is_excluded_weight(p), Vector(0.0F), ds);
    });
    store(rest + row, sum);
  }
}

/// dO·V becomes p·(dO·V − δ − rest), in place.
[[gnu::noinline]] inline void differentiate_softmax(const GradientBlock& block, const float* delta,
                                                    const float* rest) {
  for (std::int32_t row = 0; row < block.weights.rows; row += lane_count) {
    const Vector delta_of_rows = load(delta + row);
    const Vector rest_of_rows = load(rest + row);
    block.change_group(row, [&](const float* weight, float* gradient, std::int32_t) {
      const Vector p = load(weight);
      const Vector ds = p * ((load(gradient) - delta_of_rows) - rest_of_rows);
      store(gradient, xsimd::select(is_excluded_weight(p), excluded_weight(), ds));
    });
  }
}

/// Back through softcap: ds·(1 − (capped / softcap)²).
[[gnu::noinline]] inline void differentiate_softcap(const GradientBlock& block, const float* capped,
                                                    float softcap) {
  const Vector one(1.0F);
  for (std::int32_t row = 0; row < block.weights.rows; row += lane_count)
    block.change_group(row, [&](const float*, float* gradient, std::int32_t i) {
      const Vector tanh = load(capped + i) / Vector(softcap);
      store(gradient, load(gradient) * ((one - tanh) * (one + tanh)));
    });
}

/// A scale as two factors, one before a product and one after it: scaled at once, a gradient could
/// leave the range of float32 on its way to one within it.
struct SplitScale {
  float before; ///< a power of two, which rounds nothing
  float after;

  explicit SplitScale(float scale)
      : before(scale == 0 ? 1 : power_of_two(exponent_of(scale) / 2)), after(scale / before) {}
};

/// Back through the scale, its first half. Marks excluded keys once more: their gradients may be
/// NaN by now. Adding 0 takes the mark from the others.
[[gnu::noinline]] inline void differentiate_scale(const GradientBlock& block, float scale) {
  const Vector factor(scale);
  for (std::int32_t row = 0; row < block.weights.rows; row += lane_count)
    block.change_group(row, [&](const float* weight, float* gradient, std::int32_t) {
      const Vector ds = load(gradient) * factor + Vector(0.0F);
      store(gradient, xsimd::select(is_excluded_weight(load(weight)), excluded_weight(), ds));
    });
}

/// bias += ds for `count` rows. Rows that share a row of the bias are summed first.
[[gnu::noinline]] inline void add_bias_gradient(const GradientBlock& block, std::int32_t count,
                                                const std::int32_t* bias_row,
                                                std::int32_t key_stride, float* bias) {
  const std::int32_t keys = block.weights.keys;
  float sums[static_cast<std::size_t>(block_keys)];
  for (std::int32_t row = 0; row < count;) {
    const std::int32_t start = bias_row[row];
    std::fill_n(sums, keys, 0.0F);
    for (; row < count && bias_row[row] == start; ++row)
      for (std::int32_t k = 0; k < keys; ++k)
        sums[k] += block.gradients[k * block_rows + row];
    float* const to = bias + start;
    if (key_stride == 0)
      *to += std::accumulate(sums, sums + keys, 0.0F);
    else
      for (std::int32_t k = 0; k < keys; ++k)
        to[block.weights.first_key + k] += sums[k];
  }
}

/// sums[row] += Σ −ds·|i + offset − j|, in double: distances are large, and a row's ds have a sum
/// of 0.
[[gnu::noinline]] inline void add_slope_gradient(const GradientBlock& block, std::int32_t count,
                                                 const double* position, double* sums) {
  for (std::int32_t row = 0; row < count; ++row)
    for (std::int32_t k = 0; k < block.weights.keys; ++k)
      sums[row] -= static_cast<double>(block.gradients[k * block_rows + row]) *
                   std::abs(position[row] - (block.weights.first_key + k));
}

} // namespace qkv::QKV_TARGET
