// Pass 4: O = rescale·O + P·V for a block of keys. V is read in its own layout.
#pragma once

#include "exclusion.hpp"
#include "layout.hpp"
#include "micro_kernel.hpp"

#include <algorithm>
#include <cstddef>

namespace qkv::QKV_TARGET {

/// How weights of excluded keys meet the values (exclusion.hpp).
enum class Excluded { multiplied, skipped };

/// The values of one block of keys, and what they are multiplied by.
template <class Element>
struct ValueBlock {
  const typename Element::Stored* value; ///< [keys][stride]
  std::ptrdiff_t stride;
  std::int32_t keys;
  std::int32_t columns; ///< the depth of V
  const float* weights; ///< as Layout says
  float* rescale;       ///< [rows]
  Excluded excluded;
};

/// output = rescale·output + sums.
struct OutputEpilogue {
  template <int columns, int nr>
  static void apply(const Vector (&sum)[columns][nr], float* output, const float* rescale) {
    for (int v = 0; v < nr; ++v) {
      const Vector factor = load(rescale + v * lanes);
      for (int c = 0; c < columns; ++c) {
        float* const to = output + c * block_rows + v * lanes;
        store(to, xsimd::fma(load(to), factor, sum[c][v]));
      }
    }
  }
};

/// Adds the values of attended keys alone.
template <class Element>
void add_attended_values(const ValueBlock<Element>& block, std::int32_t rows, float* output) {
  for (std::int32_t row = 0; row < rows; row += lane_count)
    for (std::int32_t c = 0; c < block.columns; ++c) {
      Vector sum(0.0F);
      for (std::int32_t k = 0; k < block.keys; ++k) {
        const Vector weight = load(block.weights + k * RowLanes::key_stride + row);
        const Vector more =
            xsimd::fma(Element::broadcast(block.value + k * block.stride + c), weight, sum);
        sum = xsimd::select(is_excluded_weight(weight), sum, more);
      }
      float* const to = output + std::ptrdiff_t{c} * block_rows + row;
      store(to, xsimd::fma(load(to), load(block.rescale + row), sum));
    }
}

/// Many rows: output [columns][block_rows].
template <class Element>
void add_values(RowLanes, const ValueBlock<Element>& block, std::int32_t rows,
                const Workspace& work) {
  if (block.excluded == Excluded::skipped)
    return add_attended_values(block, rows, work.output);
  if (rows <= prefetch_rows)
    prefetch(block.value, block.stride, block.keys, block.columns);
  const Factor<Element> factor{.data = block.value,
                               .item_stride = 1,
                               .step_stride = block.stride,
                               .items = block.columns,
                               .steps = block.keys};
  multiply<OutputEpilogue>(factor, block.weights, rows, work.output, block.rescale);
}

/// sums [Rows][columns] += P·V for `Keys` keys in their order. For one row an iteration takes as
/// many vectors as keys, which share their addresses.
template <class Element, int Rows, int Keys>
inline void add_keys(const typename Element::Stored* value, std::ptrdiff_t value_stride,
                     const float* weights, std::int32_t value_depth, float* sums,
                     std::ptrdiff_t sums_stride) {
  const typename Element::Stored* values[Keys];
  Vector weight[Keys][Rows];
  QKV_UNROLL
  for (int k = 0; k < Keys; ++k) {
    values[k] = value + k * value_stride;
    QKV_UNROLL
    for (int r = 0; r < Rows; ++r)
      weight[k][r] = Vector(weights[r * KeyLanes::row_stride + k]);
  }
  for_each_vector<std::max(1, Keys / Rows)>(
      value_depth,
      [&](const auto& vector) {
        Vector v[Keys];
        QKV_UNROLL
        for (int k = 0; k < Keys; ++k)
          v[k] = Element::load(vector.in(values[k]));
        QKV_UNROLL
        for (int r = 0; r < Rows; ++r) {
          float* const to = vector.in(sums + r * sums_stride);
          Vector sum = load(to);
          QKV_UNROLL
          for (int k = 0; k < Keys; ++k)
            sum = xsimd::fma(v[k], weight[k][r], sum);
          store(to, sum);
        }
      },
      [&](std::ptrdiff_t c) {
        for (int r = 0; r < Rows; ++r) {
          float& to = sums[r * sums_stride + c];
          Vector sum(to);
          QKV_UNROLL
          for (int k = 0; k < Keys; ++k)
            sum = xsimd::fma(Element::broadcast(values[k] + c), weight[k][r], sum);
          to = sum.get(0);
        }
      });
}

/// The same for a run of keys. weights: [Rows][block_keys]. weight_sum [Rows] += Σ P in the order
/// of the keys, as a lane of RowLanes adds them. If several keys are added together and the
/// hardware prefetcher cannot follow their rows, they are prefetched in the order of their memory.
template <class Element, int Rows>
[[gnu::noinline]] void add_run(const typename Element::Stored* value, std::ptrdiff_t value_stride,
                               std::int32_t keys, const float* weights, std::int32_t value_depth,
                               float* sums, std::ptrdiff_t sums_stride, float* weight_sum,
                               Excluded excluded) {
  constexpr int unroll = decode_keys_unroll(Rows);
  float added[Rows];
  copy(weight_sum, Rows, added);
  const auto add = [&]<int Keys>(std::int32_t key) {
    add_keys<Element, Rows, Keys>(value + key * value_stride, value_stride, weights + key,
                                  value_depth, sums, sums_stride);
    QKV_UNROLL
    for (int r = 0; r < Rows; ++r) {
      QKV_UNROLL
      for (int k = 0; k < Keys; ++k)
        added[r] += weights[r * KeyLanes::row_stride + key + k];
    }
  };
  std::int32_t key = 0;
  if constexpr (unroll > 1)
    if (excluded != Excluded::skipped) {
      const bool is_stream = value_stride <= interleaved_stride;
      while (key + unroll <= keys) {
        const std::int32_t end = is_stream ? keys : std::min(key + 2 * unroll, keys);
        if (!is_stream)
          prefetch(value + key * value_stride, value_stride, end - key, value_depth);
        for (; key + unroll <= end; key += unroll)
          add.template operator()<unroll>(key);
      }
    }
  for (; key < keys; ++key) {
    const bool skipped =
        Rows == 1 && excluded == Excluded::skipped && is_excluded_weight(weights[key]);
    if (!skipped)
      add.template operator()<1>(key);
  }
  copy(added, Rows, weight_sum);
}

/// Decode rows: output [rows][value_columns]. Values are summed in pieces of
/// QKV_TARGET::block_keys, since longer sums drift.
template <class Element>
void add_values(KeyLanes, const ValueBlock<Element>& block, std::int32_t rows,
                const Workspace& work) {
  float* const sums = work.block_output;
  const std::ptrdiff_t sums_stride = work.value_columns;
  for (std::int32_t first = 0; first < block.keys; first += block_keys) {
    const std::int32_t count = std::min(block_keys, block.keys - first);
    float weight_sum[static_cast<std::size_t>(decode_rows)] = {};
    clear(sums, rows * sums_stride);
    const auto add = [&]<int Rows>(std::int32_t k, std::int32_t keys, std::int32_t row) {
      add_run<Element, Rows>(block.value + (first + k) * block.stride, block.stride, keys,
                             block.weights + row * KeyLanes::row_stride + first + k, block.columns,
                             sums + row * sums_stride, sums_stride, weight_sum + row,
                             block.excluded);
    };
    if (block.excluded == Excluded::skipped)
      for (std::int32_t row = 0; row < rows; ++row)
        add.template operator()<1>(0, count, row);
    else
      for_each_run(count, rows, add);
    for (std::int32_t row = 0; row < rows; ++row) {
      const float rescale = first == 0 ? block.rescale[row] : 1;
      work.softmax.sum[row] = work.softmax.sum[row] * rescale + weight_sum[row];
      for (std::ptrdiff_t c = 0; c < sums_stride; c += lanes) {
        float* const to = work.output + row * sums_stride + c;
        store(to, xsimd::fma(load(to), Vector(rescale), load(sums + row * sums_stride + c)));
      }
    }
  }
}

/// Whether each value of the block is finite.
template <class Element>
bool all_finite(const typename Element::Stored* value, std::ptrdiff_t value_stride,
                std::int32_t keys, std::int32_t value_depth) {
  FiniteTest test;
  for (std::int32_t k = 0; k < keys; ++k, value += value_stride) {
    std::int32_t c = 0;
    for (; c + lane_count <= value_depth; c += lane_count)
      test.include(Element::load(value + c));
    for (; c < value_depth; ++c)
      test.include(Element::get(value + c));
  }
  return test.is_passed();
}

} // namespace qkv::QKV_TARGET
