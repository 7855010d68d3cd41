// attend on one target: chooses the loop for each block of rows.
#include "attend.hpp"

#include "../kernels/decode.hpp"
#include "../kernels/forward.hpp"

namespace qkv::QKV_TARGET {

std::size_t workspace_bytes(const Problem& problem) {
  return static_cast<std::size_t>(Workspace(problem.extents, nullptr).bytes);
}

void attend(const Problem& problem, std::byte* memory) {
  const Plan plan(problem);
  const Workspace work(problem.extents, memory);
  if (problem.extents.queries == 0 || problem.extents.heads == 0)
    return;
  for_each_row_block(plan, [&](const RowBlock& block) {
    if (block.rows() <= decode_rows)
      attend_decode_rows<Float32>(plan, block, work);
    else
      attend_rows<Float32>(plan, block, work);
  });
}

} // namespace qkv::QKV_TARGET
