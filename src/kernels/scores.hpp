// Sᵀ = K·Qᵀ for a block: K is read in its own layout, one value broadcast to a panel of queries.
#pragma once

#include "tile.hpp"

#include <cstddef>

namespace qkv {

/// A register tile: `Keys` keys × one panel of queries, summed over the depth in its order.
/// key: [Keys][depth]; panel: [depth][panel]; scores: [Keys][panel].
template <class Arch, int Keys>
inline void score_tile(const float* key, std::ptrdiff_t key_stride, const float* panel,
                       std::int32_t depth, float* scores, std::ptrdiff_t score_stride) {
  using V = Vector<Arch>;
  constexpr int vectors = Tile<Arch>::vectors;
  V sum[Keys][vectors];
  for (auto& row : sum)
    for (V& s : row)
      s = V(0.0F);

  for (std::int32_t d = 0; d < depth; ++d, panel += Tile<Arch>::panel) {
    V query[vectors];
    for (int v = 0; v < vectors; ++v)
      query[v] = load<Arch>(panel + v * lanes<Arch>);
    for (int k = 0; k < Keys; ++k) {
      const V broadcast(key[k * key_stride + d]);
      for (int v = 0; v < vectors; ++v)
        sum[k][v] = xsimd::fma(query[v], broadcast, sum[k][v]);
    }
  }

  for (int k = 0; k < Keys; ++k)
    for (int v = 0; v < vectors; ++v)
      store(scores + k * score_stride + v * lanes<Arch>, sum[k][v]);
}

/// `Keys` keys against all panels. Not inlined: engines replace baseline code by optimised code
/// when a function is entered, so hot loops stand in functions that are entered often.
template <class Arch, int Keys>
[[gnu::noinline]] void score_panels(const float* key, std::ptrdiff_t key_stride,
                                    const float* queries, std::int32_t panels, std::int32_t depth,
                                    float* scores) {
  constexpr std::int32_t panel = Tile<Arch>::panel;
  for (std::int32_t p = 0; p < panels; ++p)
    score_tile<Arch, Keys>(key, key_stride, queries + std::ptrdiff_t{p} * panel * depth, depth,
                           scores + std::ptrdiff_t{p} * panel, Tile<Arch>::block_rows);
}

/// scores [keys][block_rows] = K·Qᵀ.
template <class Arch>
void score_block(const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                 const float* queries, std::int32_t panels, std::int32_t depth, float* scores) {
  for_each_piece<Tile<Arch>::rows>(keys, [&]<int Keys>(std::int32_t k) {
    score_panels<Arch, Keys>(key + k * key_stride, key_stride, queries, panels, depth,
                             scores + std::ptrdiff_t{k} * Tile<Arch>::block_rows);
  });
}

} // namespace qkv
