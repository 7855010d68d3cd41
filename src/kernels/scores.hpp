// Scores of a block of keys, K·Qᵀ: K is read in its own layout.
#pragma once

#include "layout.hpp"
#include "product.hpp"

#include <algorithm>
#include <cstddef>

namespace qkv {

/// Scores as they are, and `max`, the largest of each row so far.
struct Scores {
  template <class Arch, int Keys, int Vectors>
  static void put(const Vector<Arch> (&sum)[Keys][Vectors], float* scores, float* max) {
    for (int v = 0; v < Vectors; ++v) {
      Vector<Arch> largest = load<Arch>(max + v * lanes<Arch>);
      for (int k = 0; k < Keys; ++k) {
        store(scores + k * Tile<Arch>::block_rows + v * lanes<Arch>, sum[k][v]);
        largest = xsimd::max(largest, sum[k][v]);
      }
      store(max + v * lanes<Arch>, largest);
    }
  }
};

/// scores [keys][block_rows] for `rows` rows, padded; queries: [depth][block_rows].
template <class Arch>
void score_block(RowLanes<Arch>, const float* key, std::ptrdiff_t key_stride, std::int32_t keys,
                 const float* queries, std::int32_t rows, std::int32_t depth, float* scores,
                 float* max) {
  using T = Tile<Arch>;
  const Factor factor{
      .data = key, .item_stride = key_stride, .step_stride = 1, .items = keys, .steps = depth};
  if (rows > T::rows_that_wait)
    return multiply<Arch, Scores>(factor, queries, rows, scores, max);
  // K is read once
  for (std::int32_t k = 0; k < keys; k += T::narrow.items) {
    const Factor tile = factor.from(k, std::min(T::narrow.items, keys - k));
    bring_closer(tile.data, key_stride, tile.items, depth);
    multiply<Arch, Scores>(tile, queries, rows, scores + k * T::block_rows, max);
  }
}

/// Of one key and `Rows` rows, lane by lane: products + r·row_stride [lanes]; a score is their sum.
/// The four vectors of an iteration, a cache line of the key, go to two sums in turns: two chains
/// of multiply-adds that wait for each other only at the end. What is left of four goes to the
/// first.
template <class Arch, int Rows>
inline void multiply_key(const float* key, const float* queries, std::int32_t depth,
                         float* products, std::ptrdiff_t row_stride) {
  using V = Vector<Arch>;
  constexpr int chains = 2;
  V sum[chains][Rows];
  float rest[Rows] = {};
  for (auto& chain : sum)
    for (V& s : chain)
      s = V(0.0F);
  for_each_vector<Arch, 2 * chains>(
      depth,
      [&](const auto& vector) {
        const V k = vector.load_from(key);
        V* const chain = sum[vector.offset / lanes<Arch> % chains];
        QKV_UNROLL
        for (int r = 0; r < Rows; ++r)
          chain[r] = xsimd::fma(k, vector.load_from(queries + std::ptrdiff_t{r} * depth), chain[r]);
      },
      [&](std::ptrdiff_t d) {
        for (int r = 0; r < Rows; ++r)
          rest[r] += key[d] * queries[std::ptrdiff_t{r} * depth + d];
      });
  QKV_UNROLL
  for (int r = 0; r < Rows; ++r) {
    store(products + r * row_stride, sum[0][r] + sum[1][r]);
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
