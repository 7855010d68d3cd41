// Compiled once for each arch, with its flags (QKV_ARCH).
#include "attention.hpp"
#include "kernels/block.hpp"

#include <algorithm>

namespace qkv {

namespace {

/// Blocks of rows that share a key head. Queries of several heads share a block when they are few,
/// as in decoding, so that K and V are read once for the group.
template <class Arch, class Body>
void for_each_row_block(const Plan& plan, Body&& body) {
  constexpr std::int32_t most = Tile<Arch>::block_rows;
  const Extents& e = plan.problem.extents;
  const std::int32_t queries = std::min(e.queries, most);
  const std::int32_t heads = std::clamp(most / queries, 1, plan.group);
  for (std::int32_t batch = 0; batch < e.batch; ++batch)
    for (std::int32_t key_head = 0; key_head < e.key_heads; ++key_head)
      for (std::int32_t head = 0; head < plan.group; head += heads)
        for (std::int32_t query = 0; query < e.queries; query += queries)
          body(RowBlock{.batch = batch,
                        .key_head = key_head,
                        .head = key_head * plan.group + head,
                        .heads = std::min(heads, plan.group - head),
                        .query = query,
                        .queries = std::min(queries, e.queries - query)});
}

} // namespace

template <class Arch>
std::size_t workspace_bytes(const Problem& problem) {
  return static_cast<std::size_t>(Workspace<Arch>(problem.extents, nullptr).bytes);
}

template <class Arch>
void attend(const Problem& problem, std::byte* memory) {
  const Plan plan(problem);
  const Workspace<Arch> work(problem.extents, memory);
  if (problem.extents.queries == 0 || problem.extents.heads == 0)
    return;
  for_each_row_block<Arch>(plan, [&](const RowBlock& block) {
    if (block.rows() <= Tile<Arch>::few_rows)
      BlockAttention<Arch, KeyLanes>(plan, block, work).compute();
    else
      BlockAttention<Arch, RowLanes>(plan, block, work).compute();
  });
}

template std::size_t workspace_bytes<QKV_ARCH>(const Problem&);
template void attend<QKV_ARCH>(const Problem&, std::byte*);

} // namespace qkv
