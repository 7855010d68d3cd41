// What the options do to the scores of a block [keys][block_rows], in the order of the definition:
// scale, softcap, bias and ALiBi, exclusion. Each is one pass over a tile in the first-level cache.
#pragma once

#include "workspace.hpp"

#include <algorithm>
#include <limits>

namespace qkv {

/// A block of scores while options are applied to it.
template <class Arch>
struct ScoreBlock {
  const Plan& plan;
  const Workspace<Arch>& work;
  std::int32_t first_key;
  std::int32_t keys;
  std::int32_t rows; ///< a multiple of the panel

  /// score = change(score, key, row) for vectors of rows.
  template <class Change>
  void for_each_vector(Change&& change) const {
    for (std::int32_t k = 0; k < keys; ++k) {
      float* scores = work.scores + std::ptrdiff_t{k} * Tile<Arch>::block_rows;
      for (std::int32_t row = 0; row < rows; row += static_cast<std::int32_t>(lanes<Arch>))
        store(scores + row, change(load<Arch>(scores + row), first_key + k, row));
    }
  }
};

template <class Arch>
void scale_scores(const ScoreBlock<Arch>& block) {
  const Vector<Arch> unit(block.plan.unit);
  block.for_each_vector([&](Vector<Arch> s, std::int32_t, std::int32_t) { return s * unit; });
}

template <class Arch>
void cap_scores(const ScoreBlock<Arch>& block) {
  const Vector<Arch> cap(block.plan.problem.softcap);
  block.for_each_vector(
      [&](Vector<Arch> s, std::int32_t, std::int32_t) { return cap * xsimd::tanh(s / cap); });
}

template <class Arch>
void add_alibi(const ScoreBlock<Arch>& block) {
  const auto& work = block.work;
  // Distances from the block's first key: far positions would lose their last bits in float32.
  float from_first[Tile<Arch>::block_rows];
  for (std::int32_t row = 0; row < block.rows; ++row)
    from_first[row] = static_cast<float>(work.position[row] - block.first_key);
  block.for_each_vector([&](Vector<Arch> s, std::int32_t key, std::int32_t row) {
    const Vector<Arch> distance = xsimd::abs(
        load<Arch>(from_first + row) - Vector<Arch>(static_cast<float>(key - block.first_key)));
    return s - load<Arch>(work.slope + row) * distance;
  });
}

/// weights = factor·weights, after softmax.
template <class Arch>
void scale_weights(const ScoreBlock<Arch>& block, float factor) {
  const Vector<Arch> f(factor);
  block.for_each_vector([&](Vector<Arch> w, std::int32_t, std::int32_t) { return w * f; });
}

/// One element of a broadcast tensor for each lane's row.
template <class Arch, class To, class Element>
inline xsimd::batch<To, Arch> gather_rows(const Element* data, const std::int32_t* row_start,
                                          std::ptrdiff_t key_offset) {
  alignas(64) To element[static_cast<std::size_t>(lanes<Arch>)];
  for (std::ptrdiff_t lane = 0; lane < lanes<Arch>; ++lane)
    element[lane] = static_cast<To>(data[row_start[lane] + key_offset]);
  return load<Arch>(element);
}

/// The bias of one key for a vector of rows.
template <class Arch>
inline Vector<Arch> bias_of(const ScoreBlock<Arch>& block, std::int32_t key, std::int32_t row) {
  const Plan& plan = block.plan;
  return gather_rows<Arch, float>(plan.problem.bias.data, block.work.bias_row + row,
                                  std::ptrdiff_t{key} * plan.bias.key);
}

/// For a block that all its rows attend: adds the bias, and notes that no row is empty.
template <class Arch>
void include_keys(const ScoreBlock<Arch>& block) {
  if (block.plan.problem.bias.data != nullptr)
    block.for_each_vector([&](Vector<Arch> s, std::int32_t key, std::int32_t row) {
      return s + bias_of(block, key, row);
    });
  std::fill_n(block.work.attended, block.rows, -1);
}

/// Adds the bias and sets scores of excluded keys to −∞, whatever they were. Notes which rows are
/// left a key, as the masks say it.
template <class Arch, bool has_mask, bool has_bias>
void exclude(const ScoreBlock<Arch>& block) {
  using V = Vector<Arch>;
  using I = Integers<Arch>;
  const auto& work = block.work;
  const Plan& plan = block.plan;
  const V excluded(-std::numeric_limits<float>::infinity());

  block.for_each_vector([&](V s, std::int32_t key, std::int32_t row) {
    auto attended =
        (load<Arch>(work.first_key + row) <= I(key)) & (I(key) < load<Arch>(work.end_key + row));
    if constexpr (has_mask)
      attended =
          attended & (gather_rows<Arch, std::int32_t>(plan.problem.mask.data, work.mask_row + row,
                                                      std::ptrdiff_t{key} * plan.mask.key) != I(0));
    if constexpr (has_bias) {
      const V bias = bias_of(block, key, row);
      attended = attended & xsimd::batch_bool_cast<std::int32_t>(bias != excluded);
      s += bias;
    }
    if constexpr (has_mask || has_bias) {
      const I before = load<Arch>(work.attended + row);
      (before | xsimd::select(attended, I(-1), I(0))).store_unaligned(work.attended + row);
    }
    return xsimd::select(xsimd::batch_bool_cast<float>(attended), s, excluded);
  });
}

template <class Arch>
void exclude_keys(const ScoreBlock<Arch>& block) {
  const bool has_mask = block.plan.problem.mask.data != nullptr;
  const bool has_bias = block.plan.problem.bias.data != nullptr;
  if (has_mask && has_bias)
    exclude<Arch, true, true>(block);
  else if (has_mask)
    exclude<Arch, true, false>(block);
  else if (has_bias)
    exclude<Arch, false, true>(block);
  else
    exclude<Arch, false, false>(block);
}

} // namespace qkv
