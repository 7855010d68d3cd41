// Scores of a block of keys, K·Qᵀ: K is read in its own layout.
#pragma once

#include "layout.hpp"

#include <algorithm>
#include <cstddef>

namespace qkv {

/// A register tile for many rows: `Keys` keys × a panel of queries, summed over the depth in its
/// order; a value of K is broadcast. key: [Keys][depth]; panel: [depth][panel]; scores:
/// [Keys][block_rows]. `max` [panel] becomes the largest score of each query so far.
template <class Arch, int Keys>
inline void score_tile(const float* key, std::ptrdiff_t key_stride, const float* panel,
                       std::int32_t depth, float* scores, float* max) {
  using V = Vector<Arch>;
  constexpr int vectors = Tile<Arch>::vectors;
  V sum[Keys][vectors];
  for (auto& row : sum)
    for (V& s : row)
      s = V(0.0F);

  for_each_step<Arch>(depth, [&](std::int32_t d) {
    V query[vectors];
    for (int v = 0; v < vectors; ++v)
      query[v] = load<Arch>(panel + v * lanes<Arch>);
    for (int k = 0; k < Keys; ++k) {
      const V broadcast(key[k * key_stride + d]);
      for (int v = 0; v < vectors; ++v)
        sum[k][v] = xsimd::fma(query[v], broadcast, sum[k][v]);
    }
    panel += Tile<Arch>::panel;
  });

  for (int v = 0; v < vectors; ++v) {
    V largest = load<Arch>(max + v * lanes<Arch>);
    for (int k = 0; k < Keys; ++k) {
      store(scores + k * Tile<Arch>::block_rows + v * lanes<Arch>, sum[k][v]);
      largest = xsimd::max(largest, sum[k][v]);
    }
    store(max + v * lanes<Arch>, largest);
  }
}

/// `Keys` keys against all panels of `rows` rows. Not inlined: engines replace baseline code by
/// optimised code when a function is entered, so hot loops stand in functions that are entered
/// often.
template <class Arch, int Keys>
[[gnu::noinline]] void score_panels(const float* key, std::ptrdiff_t key_stride,
                                    const float* queries, std::int32_t rows, std::int32_t depth,
                                    float* scores, float* max) {
  for (std::int32_t row = 0; row < rows; row += Tile<Arch>::panel)
    score_tile<Arch, Keys>(key, key_stride, queries + std::ptrdiff_t{row} * depth, depth,
                           scores + row, max + row);
}

/// scores [keys][block_rows] for `rows` rows, whole panels.
template <class Arch>
void score_block(RowLanes<Arch>, const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                 const float* queries, std::int32_t rows, std::int32_t depth, float* scores,
                 float* max) {
  for_each_overlapping_tile<Tile<Arch>::rows>(keys, [&]<int Keys>(std::int32_t k) {
    if (rows <= Tile<Arch>::panel) // K is read once
      bring_closer(key + k * key_stride, key_stride, Keys, depth);
    score_panels<Arch, Keys>(key + k * key_stride, key_stride, queries, rows, depth,
                             scores + k * Tile<Arch>::block_rows, max);
  });
}

/// Of one key and `Rows` rows, lane by lane: products + r·row_stride [lanes]; a score is their sum.
template <class Arch, int Rows>
inline void multiply_key(const float* key, const float* queries, std::int32_t depth,
                         float* products, std::ptrdiff_t row_stride) {
  using V = Vector<Arch>;
  V sum[Rows];
  float rest[Rows] = {};
  for (V& s : sum)
    s = V(0.0F);
  for_each_vector<Arch, 4 / Rows>(
      depth,
      [&](const auto& vector) {
        const V k = vector.load_from(key);
        QKV_UNROLL
        for (int r = 0; r < Rows; ++r)
          sum[r] = xsimd::fma(k, vector.load_from(queries + std::ptrdiff_t{r} * depth), sum[r]);
      },
      [&](std::ptrdiff_t d) {
        for (int r = 0; r < Rows; ++r)
          rest[r] += key[d] * queries[std::ptrdiff_t{r} * depth + d];
      });
  QKV_UNROLL
  for (int r = 0; r < Rows; ++r) {
    store(products + r * row_stride, sum[r]);
    products[r * row_stride] += rest[r];
  }
}

/// scores [keys] of one row: products [keys][lanes] are transposed to be added; lanes past the last
/// key repeat it. `max` becomes the largest score so far.
template <class Arch>
[[gnu::noinline]] void add_products(float* products, std::int32_t keys, float* scores, float* max) {
  using V = Vector<Arch>;
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  for (std::int32_t k = keys; k < round_up(keys, lane_count); ++k)
    store(products + k * lanes<Arch>, load<Arch>(products + (keys - 1) * lanes<Arch>));
  V largest(*max);
  for (std::int32_t k = 0; k < keys; k += lane_count) {
    V score[static_cast<std::size_t>(lane_count)];
    for (std::int32_t lane = 0; lane < lane_count; ++lane)
      score[lane] = load<Arch>(products + (k + lane) * lanes<Arch>);
    xsimd::transpose(score, score + lane_count);
    for (std::int32_t half = lane_count / 2; half > 0; half /= 2)
      for (std::int32_t i = 0; i < half; ++i)
        score[i] += score[i + half];
    store(scores + k, score[0]);
    largest = xsimd::max(largest, score[0]);
  }
  *max = xsimd::reduce_max(largest);
}

/// scores [Rows][block_keys] of a run of keys. K is read in the order of its memory, where what
/// fetches ahead can follow.
template <class Arch, int Rows>
[[gnu::noinline]] void score_keys(const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                                  const float* queries, std::int32_t depth, float* scores,
                                  float* max) {
  constexpr std::ptrdiff_t row_stride = Tile<Arch>::few_keys * lanes<Arch>;
  float products[static_cast<std::size_t>(Rows * row_stride)];
  for (std::int32_t k = 0; k < keys; ++k)
    multiply_key<Arch, Rows>(key + k * key_stride, queries, depth, products + k * lanes<Arch>,
                             row_stride);
  for (int r = 0; r < Rows; ++r)
    add_products<Arch>(products + r * row_stride, keys, scores + r * KeyLanes<Arch>::row_stride,
                       max + r);
}

/// scores [rows][block_keys] for at most few_rows rows.
template <class Arch>
void score_block(KeyLanes<Arch>, const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                 const float* queries, std::int32_t rows, std::int32_t depth, float* scores,
                 float* max) {
  for_each_run<Arch>(
      keys, rows, [&]<int Rows>(std::int32_t k, std::int32_t count, std::int32_t row) {
        score_keys<Arch, Rows>(key + k * key_stride, key_stride, count,
                               queries + std::ptrdiff_t{row} * depth, depth,
                               scores + row * KeyLanes<Arch>::row_stride + k, max + row);
      });
}

} // namespace qkv
