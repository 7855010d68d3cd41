// The options of a problem as strides, ranges and flags.
#include "plan.hpp"

#include <algorithm>
#include <cmath>

namespace qkv {

namespace {

template <class Element>
BroadcastStrides strides_of(const Broadcast<Element>& tensor) {
  const std::int32_t* extent = tensor.extents;
  if (elements(tensor) == 0) // nothing is read, and products of the other extents may overflow
    return {};
  const auto stride = [&](int axis, std::int32_t dense) { return extent[axis] == 1 ? 0 : dense; };
  return {.batch = stride(0, extent[1] * extent[2] * extent[3]),
          .head = stride(1, extent[2] * extent[3]),
          .query = stride(2, extent[3]),
          .key = stride(3, 1)};
}

} // namespace

Plan::Plan(const Problem& p)
    : problem(p),
      scale(std::isnan(p.scale) ? 1.0F / std::sqrt(static_cast<float>(p.extents.depth)) : p.scale),
      captures_scores(p.capture.has_scores()), mask(strides_of(p.mask)), bias(strides_of(p.bias)),
      group(p.extents.key_heads == 0 ? 1 : p.extents.heads / p.extents.key_heads) {
  // A factor of softmax that is this large would overflow when it is multiplied by log2(e).
  const bool is_scale_huge = std::abs(scale) >= 0x1p126F;
  needs_logits = p.softcap > 0 || p.bias.data != nullptr || p.alibi_slopes != nullptr ||
                 p.sinks != nullptr || is_scale_huge;
  rows_differ = needs_logits || p.mask.data != nullptr || p.causal != 0 ||
                p.window_left != unbounded || p.window_right != unbounded;
}

std::int32_t Plan::key_count(std::int32_t batch) const {
  return problem.key_lengths != nullptr ? problem.key_lengths[batch] : problem.extents.keys;
}

std::int32_t Plan::offset(std::int32_t batch) const {
  if (problem.align_end != 0)
    return key_count(batch) - problem.extents.queries;
  return problem.query_offset != nullptr ? problem.query_offset[batch] : 0;
}

std::int64_t Plan::position(std::int32_t batch, std::int32_t query) const {
  return std::int64_t{query} + offset(batch);
}

KeyRange Plan::key_range(std::int32_t batch, std::int32_t query) const {
  const std::int64_t count = key_count(batch);
  const std::int64_t position = this->position(batch, query);
  std::int64_t first = 0;
  std::int64_t end = count;
  if (problem.causal != 0)
    end = std::min(end, position + 1);
  if (problem.window_left != unbounded)
    first = std::max(first, position - problem.window_left);
  if (problem.window_right != unbounded)
    end = std::min(end, position + problem.window_right + 1);
  first = std::min(first, count);
  end = std::max(end, first);
  return {.first = static_cast<std::int32_t>(first), .end = static_cast<std::int32_t>(end)};
}

} // namespace qkv
