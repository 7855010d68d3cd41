// Online softmax (arXiv:1805.02867): the running maximum and sum of each row, and what they do to
// the scores of a block.
#pragma once

#include "../simd/exp2.hpp"
#include "logits.hpp"

#include <algorithm>
#include <limits>

namespace qkv {

/// Where running maxima start: finite, so that −∞ − max is −∞ and never NaN.
inline constexpr float lowest = std::numeric_limits<float>::lowest();

/// Scores s of a group become 2^24·2^(log2_unit·(s − max)); returns their sum, lane by lane. The
/// factor divides out at the end; without it small weights would be denormal, which is slow. With
/// `has_excluded`, keys whose score is −∞ get −0 for a weight: nothing in a sum, and told apart
/// from weights that underflow to 0.
template <class Arch, bool rounds_once>
[[gnu::noinline]] Vector<Arch> exponentiate(float* scores, std::ptrdiff_t stride,
                                            std::int32_t vectors, Vector<Arch> max, float log2_unit,
                                            bool has_excluded) {
  using V = Vector<Arch>;
  // A `fused` that rounds twice is rare, and not worth the bytes.
  constexpr bool is_rare = std::is_same_v<Arch, arch::fused> && !rounds_once;
  constexpr int at_once = is_rare ? 1 : Tile<Arch>::powers_at_once;
  const V unit(log2_unit);
  const V excluded(minus_infinity);
  for (std::int32_t i = vectors; i < round_up(vectors, at_once); ++i)
    store(scores + i * stride, excluded);
  V sum(0.0F);
  for (std::int32_t i = 0; i < vectors; i += at_once, scores += at_once * stride) {
    V weight[at_once];
    for (int j = 0; j < at_once; ++j)
      weight[j] = (load<Arch>(scores + j * stride) - max) * unit;
    if constexpr (at_once == 1)
      weight[0] = exp2_up<Arch>(weight[0]);
    else
      exp2_up<Arch, rounds_once>(weight);
    for (const V& w : weight)
      sum += w;
    if (has_excluded)
      for (int j = 0; j < at_once; ++j)
        weight[j] = xsimd::select(load<Arch>(scores + j * stride) == excluded, V(-0.0F), weight[j]);
    for (int j = 0; j < at_once; ++j)
      store(scores + j * stride, weight[j]);
  }
  return sum;
}

/// `exponentiate` as this machine's multiply-add allows.
template <class Arch>
auto exponentiate_with() {
  return fma_rounds_once<Arch>() ? exponentiate<Arch, true> : exponentiate<Arch, false>;
}

/// block.max = the largest score of each row, the running maximum included.
template <class Arch, template <class> class Layout>
void find_maxima(const ScoreBlock<Arch, Layout>& block) {
  using V = Vector<Arch>;
  block.for_each_group([&](std::int32_t row, float* scores) {
    if constexpr (Layout<Arch>::keys_a_vector > 1) // lanes past the last key are not its own now
      std::fill(scores + block.keys, scores + block.vectors() * lanes<Arch>, minus_infinity);
    V max = Layout<Arch>::of_rows(block.work.max, row);
    for (std::int32_t i = 0; i < block.vectors(); ++i, scores += Layout<Arch>::vector_stride)
      max = xsimd::max(max, load<Arch>(scores));
    if constexpr (Layout<Arch>::rows_a_group == 1)
      block.max[row] = xsimd::reduce_max(max);
    else
      store(block.max + row, max);
  });
}

/// Turns scores into weights, updates the running maximum, and says what becomes of earlier sums
/// (`rescale`). Where a lane is a row the running sum is updated too; of few rows it is with the
/// values, whose loads hide that each addition waits for the one before.
template <class Arch, template <class> class Layout>
void softmax_block(const ScoreBlock<Arch, Layout>& block, bool has_excluded) {
  using V = Vector<Arch>;
  using L = Layout<Arch>;
  const auto& work = block.work;
  const V unit(block.plan.log2_unit);
  auto* const weigh = exponentiate_with<Arch>();
  block.for_each_group([&](std::int32_t row, float* scores) {
    const V before = L::of_rows(work.max, row);
    const V max = xsimd::max(before, L::of_rows(block.max, row));
    const V added =
        weigh(scores, L::vector_stride, block.vectors(), max, block.plan.log2_unit, has_excluded);
    const V factor = exp2<Arch>((before - max) * unit);
    if constexpr (L::rows_a_group == 1) {
      block.rescale[row] = factor.get(0);
      work.max[row] = max.get(0);
    } else {
      store(work.sum + row, xsimd::fma(load<Arch>(work.sum + row), factor, added));
      store(block.rescale + row, factor);
      store(work.max + row, max);
    }
  });
}

} // namespace qkv
