// Online softmax (arXiv:1805.02867): the running maximum and sum of each row, one row a lane, so
// that nothing is reduced across lanes.
#pragma once

#include "../simd/exp2.hpp"
#include "workspace.hpp"

#include <limits>

namespace qkv {

/// Where running maxima start: finite, so that −∞ − max is −∞ and never NaN.
inline constexpr float lowest = std::numeric_limits<float>::lowest();

/// One panel of rows: scores [keys][panel] become 2^(log2_unit·(s − max)) with the new maximum.
/// With `has_excluded`, keys whose score is −∞ get −0 for a weight: nothing in a sum, and told
/// apart from weights that underflow to 0.
template <class Arch, bool has_excluded>
[[gnu::noinline]] void softmax_panel(float* scores, std::int32_t keys, float log2_unit, float* max,
                                     float* sum, float* rescale) {
  using V = Vector<Arch>;
  constexpr int vectors = Tile<Arch>::vectors;
  constexpr std::ptrdiff_t stride = Tile<Arch>::block_rows;
  const V unit(log2_unit);
  const V minus_infinity(-std::numeric_limits<float>::infinity());

  V new_max[vectors];
  for (int v = 0; v < vectors; ++v)
    new_max[v] = load<Arch>(max + v * lanes<Arch>);
  for (std::ptrdiff_t k = 0; k < keys; ++k)
    for (int v = 0; v < vectors; ++v)
      new_max[v] = xsimd::max(new_max[v], load<Arch>(scores + k * stride + v * lanes<Arch>));

  V block_sum[vectors];
  for (V& s : block_sum)
    s = V(0.0F);
  for (std::ptrdiff_t k = 0; k < keys; ++k)
    for (int v = 0; v < vectors; ++v) {
      float* score = scores + k * stride + v * lanes<Arch>;
      const V s = load<Arch>(score);
      V weight = exp2<Arch>((s - new_max[v]) * unit);
      block_sum[v] += weight;
      if constexpr (has_excluded)
        weight = xsimd::select(s == minus_infinity, V(-0.0F), weight);
      store(score, weight);
    }

  for (int v = 0; v < vectors; ++v) {
    const std::ptrdiff_t row = v * lanes<Arch>;
    const V factor = exp2<Arch>((load<Arch>(max + row) - new_max[v]) * unit);
    store(rescale + row, factor);
    store(sum + row, xsimd::fma(load<Arch>(sum + row), factor, block_sum[v]));
    store(max + row, new_max[v]);
  }
}

} // namespace qkv
