// All checks of a problem, in the order in which callers should hear of them.
#include "validate.hpp"

#include "../simd/count.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace qkv {

namespace {

bool too_many(std::initializer_list<std::int32_t> extents) {
  if (std::ranges::find(extents, 0) != extents.end())
    return false;
  std::int64_t product = 1;
  for (const std::int32_t extent : extents) { // no division: it took a tenth of a small call
    product *= extent;
    if (product > max_elements)
      return true;
  }
  return false;
}

/// The batch elements that a key or value stores: with a stride of 0, one for all.
std::int32_t stored_batch(const Tensor<const float>& tensor, std::int32_t batch) {
  return tensor.batch_stride == 0 ? std::min(batch, 1) : batch;
}

Status check_extents(const Problem& p) {
  const Extents& e = p.extents;
  const struct {
    std::int32_t extent;
    Argument argument;
  } all[] = {{e.batch, Argument::query},   {e.heads, Argument::query},
             {e.queries, Argument::query}, {e.key_heads, Argument::key},
             {e.keys, Argument::key},      {e.value_depth, Argument::value},
             {e.depth, Argument::query}};
  for (const auto& [extent, argument] : all)
    if (extent < 0)
      return {.code = Code::negative_extent, .argument = argument, .received = extent};
  if (e.depth == 0)
    return {.code = Code::zero_depth, .argument = Argument::query, .expected = 1};
  if (e.key_heads == 0 ? e.heads != 0 : e.heads % e.key_heads != 0)
    return {.code = Code::heads_not_divisible,
            .argument = Argument::key,
            .expected = e.heads,
            .received = e.key_heads};
  if (e.depth > max_depth || too_many({e.batch, e.heads, e.queries, e.depth}))
    return {.code = Code::too_large, .argument = Argument::query};
  if (too_many({stored_batch(p.key, e.batch), e.key_heads, e.keys, e.depth}))
    return {.code = Code::too_large, .argument = Argument::key};
  if (e.value_depth > max_depth ||
      too_many({stored_batch(p.value, e.batch), e.key_heads, e.keys, e.value_depth}) ||
      too_many({e.batch, e.heads, e.queries, e.value_depth}))
    return {.code = Code::too_large, .argument = Argument::value};
  return {};
}

Status check_scalars(const Problem& p) {
  if (std::isinf(p.scale))
    return {.code = Code::not_finite, .argument = Argument::scale};
  if (!std::isfinite(p.softcap))
    return {.code = Code::not_finite, .argument = Argument::softcap};
  if (p.softcap < 0)
    return {.code = Code::negative, .argument = Argument::softcap};
  for (const std::int32_t bound : {p.window_left, p.window_right})
    if (bound < 0)
      return {.code = Code::negative, .argument = Argument::window, .received = bound};
  return {};
}

template <class Element>
Status check_broadcast(const Broadcast<Element>& tensor, const Extents& e, Argument argument) {
  const std::array full = {e.batch, e.heads, e.queries, e.keys};
  for (std::int32_t axis = 0; axis < 4; ++axis) {
    const std::int32_t extent = tensor.extents[axis];
    if (extent != 1 && extent != full[static_cast<std::size_t>(axis)])
      return {.code = Code::not_broadcastable,
              .argument = argument,
              .index = axis,
              .expected = full[static_cast<std::size_t>(axis)],
              .received = extent};
  }
  const std::int32_t* x = tensor.extents;
  if (too_many({x[0], x[1], x[2], x[3]}))
    return {.code = Code::too_large, .argument = argument};
  return {};
}

Status check_captures(const Problem& p) {
  const Extents& e = p.extents;
  if (p.capture.has_scores() && too_many({e.batch, e.heads, e.queries, e.keys}))
    return {.code = Code::too_large, .argument = Argument::capture};
  return {};
}

Status check_finite(const float* values, std::int32_t count, Argument argument) {
  for (std::int32_t i = 0; values != nullptr && i < count; ++i)
    if (!std::isfinite(values[i]))
      return {.code = Code::not_finite, .argument = argument, .index = i};
  return {};
}

Status check_key_lengths(const Problem& p) {
  for (std::int32_t b = 0; p.key_lengths != nullptr && b < p.extents.batch; ++b)
    if (p.key_lengths[b] < 0 || p.key_lengths[b] > p.extents.keys)
      return {.code = Code::key_length_range,
              .argument = Argument::key_lengths,
              .index = b,
              .expected = p.extents.keys,
              .received = p.key_lengths[b]};
  return {};
}

Status check_bias_values(const Broadcast<float>& bias) {
  if (bias.data == nullptr)
    return {};
  const std::int32_t bad = find_bad_bias(bias.data, static_cast<std::int32_t>(elements(bias)));
  if (bad < 0)
    return {};
  return {.code = Code::bias_value, .argument = Argument::bias, .index = bad};
}

} // namespace

std::int32_t find_bad_bias(const float* bias, std::int32_t count) {
  const auto is_bad = [](float b) { return !(b < std::numeric_limits<float>::infinity()); };
  if (count_matching(bias, count, is_bad) == 0) // counting is faster than searching
    return -1;
  return static_cast<std::int32_t>(std::find_if(bias, bias + count, is_bad) - bias);
}

Status validate(const Problem& problem) {
  const Extents& extents = problem.extents;
  Status status = check_extents(problem);
  const auto then = [&status](auto&& check) {
    if (status.ok())
      status = check();
  };
  then([&] { return check_scalars(problem); });
  then([&] { return check_broadcast(problem.mask, extents, Argument::mask); });
  then([&] { return check_broadcast(problem.bias, extents, Argument::bias); });
  then([&] { return check_captures(problem); });
  then([&] { return check_key_lengths(problem); });
  then([&] { return check_finite(problem.alibi_slopes, extents.heads, Argument::alibi_slopes); });
  then([&] { return check_finite(problem.sinks, extents.heads, Argument::sinks); });
  then([&] { return check_bias_values(problem.bias); });
  return status;
}

} // namespace qkv
