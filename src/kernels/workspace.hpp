// The scratch memory of one block of rows.
#pragma once

#include "rows.hpp"

#include <cstddef>

namespace qkv::QKV_TARGET {

/// The online softmax of each row (arXiv:1805.02867), padding included.
struct SoftmaxState {
  float* max; ///< the running maximum of the scores
  float* sum; ///< the running Σ exp2_scale·2^(scale·(s − max))
};

struct Workspace {
  float* queries;      ///< packed (queries.hpp)
  float* scores;       ///< scores, then weights, as a layout says: block_rows × block_keys
  float* output;       ///< block_rows × value_columns, as a layout says; not yet divided by the sum
  float* block_output; ///< [decode_rows][value_columns]: what block_keys keys add

  RowOptions rows;
  SoftmaxState softmax;
  // Of decode rows, one row's worth for each block whose values are still to be added.
  float* block_max; ///< the running maximum with the scores of the block
  float* rescale;   ///< what the block's new maximum multiplies earlier sums by

  std::int32_t value_columns; ///< Dv rounded up to a vector

  Workspace(const Extents& extents, std::byte* memory)
      : value_columns(round_up(extents.value_depth, lane_count)) {
    const auto take = [&]<class Element>(Element*& array, std::ptrdiff_t count) {
      // Without memory, only the bytes are counted.
      array = memory == nullptr ? nullptr : reinterpret_cast<Element*>(memory + bytes); // NOLINT
      constexpr std::ptrdiff_t alignment = 64;
      bytes += (count * static_cast<std::ptrdiff_t>(sizeof(Element)) + alignment - 1) / alignment *
               alignment;
    };
    take(queries, std::ptrdiff_t{block_rows} * round_up(extents.depth, lane_count));
    take(scores, block_rows * block_keys);
    take(output, std::ptrdiff_t{block_rows} * value_columns);
    take(block_output, std::ptrdiff_t{decode_rows} * value_columns);
    rows.take_memory(take);
    for (float** array : {&softmax.max, &softmax.sum, &block_max, &rescale})
      take(*array, block_rows);
  }

  std::ptrdiff_t bytes = 0;
};

} // namespace qkv::QKV_TARGET
