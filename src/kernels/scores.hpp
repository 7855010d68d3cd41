// Pass 1: the scores of a block of keys, K·Qᵀ. K is read in its own layout.
#pragma once

#include "layout.hpp"
#include "micro_kernel.hpp"

#include <algorithm>
#include <cstddef>

namespace qkv::QKV_TARGET {

/// Stores the scores, and raises `max` to the largest of each row.
struct ScoreEpilogue {
  template <int keys, int nr>
  static void apply(const Vector (&sum)[keys][nr], float* scores, float* max) {
    for (int v = 0; v < nr; ++v) {
      Vector largest = load(max + v * lanes);
      for (int k = 0; k < keys; ++k) {
        store(scores + k * block_rows + v * lanes, sum[k][v]);
        largest = larger(sum[k][v], largest);
      }
      store(max + v * lanes, largest);
    }
  }
};

/// The scores of a block, and in `max` [rows] the largest of each row and of what was there.
/// key: the block's first; queries: packed.
template <class Element>
void compute_scores(const ScoreBlock<RowLanes>& block, const typename Element::Stored* key,
                    std::ptrdiff_t key_stride, const float* queries, std::int32_t depth,
                    float* max) {
  const Factor<Element> factor{.data = key,
                               .item_stride = key_stride,
                               .step_stride = 1,
                               .items = block.keys,
                               .steps = depth};
  if (block.rows > prefetch_rows)
    return multiply<ScoreEpilogue>(factor, queries, block.rows, block.scores, max);
  for (std::int32_t k = 0; k < block.keys; k += narrow_tile.mr) {
    const Factor tile = factor.from(k, std::min(narrow_tile.mr, block.keys - k));
    prefetch(tile.data, key_stride, tile.items, depth);
    multiply<ScoreEpilogue>(tile, queries, block.rows, block.scores + k * block_rows, max);
  }
}

/// The products of one key and `Rows` rows, lane by lane: products + r·row_stride [lanes]. A score
/// is the sum of its lanes. The four vectors of an iteration, a cache line of the key, go to two
/// sums in turn: two chains of multiply-adds, whose latencies overlap. Vectors that are left go to
/// the first.
template <class Element, int Rows>
inline void multiply_key(const typename Element::Stored* key, const float* queries,
                         std::int32_t depth, float* products, std::ptrdiff_t row_stride) {
  constexpr int chains = 2;
  Vector sum[chains][Rows];
  float rest[Rows] = {};
  for (auto& chain : sum)
    for (Vector& s : chain)
      s = Vector(0.0F);
  for_each_vector<2 * chains>(
      depth,
      [&](const auto& vector) {
        const Vector k = Element::load(vector.in(key));
        Vector* const chain = sum[vector.offset / lanes % chains];
        QKV_UNROLL
        for (int r = 0; r < Rows; ++r)
          chain[r] = xsimd::fma(k, vector.load_from(queries + std::ptrdiff_t{r} * depth), chain[r]);
      },
      [&](std::ptrdiff_t d) {
        for (int r = 0; r < Rows; ++r)
          rest[r] += Element::get(key + d) * queries[std::ptrdiff_t{r} * depth + d];
      });
  QKV_UNROLL
  for (int r = 0; r < Rows; ++r) {
    store(products + r * row_stride, sum[0][r] + sum[1][r]);
    products[r * row_stride] += rest[r];
  }
}

/// scores [keys] of one row: adds up the lanes of products [keys][lanes] by transposing them. Lanes
/// past the last key repeat it. Raises `max` to the largest score.
[[gnu::noinline]] inline void add_products(float* products, std::int32_t keys, float* scores,
                                           float* max) {
  for (std::int32_t k = keys; k < round_up(keys, lane_count); ++k)
    store(products + k * lanes, load(products + (keys - 1) * lanes));
  Vector largest(*max);
  for (std::int32_t k = 0; k < keys; k += lane_count) {
    Vector score[static_cast<std::size_t>(lanes)];
    for (std::int32_t lane = 0; lane < lane_count; ++lane)
      score[lane] = load(products + (k + lane) * lanes);
    xsimd::transpose(score, score + lanes);
    for (std::int32_t half = lane_count / 2; half > 0; half /= 2)
      for (std::int32_t i = 0; i < half; ++i)
        score[i] += score[i + half];
    store(scores + k, score[0]);
    largest = larger(score[0], largest);
  }
  *max = xsimd::reduce_max(largest);
}

/// scores [Rows][block_keys] of a run of keys. K is read in the order of its memory, which the
/// hardware prefetcher follows.
template <class Element, int Rows>
[[gnu::noinline]] void score_run(const typename Element::Stored* key, std::ptrdiff_t key_stride,
                                 std::int32_t keys, const float* queries, std::int32_t depth,
                                 float* scores, float* max) {
  constexpr std::ptrdiff_t row_stride = decode_run * lanes;
  float products[static_cast<std::size_t>(Rows * row_stride)];
  for (std::int32_t k = 0; k < keys; ++k)
    multiply_key<Element, Rows>(key + k * key_stride, queries, depth, products + k * lanes,
                                row_stride);
  for (int r = 0; r < Rows; ++r)
    add_products(products + r * row_stride, keys, scores + r * KeyLanes::row_stride, max + r);
}

template <class Element>
void compute_scores(const ScoreBlock<KeyLanes>& block, const typename Element::Stored* key,
                    std::ptrdiff_t key_stride, const float* queries, std::int32_t depth,
                    float* max) {
  for_each_run(block.keys, block.rows,
               [&]<int Rows>(std::int32_t k, std::int32_t count, std::int32_t row) {
                 score_run<Element, Rows>(key + k * key_stride, key_stride, count,
                                          queries + std::ptrdiff_t{row} * depth, depth,
                                          block.group(row) + k, max + row);
               });
}

} // namespace qkv::QKV_TARGET
