// The scratch memory of one block of rows.
#pragma once

#include "rows.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace qkv::QKV_TARGET {

/// Memory that arrays are taken from, one after the other. Without memory, it only counts the
/// bytes.
class Arena {
public:
  explicit Arena(std::byte* memory) : memory_(memory) {}

  template <class Element>
  void take(Element*& array, std::ptrdiff_t count) {
    array = memory_ == nullptr ? nullptr : reinterpret_cast<Element*>(memory_ + bytes_); // NOLINT
    constexpr std::int64_t alignment = 64;
    bytes_ += (count * std::int64_t{sizeof(Element)} + alignment - 1) / alignment * alignment;
  }

  /// Taken so far. More than can be addressed is the largest number, which no allocator grants.
  [[nodiscard]] std::size_t bytes() const {
    constexpr std::uint64_t most = std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(bytes_), most));
  }

private:
  std::byte* memory_;
  std::int64_t bytes_ = 0;
};

/// The online softmax of each row (arXiv:1805.02867), padding included.
struct SoftmaxState {
  float* max; ///< the running maximum of the scores
  float* sum; ///< the running Σ exp2_scale·2^(scale·(s − max))
};

/// What earlier spans of keys add up to (long_sums.hpp).
struct SpanTotals {
  double* output; ///< as Workspace::output
  double* sum;    ///< as SoftmaxState::sum
  double* factor; ///< what rescales have multiplied both by since the last span
};

/// The range of the values of keys that all rows of a block attend, as far as it is known
/// (value_range.hpp).
struct KnownRange {
  float* least;      ///< [value_columns]
  float* most;       ///< [value_columns]
  std::int32_t* end; ///< the first key that is not included yet, of each vector of columns
};

struct Workspace {
  float* queries;      ///< packed (queries.hpp)
  float* scores;       ///< scores, then weights, as a layout says: block_rows × block_keys
  float* output;       ///< block_rows × value_columns, as a layout says; not yet divided by the sum
  float* block_output; ///< [decode_rows][value_columns]: what block_keys keys add

  RowOptions rows;
  SoftmaxState softmax;
  SpanTotals totals; ///< only with more than span_keys keys
  KnownRange range;
  // Of decode rows, one row's worth for each block whose values are still to be added.
  float* block_max; ///< the running maximum with the scores of the block
  float* rescale;   ///< what the block's new maximum multiplies earlier sums by

  std::int32_t value_columns; ///< Dv rounded up to a vector

  Workspace(const Extents& extents, Arena& memory)
      : value_columns(round_up(extents.value_depth, lane_count)) {
    const auto take = [&](auto*& array, std::ptrdiff_t count) { memory.take(array, count); };
    take(queries, std::ptrdiff_t{block_rows} * round_up(extents.depth, lane_count));
    take(scores, block_rows * block_keys);
    take(output, std::ptrdiff_t{block_rows} * value_columns);
    take(block_output, std::ptrdiff_t{decode_rows} * value_columns);
    take(range.least, value_columns);
    take(range.most, value_columns);
    take(range.end, value_columns / lane_count);
    const bool is_long = extents.keys > span_keys;
    take(totals.output, is_long ? std::ptrdiff_t{block_rows} * value_columns : 0);
    take(totals.sum, is_long ? block_rows : 0);
    take(totals.factor, is_long ? block_rows : 0);
    rows.take_memory(take);
    for (float** array : {&softmax.max, &softmax.sum, &block_max, &rescale})
      take(*array, block_rows);
  }
};

} // namespace qkv::QKV_TARGET
