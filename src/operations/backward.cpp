// backward on one target: block of rows after block of rows.
#include "backward.hpp"

#include "../kernels/backward.hpp"

#include <algorithm>

namespace qkv::QKV_TARGET {

namespace {

/// A tensor of `heads` heads and `rows` rows becomes 0.
void fill_with_zeros(const Tensor<float>& tensor, const Extents& e, std::int32_t heads,
                     std::int32_t rows, std::int32_t columns) {
  if (tensor.data == nullptr)
    return;
  for (std::int32_t b = 0; b < e.batch; ++b)
    for (std::int32_t h = 0; h < heads; ++h)
      for (std::int32_t row = 0; row < rows; ++row)
        std::fill_n(row_of(tensor, b, h, row), columns, 0.0F);
}

void fill_with_zeros(const Problem& problem, const Backward& to) {
  const Extents& e = problem.extents;
  fill_with_zeros(to.query, e, e.heads, e.queries, e.depth);
  fill_with_zeros(to.key, e, e.key_heads, e.keys, e.depth);
  fill_with_zeros(to.value, e, e.key_heads, e.keys, e.value_depth);
  if (to.bias != nullptr)
    std::fill_n(to.bias, elements(problem.bias), 0.0F);
  for (float* const of_heads : {to.sinks, to.alibi_slopes})
    if (of_heads != nullptr)
      std::fill_n(of_heads, e.heads, 0.0F);
}

} // namespace

std::size_t backward_workspace_bytes(const Problem& problem) {
  Arena counted(nullptr);
  const BackwardWorkspace work(problem.extents, counted);
  return counted.bytes();
}

void backward(const Problem& given, const Backward& to, std::byte* workspace) {
  Problem problem = given;
  problem.capture = {};
  const Extents& e = problem.extents;
  fill_with_zeros(problem, to);
  if (e.queries == 0 || e.heads == 0 || e.value_depth == 0)
    return;
  Plan plan(problem);
  plan.needs_logits = true;
  Arena memory(workspace);
  const BackwardWorkspace work(e, memory);
  for_each_row_block(plan, [&](const RowBlock& block) {
    RowBlockBackward<Float32>(plan, block, to, work).compute();
  });
}

} // namespace qkv::QKV_TARGET
