// Scores of a block of keys, K·Qᵀ: K is read in its own layout.
#pragma once

#include "layout.hpp"

#include <algorithm>
#include <cstddef>

namespace qkv {

/// A register tile for many rows: `Keys` keys × `Vectors` vectors of queries, summed over the depth
/// in its order; a value of K is broadcast. key: [Keys][depth]; queries: [depth][Vectors]; scores:
/// [Keys][block_rows]. `max` [Vectors] becomes the largest score of each query so far.
template <class Arch, int Keys, int Vectors>
inline void score_tile(const float* key, std::ptrdiff_t key_stride, const float* queries,
                       std::int32_t depth, float* scores, float* max) {
  using V = Vector<Arch>;
  V sum[Keys][Vectors];
  for (auto& row : sum)
    for (V& s : row)
      s = V(0.0F);

  for_each_step<Arch>(depth, [&](std::int32_t d) {
    V query[Vectors];
    for (int v = 0; v < Vectors; ++v)
      query[v] = load<Arch>(queries + v * lanes<Arch>);
    for (int k = 0; k < Keys; ++k) {
      const V broadcast(key[k * key_stride + d]);
      for (int v = 0; v < Vectors; ++v)
        sum[k][v] = xsimd::fma(query[v], broadcast, sum[k][v]);
    }
    queries += Vectors * lanes<Arch>;
  });

  for (int v = 0; v < Vectors; ++v) {
    V largest = load<Arch>(max + v * lanes<Arch>);
    for (int k = 0; k < Keys; ++k) {
      store(scores + k * Tile<Arch>::block_rows + v * lanes<Arch>, sum[k][v]);
      largest = xsimd::max(largest, sum[k][v]);
    }
    store(max + v * lanes<Arch>, largest);
  }
}

/// `Keys` keys against all panels. Not inlined: engines replace baseline code by optimised code
/// when a function is entered, so hot loops stand in functions that are entered often.
template <class Arch, int Keys>
[[gnu::noinline]] void score_panels(const float* key, std::ptrdiff_t key_stride,
                                    const float* queries, std::int32_t panels, std::int32_t depth,
                                    float* scores, float* max) {
  constexpr std::int32_t panel = Tile<Arch>::panel;
  for (std::int32_t p = 0; p < panels; ++p)
    score_tile<Arch, Keys, Tile<Arch>::vectors>(
        key, key_stride, queries + std::ptrdiff_t{p} * panel * depth, depth,
        scores + std::ptrdiff_t{p} * panel, max + std::ptrdiff_t{p} * panel);
}

/// `Keys` keys against one vector of queries, the last half of a panel.
template <class Arch, int Keys>
[[gnu::noinline]] void score_vector(const float* key, std::ptrdiff_t key_stride,
                                    const float* queries, std::int32_t depth, float* scores,
                                    float* max) {
  score_tile<Arch, Keys, 1>(key, key_stride, queries, depth, scores, max);
}

/// scores [keys][block_rows] for `rows` rows, a multiple of the lanes.
template <class Arch>
void score_block(RowLanes<Arch>, const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                 const float* queries, std::int32_t rows, std::int32_t depth, float* scores,
                 float* max) {
  constexpr std::ptrdiff_t stride = Tile<Arch>::block_rows;
  const std::int32_t panels = rows / Tile<Arch>::panel;
  const std::int32_t in_panels = panels * Tile<Arch>::panel;
  if (panels > 0)
    for_each_overlapping_tile<Tile<Arch>::rows>(keys, [&]<int Keys>(std::int32_t k) {
      if (rows <= Tile<Arch>::panel) // few rows: K is read once
        bring_closer(key + k * key_stride, key_stride, Keys, depth);
      score_panels<Arch, Keys>(key + k * key_stride, key_stride, queries, panels, depth,
                               scores + k * stride, max);
    });
  if (in_panels < rows)
    for_each_overlapping_tile<Tile<Arch>::vector_tile_keys>(keys, [&]<int Keys>(std::int32_t k) {
      if (panels == 0) // few rows: K is read once
        bring_closer(key + k * key_stride, key_stride, Keys, depth);
      score_vector<Arch, Keys>(key + k * key_stride, key_stride,
                               queries + std::ptrdiff_t{in_panels} * depth, depth,
                               scores + k * stride + in_panels, max + in_panels);
    });
}

/// products [lanes]: of one key and one of few rows, lane by lane; the score is their sum.
template <class Arch>
inline void multiply_key(const float* key, const float* query, std::int32_t depth,
                         float* products) {
  using V = Vector<Arch>;
  V sum(0.0F);
  float rest = 0;
  for_each_vector<Arch>(
      depth,
      [&](const auto& vector) {
        sum = xsimd::fma(vector.load_from(key), vector.load_from(query), sum);
      },
      [&](std::ptrdiff_t d) { rest += key[d] * query[d]; });
  store(products, sum);
  products[0] += rest;
}

/// scores [keys] of one of few rows; lanes past the last key repeat it. K is read in the order
/// of its memory, where what fetches ahead can follow; products of `lanes` keys are transposed to
/// be added. `max` becomes the largest score so far.
template <class Arch>
[[gnu::noinline]] void score_keys(const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                                  const float* query, std::int32_t depth, float* scores,
                                  float* max) {
  using V = Vector<Arch>;
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  float products[static_cast<std::size_t>(Tile<Arch>::few_keys * lanes<Arch>)];
  for (std::int32_t k = 0; k < keys; ++k)
    multiply_key<Arch>(key + k * key_stride, query, depth, products + k * lanes<Arch>);
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

/// scores [rows][block_keys] for at most few_rows rows.
template <class Arch>
void score_block(KeyLanes<Arch>, const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                 const float* queries, std::int32_t rows, std::int32_t depth, float* scores,
                 float* max) {
  constexpr std::int32_t step = Tile<Arch>::few_keys;
  for (std::int32_t k = 0; k < keys; k += step)
    for (std::int32_t row = 0; row < rows; ++row)
      score_keys<Arch>(key + k * key_stride, key_stride, std::min(step, keys - k),
                       queries + std::ptrdiff_t{row} * depth, depth,
                       scores + row * KeyLanes<Arch>::row_stride + k, max + row);
}

} // namespace qkv
