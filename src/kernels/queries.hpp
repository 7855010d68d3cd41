// Queries as rows of a block: packed so that each lane holds one query.
#pragma once

#include "workspace.hpp"

#include <algorithm>

namespace qkv {

inline const float* query_row(const Problem& problem, const RowBlock& block, std::int32_t row) {
  const auto& q = problem.query;
  return q.data + std::ptrdiff_t{block.batch} * q.batch_stride +
         std::ptrdiff_t{block.head_of(row)} * q.head_stride +
         std::ptrdiff_t{block.query_of(row)} * q.row_stride;
}

/// Writes panels [D][panel] of Q·query_factor; lanes past the last row are 0.
template <class Arch>
void pack_queries(const Plan& plan, const RowBlock& block, const Workspace<Arch>& work) {
  constexpr std::int32_t panel = Tile<Arch>::panel;
  const std::int32_t depth = plan.problem.extents.depth;
  const std::int32_t rows = block.rows();
  for (std::int32_t row = 0; row < round_up(rows, panel); ++row) {
    float* lane = work.queries + std::ptrdiff_t{row / panel} * panel * depth + row % panel;
    if (row >= rows) {
      for (std::int32_t d = 0; d < depth; ++d)
        lane[std::ptrdiff_t{d} * panel] = 0;
      continue;
    }
    const float* query = query_row(plan.problem, block, row);
    for (std::int32_t d = 0; d < depth; ++d)
      lane[std::ptrdiff_t{d} * panel] = query[d] * plan.query_factor;
  }
}

} // namespace qkv
