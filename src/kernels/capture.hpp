// Scores and weights for callers that ask for them: dense [B, H, L, S] from the scores of blocks.
#pragma once

#include "../simd/exp2.hpp"
#include "exclusion.hpp"
#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qkv::QKV_TARGET {

/// captured[b, h, i, j] = scale[row]·score, −∞ where the key is excluded. Without scales, they
/// are 1.
template <class Layout>
void capture_scores(const Extents& e, const RowBlock& row_block, const ScoreBlock<Layout>& block,
                    const float* scale, float* captured) {
  for (std::int32_t row = 0; row < row_block.rows(); ++row) {
    const float factor = scale == nullptr ? 1 : scale[row];
    float* to = captured + row_block.index_of(e, row) * e.keys + block.first_key;
    const float* from = block.group(row);
    for (std::int32_t k = 0; k < block.keys; ++k, from += Layout::key_stride)
      to[k] = is_excluded_score(*from) ? minus_infinity : factor * *from;
  }
}

/// Turns the scores of one row into exponentials, in place: 2^(log2_scale·(s − max)).
[[gnu::noinline]] inline void exponentiate_row(float* row, std::ptrdiff_t keys, float max,
                                               float log2_scale) {
  for (std::ptrdiff_t k = 0; k < keys; k += lanes) {
    const std::ptrdiff_t count = std::min(lanes, keys - k);
    const bool whole = count == lanes;
    const Vector score = whole ? load(row + k) : load_first(row + k, count);
    const Vector exponential = exp2((score - Vector(max)) * Vector(log2_scale));
    if (whole) {
      store(row + k, exponential);
    } else {
      float element[static_cast<std::size_t>(lanes)];
      store(element, exponential);
      copy(element, count, row + k);
    }
  }
}

/// Σ row + sink, in double: many small weights beside a large one may all be rounded the same way,
/// and weights promise a sum of 1.
inline float sum_of_row(const float* row, std::ptrdiff_t keys, float sink) {
  return static_cast<float>(std::accumulate(row, row + keys, static_cast<double>(sink)));
}

/// Turns captured scores of one row into weights, in place. `sink`: the exponential of the sink, or
/// 0.
inline void normalise_row(float* row, std::ptrdiff_t keys, float max, float log2_scale,
                          float sink) {
  exponentiate_row(row, keys, max, log2_scale);
  const float sum = sum_of_row(row, keys, sink);
  std::ptrdiff_t k = 0;
  for (; k + lanes <= keys; k += lanes)
    store(row + k, load(row + k) / Vector(sum));
  for (; k < keys; ++k)
    row[k] /= sum;
}

} // namespace qkv::QKV_TARGET
