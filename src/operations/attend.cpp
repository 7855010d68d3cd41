// attend on one target: chooses the loop for each block of rows.
#include "attend.hpp"

#include "../kernels/decode.hpp"
#include "../kernels/forward.hpp"

namespace qkv::QKV_TARGET {

std::size_t workspace_bytes(const Problem& problem) {
  Arena counted(nullptr);
  const Workspace work(problem.extents, counted);
  return counted.bytes();
}

void attend(const Problem& problem, std::byte* workspace) {
  const Plan plan(problem);
  Arena memory(workspace);
  const Workspace work(problem.extents, memory);
  if (problem.extents.queries == 0 || problem.extents.heads == 0)
    return;
  for_each_row_block(plan, [&](const RowBlock& block) {
    float* outputs[static_cast<std::size_t>(block_rows)];
    block.find_rows(problem.output, outputs);
    if (block.rows() <= decode_rows)
      attend_decode_rows<Float32>(plan, block, work, outputs);
    else
      attend_rows<Float32>(plan, block, work, outputs);
  });
}

} // namespace qkv::QKV_TARGET
