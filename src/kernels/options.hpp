// Pass 2: what the options do to the scores of a block, in the order of the definition: scale,
// softcap, ALiBi, bias, exclusion. Each option is one loop over scores in the first-level cache.
#pragma once

#include "capture.hpp"
#include "coverage.hpp"
#include "exclusion.hpp"
#include "layout.hpp"

#include <algorithm>
#include <cstring>

namespace qkv::QKV_TARGET {

template <class Layout>
void scale_scores(const RowOptions& rows, const ScoreBlock<Layout>& block) {
  block.for_each_group([&](std::int32_t row, float* scores) {
    const Vector scale = Layout::of_rows(rows.scale, row);
    block.change_group(scores, [&](Vector s, std::int32_t) { return s * scale; });
  });
}

/// s = softcap·tanh(s / softcap) for vectors a stride apart. Both layouts share it: tanh is long.
[[gnu::noinline]] inline void cap_vectors(float* scores, std::ptrdiff_t stride,
                                          std::int32_t vectors, float softcap) {
  // xsimd's tanh converts to an integer on its way, which is undefined for NaN and for large
  // numbers. In float32, tanh is 1 from 10 on.
  const Vector most(16.0F);
  const Vector cap(softcap);
  for (std::int32_t i = 0; i < vectors; ++i, scores += stride) {
    const Vector quotient = load(scores) / cap;
    const Vector bounded = xsimd::min(larger(quotient, -most), most);
    const Vector capped = cap * xsimd::tanh(bounded);
    store(scores, xsimd::select(quotient == quotient, capped, quotient)); // NaN stays NaN
  }
}

template <class Layout>
void cap_scores(float softcap, const ScoreBlock<Layout>& block) {
  block.for_each_group([&](std::int32_t, float* scores) {
    cap_vectors(scores, Layout::vector_stride, block.vectors(), softcap);
  });
}

/// s −= slope·|i + offset − j|
template <class Layout>
void add_alibi(const RowOptions& rows, const ScoreBlock<Layout>& block) {
  // Distances are measured from a key nearby: far positions would lose their last bits in float32.
  // This key starts a whole block, so that roundings do not depend on the first key visited.
  const std::int32_t skipped = block.first_key % Layout::block_keys;
  const std::int32_t origin = block.first_key - skipped;
  float from_origin[static_cast<std::size_t>(block_rows)];
  for (std::int32_t row = 0; row < block.rows; ++row)
    from_origin[row] = static_cast<float>(rows.position[row] - origin);
  block.for_each_group([&](std::int32_t row, float* scores) {
    const Vector slope = Layout::of_rows(rows.slope, row);
    const Vector position = Layout::of_rows(from_origin, row);
    block.change_group(scores, [&](Vector s, std::int32_t key) {
      const Vector keys = xsimd::batch_cast<float>(Layout::keys(skipped + key));
      return s - slope * xsimd::abs(position - keys);
    });
  });
}

/// Excludes the keys outside a row's range, whatever their scores are.
template <class Layout>
void exclude_by_position(const RowOptions& rows, const ScoreBlock<Layout>& block) {
  const Integers first_key(block.first_key);
  block.for_each_group([&](std::int32_t row, float* scores) {
    const Integers first = Layout::of_rows(rows.first_key, row) - first_key;
    const Integers end = Layout::of_rows(rows.end_key, row) - first_key;
    block.change_group(scores, [&](Vector s, std::int32_t key) {
      const Integers keys = Layout::keys(key);
      return xsimd::select(xsimd::batch_bool_cast<float>((first <= keys) & (keys < end)), s,
                           excluded_score());
    });
  });
}

/// An element of a bias or mask as what is added to a score; one that excludes the key becomes −∞.
inline float addend(float bias) {
  return bias;
}
inline float addend(std::uint8_t mask) {
  return excludes_key(mask) ? minus_infinity : 0;
}

inline Vector with_addend(const float*, Vector score, Vector addend) {
  return xsimd::select(addend == Vector(minus_infinity), excluded_score(), score + addend);
}
/// A mask adds nothing, so a key that the bias excluded stays excluded.
inline Vector with_addend(const std::uint8_t*, Vector score, Vector addend) {
  return xsimd::select(addend == Vector(minus_infinity), excluded_score(), score);
}

/// The addends of `lanes` consecutive keys, one vector a key, for `lanes` rows; elements
/// contiguous.
inline void load_addends(const float* data, const std::int32_t* row_start, Vector* addends) {
  for (std::ptrdiff_t lane = 0; lane < lanes; ++lane)
    addends[lane] = load(data + row_start[lane]);
  xsimd::transpose(addends, addends + lanes);
}

inline void load_addends(const std::uint8_t* data, const std::int32_t* row_start, Vector* addends) {
  constexpr std::ptrdiff_t bytes = 4; // of a lane
  for (std::ptrdiff_t start = 0; start < lanes; start += bytes) {
    std::int32_t word[static_cast<std::size_t>(lanes)];
    for (std::ptrdiff_t lane = 0; lane < lanes; ++lane)
      std::memcpy(&word[lane], data + row_start[lane] + start, bytes);
    const Integers words = load(word);
    for (std::ptrdiff_t i = 0; i < bytes; ++i) {
      const auto attended = (words & Integers(0xFF << (8 * i))) != Integers(0);
      addends[start + i] = xsimd::select(xsimd::batch_bool_cast<float>(attended), Vector(0.0F),
                                         Vector(minus_infinity));
    }
  }
}

/// Adds a bias or a mask to one group of rows.
template <class Layout, class Element>
[[gnu::noinline]] void add_to_group(const ScoreBlock<Layout>& block, const Element* data,
                                    std::ptrdiff_t key_stride, const std::int32_t* row_start,
                                    float* scores) {
  Vector addends[static_cast<std::size_t>(lanes)];
  const auto add = [&](std::int32_t vectors) {
    for (std::int32_t i = 0; i < vectors; ++i, scores += Layout::vector_stride)
      store(scores, with_addend(data, load(scores), addends[i]));
  };
  std::int32_t key = 0;
  if (Layout::rows_a_group > 1 && key_stride == 1)
    for (; key + lane_count <= block.keys; key += lane_count) {
      load_addends(data + key, row_start, addends);
      add(lane_count);
    }
  for (; key < block.keys; key += Layout::keys_a_vector) {
    float element[static_cast<std::size_t>(lanes)];
    for (std::int32_t lane = 0; lane < lane_count; ++lane) {
      const std::int32_t row = Layout::rows_a_group > 1 ? lane : 0;
      const std::int32_t at = Layout::rows_a_group > 1 ? key : std::min(key + lane, block.keys - 1);
      element[lane] = addend(data[row_start[row] + at * key_stride]);
    }
    addends[0] = load(element);
    add(1);
  }
}

/// Adds a bias or a mask to the block. `row_start` [rows]: where each row of the tensor starts.
template <class Layout, class Element>
void add_broadcast(const ScoreBlock<Layout>& block, const Broadcast<Element>& tensor,
                   const BroadcastStrides& stride, const std::int32_t* row_start) {
  const Element* data = tensor.data + std::ptrdiff_t{block.first_key} * stride.key;
  block.for_each_group([&](std::int32_t row, float* scores) {
    add_to_group(block, data, stride.key, row_start + row, scores);
  });
}

/// Turns the scores of a block into what softmax sees, and captures them on the way. Returns
/// whether scores changed.
template <class Layout>
bool apply_options(const Plan& plan, const RowBlock& row_block, const RowOptions& rows,
                   const ScoreBlock<Layout>& block, const BlockCoverage& coverage) {
  const Problem& problem = plan.problem;
  const auto keep = [&](float* captured, const float* scale) {
    if (captured != nullptr)
      capture_scores(problem.extents, row_block, block, scale, captured);
  };
  const float* const scale = plan.needs_logits ? nullptr : rows.scale; // logits are scaled already
  if (plan.needs_logits)
    scale_scores(rows, block);
  keep(problem.capture.scores_raw, scale);
  if (problem.softcap > 0)
    cap_scores(problem.softcap, block);
  keep(problem.capture.scores_capped, scale);
  if (problem.alibi_slopes != nullptr)
    add_alibi(rows, block);
  if (problem.bias.data != nullptr)
    add_broadcast(block, problem.bias, plan.bias, rows.bias_row);
  if (coverage.mask != Coverage::all)
    add_broadcast(block, problem.mask, plan.mask, rows.mask_row);
  if (coverage.position != Coverage::all)
    exclude_by_position(rows, block);
  keep(problem.capture.scores_masked, scale);
  keep(problem.capture.weights, nullptr); // until the row's maximum and sum are known
  return plan.needs_logits || !coverage.is(Coverage::all);
}

} // namespace qkv::QKV_TARGET
