// Scores and weights for those who ask: [B, H, L, S] from blocks of Sᵀ.
#pragma once

#include "../simd/exp2.hpp"
#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qkv {

/// Index of a row in [B, H, L].
inline std::ptrdiff_t row_index(const Extents& e, const RowBlock& block, std::int32_t row) {
  return (std::ptrdiff_t{block.batch} * e.heads + block.head_of(row)) * e.queries +
         block.query_of(row);
}

/// captured[b, h, i, j] = factor·score for the keys of a block.
template <class Arch, template <class> class Layout>
void capture_scores(float* captured, float factor, const ScoreBlock<Arch, Layout>& scores,
                    const RowBlock& block) {
  const Extents& e = scores.plan.problem.extents;
  for (std::int32_t row = 0; row < block.rows(); ++row) {
    float* to = captured + row_index(e, block, row) * e.keys + scores.first_key;
    const float* from = scores.group(row);
    for (std::int32_t k = 0; k < scores.keys; ++k, from += Layout<Arch>::key_stride)
      to[k] = factor * *from;
  }
}

/// Turns the scores of one row into exponentials, in place: 2^(log2_unit·(s − max)).
template <class Arch>
[[gnu::noinline]] void exponentiate_row(float* row, std::int32_t keys, float log2_unit, float max) {
  using V = Vector<Arch>;
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  for (std::int32_t k = 0; k < keys; k += lane_count) {
    const std::int32_t count = std::min(lane_count, keys - k);
    const bool whole = count == lane_count;
    const V score = whole ? load<Arch>(row + k) : load_first<Arch>(row + k, count);
    const V exponential = exp2<Arch>((score - V(max)) * V(log2_unit));
    if (whole) {
      store(row + k, exponential);
    } else {
      float element[static_cast<std::size_t>(lane_count)];
      store(element, exponential);
      std::copy_n(element, count, row + k);
    }
  }
}

/// Σ row + sink. In double, unlike the running sum of the online softmax: many small weights beside
/// a large one can all be rounded the same way, and weights promise a sum of 1.
inline float sum_of_row(const float* row, std::int32_t keys, float sink) {
  return static_cast<float>(std::accumulate(row, row + keys, static_cast<double>(sink)));
}

/// Turns the scores of one row into weights, in place. `sink`: the exponential of the sink, or 0.
template <class Arch>
void normalise_row(float* row, std::int32_t keys, float log2_unit, float max, float sink) {
  exponentiate_row<Arch>(row, keys, log2_unit, max);
  const float sum = sum_of_row(row, keys, sink);
  std::int32_t k = 0;
  for (; k + lanes<Arch> <= keys; k += lanes<Arch>)
    store(row + k, load<Arch>(row + k) / Vector<Arch>(sum));
  for (; k < keys; ++k)
    row[k] /= sum;
}

} // namespace qkv
