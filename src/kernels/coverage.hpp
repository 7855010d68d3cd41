// How much of a block of keys its rows may attend. Most blocks of a causal, windowed or padded
// problem are excluded or included as a whole: the first are skipped, the second need no masks.
#pragma once

#include "workspace.hpp"

#include <algorithm>
#include <limits>

namespace qkv {

enum class Coverage { none, some, all };

/// Of `rows` rows and the keys [first_key, first_key + keys), as a mask or bias says it.
/// `excludes(element)` says whether an element excludes its key.
template <class Element, class Excludes>
Coverage coverage_of(const Element* data, const BroadcastStrides& stride,
                     const std::int32_t* row_start, std::int32_t rows, std::int32_t first_key,
                     std::int32_t keys, Excludes excludes) {
  const bool same_for_all = stride.head == 0 && stride.query == 0;
  std::int32_t excluded = 0;
  const std::int32_t looked_at = same_for_all ? 1 : rows;
  for (std::int32_t row = 0; row < looked_at; ++row) {
    const Element* from = data + row_start[row] + std::ptrdiff_t{first_key} * stride.key;
    for (std::int32_t k = 0; k < keys; ++k)
      excluded += excludes(from[std::ptrdiff_t{k} * stride.key]) ? 1 : 0;
  }
  if (excluded == 0)
    return Coverage::all;
  return excluded == looked_at * keys ? Coverage::none : Coverage::some;
}

/// Of a block of rows: by position, then by mask and bias. Ranges are those of KeyRange over the
/// rows.
template <class Arch>
Coverage coverage_of(const Plan& plan, const Workspace<Arch>& work, std::int32_t rows,
                     KeyRange any_row, KeyRange every_row, std::int32_t first_key,
                     std::int32_t keys) {
  const std::int32_t end = first_key + keys;
  if (end <= any_row.first || first_key >= any_row.end)
    return Coverage::none;
  Coverage coverage =
      first_key >= every_row.first && end <= every_row.end ? Coverage::all : Coverage::some;
  const auto also = [&](Coverage other) {
    if (other != Coverage::all && coverage != Coverage::none)
      coverage = other;
  };
  const Problem& p = plan.problem;
  if (p.mask.data != nullptr)
    also(coverage_of(p.mask.data, plan.mask, work.mask_row, rows, first_key, keys,
                     [](std::uint8_t m) { return m == 0; }));
  if (p.bias.data != nullptr)
    also(coverage_of(p.bias.data, plan.bias, work.bias_row, rows, first_key, keys,
                     [](float b) { return b == -std::numeric_limits<float>::infinity(); }));
  return coverage;
}

} // namespace qkv
