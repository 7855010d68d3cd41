// How much of a block of keys its rows attend. Most blocks of a causal, windowed or padded problem
// are excluded or included as a whole: the first are skipped, the second need no masks.
#pragma once

#include "../simd/count.hpp"
#include "rows.hpp"

namespace qkv::QKV_TARGET {

enum class Coverage { none, some, all };

/// Coverage by a mask or bias of `rows` rows and the keys [first_key, first_key + keys).
template <class Element>
Coverage coverage_by(const Element* data, const BroadcastStrides& stride,
                     const std::int32_t* row_start, std::int32_t rows, std::int32_t first_key,
                     std::int32_t keys) {
  const auto excludes = [](Element element) { return excludes_key(element); };
  const bool same_for_all = stride.head == 0 && stride.query == 0;
  const std::int32_t rows_to_read = same_for_all ? 1 : rows;
  const std::int32_t count = stride.key == 0 ? 1 : keys;
  std::int32_t excluded = 0;
  for (std::int32_t row = 0; row < rows_to_read; ++row) {
    excluded += count_matching(data + row_start[row] + std::ptrdiff_t{first_key} * stride.key,
                               count, excludes);
    if (excluded != 0 && excluded != (row + 1) * count)
      return Coverage::some;
  }
  return excluded == 0 ? Coverage::all : Coverage::none;
}

/// The coverage of a block, by each option that can exclude keys.
struct BlockCoverage {
  Coverage position;
  Coverage mask;
  Coverage bias;

  [[nodiscard]] bool is(Coverage coverage) const {
    const bool none =
        position == Coverage::none || mask == Coverage::none || bias == Coverage::none;
    const bool all = position == Coverage::all && mask == Coverage::all && bias == Coverage::all;
    return coverage == (none ? Coverage::none : all ? Coverage::all : Coverage::some);
  }
};

inline BlockCoverage coverage_of(const Plan& plan, const RowOptions& rows, std::int32_t count,
                                 const RowRanges& ranges, std::int32_t first_key,
                                 std::int32_t keys) {
  const std::int32_t end = first_key + keys;
  BlockCoverage coverage{.position = Coverage::all, .mask = Coverage::all, .bias = Coverage::all};
  if (end <= ranges.any.first || first_key >= ranges.any.end) {
    coverage.position = Coverage::none;
    return coverage;
  }
  if (first_key < ranges.every.first || end > ranges.every.end)
    coverage.position = Coverage::some;
  const Problem& p = plan.problem;
  if (p.mask.data != nullptr)
    coverage.mask = coverage_by(p.mask.data, plan.mask, rows.mask_row, count, first_key, keys);
  if (p.bias.data != nullptr)
    coverage.bias = coverage_by(p.bias.data, plan.bias, rows.bias_row, count, first_key, keys);
  return coverage;
}

} // namespace qkv::QKV_TARGET
