// What the options do to the scores of a block, in the order of the definition: scale, softcap,
// ALiBi and bias, exclusion. Each is one pass over scores in the first-level cache.
#pragma once

#include "layout.hpp"

#include <algorithm>
#include <cstring>

namespace qkv {

template <class Arch, template <class> class Layout>
void scale_scores(const ScoreBlock<Arch, Layout>& block) {
  const Vector<Arch> unit(block.plan.unit);
  block.for_each_group([&](std::int32_t, float* scores) {
    block.change_group(scores, [&](Vector<Arch> s, std::int32_t) { return s * unit; });
  });
}

/// s = softcap·tanh(s / softcap) for vectors a stride apart. One for both layouts: tanh is long.
template <class Arch>
[[gnu::noinline]] void cap_vectors(float* scores, std::ptrdiff_t stride, std::int32_t vectors,
                                   float softcap) {
  const Vector<Arch> cap(softcap);
  for (std::int32_t i = 0; i < vectors; ++i, scores += stride)
    store(scores, cap * xsimd::tanh(load<Arch>(scores) / cap));
}

template <class Arch, template <class> class Layout>
void cap_scores(const ScoreBlock<Arch, Layout>& block) {
  block.for_each_group([&](std::int32_t, float* scores) {
    cap_vectors<Arch>(scores, Layout<Arch>::vector_stride, block.vectors(),
                      block.plan.problem.softcap);
  });
}

template <class Arch, template <class> class Layout>
void add_alibi(const ScoreBlock<Arch, Layout>& block) {
  using V = Vector<Arch>;
  const auto& work = block.work;
  // Distances from a key nearby: far positions would lose their last bits in float32. A whole
  // block's first one, so that what is rounded does not depend on the first key visited.
  const std::int32_t skipped = block.first_key % Layout<Arch>::block_keys;
  const std::int32_t origin = block.first_key - skipped;
  float from_origin[static_cast<std::size_t>(Tile<Arch>::block_rows)];
  for (std::int32_t row = 0; row < block.rows; ++row)
    from_origin[row] = static_cast<float>(work.position[row] - origin);
  block.for_each_group([&](std::int32_t row, float* scores) {
    const V slope = Layout<Arch>::of_rows(work.slope, row);
    const V position = Layout<Arch>::of_rows(from_origin, row);
    block.change_group(scores, [&](V s, std::int32_t key) {
      const V keys = xsimd::batch_cast<float>(Layout<Arch>::keys(skipped + key));
      return s - slope * xsimd::abs(position - keys);
    });
  });
}

/// Sets scores of keys outside a row's range to −∞, whatever they were.
template <class Arch, template <class> class Layout>
void exclude_by_position(const ScoreBlock<Arch, Layout>& block) {
  using V = Vector<Arch>;
  using I = Integers<Arch>;
  const auto& work = block.work;
  const I first_key(block.first_key);
  block.for_each_group([&](std::int32_t row, float* scores) {
    const I first = Layout<Arch>::of_rows(work.first_key, row) - first_key;
    const I end = Layout<Arch>::of_rows(work.end_key, row) - first_key;
    block.change_group(scores, [&](V s, std::int32_t key) {
      const I keys = Layout<Arch>::keys(key);
      return xsimd::select(xsimd::batch_bool_cast<float>((first <= keys) & (keys < end)), s,
                           V(minus_infinity));
    });
  });
}

/// What an element of a bias or mask adds to a score.
inline float addend(float bias) {
  return bias;
}
inline float addend(std::uint8_t mask) {
  return mask != 0 ? 0 : minus_infinity;
}

/// The addends of consecutive keys, one vector for each of `lanes` rows, elements contiguous.
template <class Arch>
void load_addends(const float* data, const std::int32_t* row_start, Vector<Arch>* addends) {
  for (std::ptrdiff_t lane = 0; lane < lanes<Arch>; ++lane)
    addends[lane] = load<Arch>(data + row_start[lane]);
  xsimd::transpose(addends, addends + lanes<Arch>);
}

template <class Arch>
void load_addends(const std::uint8_t* data, const std::int32_t* row_start, Vector<Arch>* addends) {
  constexpr std::ptrdiff_t bytes = 4; // of a lane
  for (std::ptrdiff_t start = 0; start < lanes<Arch>; start += bytes) {
    std::int32_t word[static_cast<std::size_t>(lanes<Arch>)];
    for (std::ptrdiff_t lane = 0; lane < lanes<Arch>; ++lane)
      std::memcpy(&word[lane], data + row_start[lane] + start, bytes);
    const Integers<Arch> words = load<Arch>(word);
    for (std::ptrdiff_t i = 0; i < bytes; ++i) {
      const auto attended = (words & Integers<Arch>(0xFF << (8 * i))) != Integers<Arch>(0);
      addends[start + i] = xsimd::select(xsimd::batch_bool_cast<float>(attended),
                                         Vector<Arch>(0.0F), Vector<Arch>(minus_infinity));
    }
  }
}

/// Adds a bias, or a mask, to one group of rows; −∞ excludes a key, whatever its score.
template <class Arch, template <class> class Layout, class Element>
[[gnu::noinline]] void add_to_group(const ScoreBlock<Arch, Layout>& block, const Element* data,
                                    std::ptrdiff_t key_stride, const std::int32_t* row_start,
                                    float* scores) {
  using V = Vector<Arch>;
  using L = Layout<Arch>;
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  const V excluded(minus_infinity);
  V addends[static_cast<std::size_t>(lane_count)];
  const auto add = [&](std::int32_t vectors) {
    for (std::int32_t i = 0; i < vectors; ++i, scores += L::vector_stride) {
      const V s = load<Arch>(scores);
      store(scores, xsimd::select(addends[i] == excluded, excluded, s + addends[i]));
    }
  };
  std::int32_t key = 0;
  if (L::rows_a_group > 1 && key_stride == 1)
    for (; key + lane_count <= block.keys; key += lane_count) {
      load_addends<Arch>(data + key, row_start, addends);
      add(lane_count);
    }
  for (; key < block.keys; key += L::keys_a_vector) {
    float element[static_cast<std::size_t>(lane_count)];
    for (std::int32_t lane = 0; lane < lane_count; ++lane) {
      const std::int32_t row = L::rows_a_group > 1 ? lane : 0;
      const std::int32_t at = L::rows_a_group > 1 ? key : std::min(key + lane, block.keys - 1);
      element[lane] = addend(data[row_start[row] + at * key_stride]);
    }
    addends[0] = load<Arch>(element);
    add(1);
  }
}

/// Of the whole block. `row_start` [rows]: where each row of the broadcast tensor starts.
template <class Arch, template <class> class Layout, class Element>
void add_broadcast(const ScoreBlock<Arch, Layout>& block, const Broadcast<Element>& tensor,
                   const BroadcastStrides& stride, const std::int32_t* row_start) {
  const Element* data = tensor.data + std::ptrdiff_t{block.first_key} * stride.key;
  block.for_each_group([&](std::int32_t row, float* scores) {
    add_to_group(block, data, stride.key, row_start + row, scores);
  });
}

/// weights = factor·weights, after softmax.
template <class Arch, template <class> class Layout>
void scale_weights(const ScoreBlock<Arch, Layout>& block, float factor) {
  const Vector<Arch> f(factor);
  block.for_each_group([&](std::int32_t, float* weights) {
    block.change_group(weights, [&](Vector<Arch> w, std::int32_t) { return w * f; });
  });
}

} // namespace qkv
