// Queries as rows of a block, times query_factor, as the score kernels read them.
#pragma once

#include "layout.hpp"

#include <algorithm>

namespace qkv {

/// Of `lanes` rows, factor times each: a vector for each element of the depth, block_rows apart,
/// and zeros up to a multiple of the lanes.
template <class Arch>
void transpose_rows(const float* const* row, float factor, std::int32_t depth, float* to) {
  using V = Vector<Arch>;
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  V column[static_cast<std::size_t>(lane_count)];
  const auto put = [&] {
    xsimd::transpose(column, column + lane_count);
    for (std::int32_t j = 0; j < lane_count; ++j, to += Tile<Arch>::block_rows)
      store(to, column[j] * V(factor));
  };
  std::int32_t d = 0;
  for (; d + lane_count <= depth; d += lane_count) {
    for (std::int32_t lane = 0; lane < lane_count; ++lane)
      column[lane] = load<Arch>(row[lane] + d);
    put();
  }
  if (d < depth) {
    for (std::int32_t lane = 0; lane < lane_count; ++lane)
      column[lane] = load_first<Arch>(row[lane] + d, depth - d);
    put();
  }
}

/// [depth][block_rows]. Lanes past the last row repeat it.
template <class Arch>
void pack_queries(RowLanes<Arch>, const Plan& plan, const RowBlock& block,
                  const Workspace<Arch>& work) {
  const std::int32_t rows = Tile<Arch>::padded(block.rows());
  const float* row[static_cast<std::size_t>(Tile<Arch>::block_rows)];
  block.find_rows(plan.problem.query, row);
  std::fill(row + block.rows(), row + rows, row[block.rows() - 1]);
  for (std::int32_t first = 0; first < rows; first += static_cast<std::int32_t>(lanes<Arch>))
    transpose_rows<Arch>(row + first, plan.query_factor, plan.problem.extents.depth,
                         work.queries + first);
}

/// [rows][depth].
template <class Arch>
void pack_queries(KeyLanes<Arch>, const Plan& plan, const RowBlock& block,
                  const Workspace<Arch>& work) {
  const std::int32_t depth = plan.problem.extents.depth;
  const float* row[static_cast<std::size_t>(Tile<Arch>::few_rows)];
  block.find_rows(plan.problem.query, row);
  for (std::int32_t r = 0; r < block.rows(); ++r)
    for (std::int32_t d = 0; d < depth; ++d)
      work.queries[std::ptrdiff_t{r} * depth + d] = row[r][d] * plan.query_factor;
}

} // namespace qkv
