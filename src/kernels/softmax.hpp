// Pass 3: scores become weights, by the online softmax (arXiv:1805.02867): each row has a running
// maximum and a running sum.
#pragma once

#include "../simd/exp2.hpp"
#include "exclusion.hpp"
#include "layout.hpp"

#include <algorithm>
#include <limits>

namespace qkv::QKV_TARGET {

/// Running maxima start here: finite, so that −∞ − max is −∞ and not NaN.
inline constexpr float lowest = std::numeric_limits<float>::lowest();

/// Starts the softmax of `count` rows, padding included. A sink is a logit seen before the first
/// key.
inline void start_softmax(const Plan& plan, const RowBlock& block, std::int32_t count,
                          const SoftmaxState& state) {
  const float* const sinks = plan.problem.sinks;
  for (std::int32_t row = 0; row < count; ++row) {
    const std::int32_t like = std::min(row, block.rows() - 1);
    state.max[row] = sinks != nullptr ? sinks[block.head_of(like)] : lowest;
    state.sum[row] = sinks != nullptr ? exp2_scale : 0;
  }
}

/// What log2(weights) are per unit of a score.
template <class Layout>
Vector log2_scale_of(const Plan& plan, const RowOptions& rows, std::int32_t row) {
  const Vector scale = plan.needs_logits ? Vector(1.0F) : Layout::of_rows(rows.scale, row);
  return scale * Vector(log2_e);
}

/// Scores s of a group become exp2_scale·2^(log2_scale·(s − max)); returns their sum, lane by lane.
/// exp2_scale divides out at the end; without it small weights would be denormal, which is slow.
template <bool rounds_once>
[[gnu::noinline]] Vector exponentiate(float* scores, std::ptrdiff_t stride, std::int32_t vectors,
                                      Vector max, Vector log2_scale, bool has_excluded) {
  // A `fused` that rounds twice is rare, and not worth the code.
  constexpr int unroll = is_fused && !rounds_once ? 1 : exp_unroll;
  for (std::int32_t i = vectors; i < round_up(vectors, unroll); ++i)
    store(scores + i * stride, Vector(minus_infinity));
  Vector sum(0.0F);
  for (std::int32_t i = 0; i < vectors; i += unroll, scores += unroll * stride) {
    Vector weight[unroll];
    for (int j = 0; j < unroll; ++j)
      weight[j] = (load(scores + j * stride) - max) * log2_scale;
    if constexpr (unroll == 1)
      weight[0] = scaled_exp2(weight[0]);
    else
      scaled_exp2<rounds_once>(weight);
    if (has_excluded)
      for (int j = 0; j < unroll; ++j)
        weight[j] = xsimd::select(is_excluded_score(load(scores + j * stride)), excluded_weight(),
                                  weight[j]);
    for (const Vector& w : weight)
      sum += w;
    for (int j = 0; j < unroll; ++j)
      store(scores + j * stride, weight[j]);
  }
  return sum;
}

/// `exponentiate` for the multiply-add of this machine.
inline auto exponentiate_here() {
  return fma_rounds_once() ? exponentiate<true> : exponentiate<false>;
}

/// max = the largest score of each row, with the running maximum `before`.
template <class Layout>
void find_maxima(const ScoreBlock<Layout>& block, const float* before, float* max) {
  block.for_each_group([&](std::int32_t row, float* scores) {
    if constexpr (Layout::keys_a_vector > 1) // lanes past the last key hold no score
      std::fill(scores + block.keys, scores + block.vectors() * lanes, minus_infinity);
    Vector largest = Layout::of_rows(before, row);
    for (std::int32_t i = 0; i < block.vectors(); ++i, scores += Layout::vector_stride)
      largest = larger(load(scores), largest); // the mark of an excluded score is NaN
    if constexpr (Layout::rows_a_group == 1)
      max[row] = xsimd::reduce_max(largest);
    else
      store(max + row, largest);
  });
}

/// Turns scores into weights, raises the running maximum to block_max, and says by `rescale` what
/// that does to earlier sums. Where a lane is a row, it updates the running sum too. For decode
/// rows pass 4 does that: its loads hide that each addition waits for the one before.
template <class Layout>
void softmax_block(const Plan& plan, const RowOptions& rows, const ScoreBlock<Layout>& block,
                   const SoftmaxState& state, const float* block_max, float* rescale,
                   bool has_excluded) {
  auto* const weigh = exponentiate_here();
  block.for_each_group([&](std::int32_t row, float* scores) {
    const Vector log2_scale = log2_scale_of<Layout>(plan, rows, row);
    const Vector before = Layout::of_rows(state.max, row);
    const Vector max = xsimd::max(before, Layout::of_rows(block_max, row));
    const Vector added =
        weigh(scores, Layout::vector_stride, block.vectors(), max, log2_scale, has_excluded);
    const Vector factor = exp2((before - max) * log2_scale);
    if constexpr (Layout::rows_a_group == 1) {
      rescale[row] = factor.get(0);
      state.max[row] = max.get(0);
    } else {
      store(state.sum + row, xsimd::fma(load(state.sum + row), factor, added));
      store(rescale + row, factor);
      store(state.max + row, max);
    }
  });
}

/// weights = factor·weights
template <class Layout>
void scale_weights(const ScoreBlock<Layout>& block, float factor) {
  const Vector f(factor);
  block.for_each_group([&](std::int32_t, float* weights) {
    block.change_group(weights, [&](Vector w, std::int32_t) { return w * f; });
  });
}

} // namespace qkv::QKV_TARGET
