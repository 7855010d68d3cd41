// O = rescale·O + P·V for a block of keys: V is read in its own layout.
#pragma once

#include "layout.hpp"
#include "product.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace qkv {

/// How weights of excluded keys, which are −0, meet the values: multiplied like any other, or
/// skipped, since 0·∞ and 0·NaN are not 0.
enum class Excluded { multiplied, skipped };

/// The values of one block of keys, and where they are added to.
struct ValueBlock {
  const float* value; ///< [keys][stride]
  std::ptrdiff_t stride;
  std::int32_t keys;
  std::int32_t columns; ///< the depth of V
  const float* weights; ///< as Layout says
  float* rescale;       ///< [rows]
  Excluded excluded;
};

/// output = rescale·output + sums.
struct Outputs {
  template <class Arch, int Columns, int Vectors>
  static void put(const Vector<Arch> (&sum)[Columns][Vectors], float* output,
                  const float* rescale) {
    for (int v = 0; v < Vectors; ++v) {
      const Vector<Arch> factor = load<Arch>(rescale + v * lanes<Arch>);
      for (int c = 0; c < Columns; ++c) {
        float* const to = output + c * Tile<Arch>::block_rows + v * lanes<Arch>;
        store(to, xsimd::fma(load<Arch>(to), factor, sum[c][v]));
      }
    }
  }
};

/// Without the values of keys that are excluded.
template <class Arch>
void add_attended_values(const ValueBlock& block, std::int32_t rows, float* output) {
  using V = Vector<Arch>;
  constexpr std::ptrdiff_t key_stride = Tile<Arch>::block_rows;
  for (std::int32_t row = 0; row < rows; row += static_cast<std::int32_t>(lanes<Arch>))
    for (std::int32_t c = 0; c < block.columns; ++c) {
      V sum(0.0F);
      for (std::int32_t k = 0; k < block.keys; ++k) {
        const V weight = load<Arch>(block.weights + k * key_stride + row);
        const V more = xsimd::fma(V(block.value[k * block.stride + c]), weight, sum);
        const auto is_excluded = xsimd::bitwise_cast<std::int32_t>(weight) < Integers<Arch>(0);
        sum = xsimd::select(xsimd::batch_bool_cast<float>(is_excluded), sum, more);
      }
      float* const to = output + c * key_stride + row;
      store(to, xsimd::fma(load<Arch>(to), load<Arch>(block.rescale + row), sum));
    }
}

/// Many rows: output [columns][block_rows].
template <class Arch>
void add_values(RowLanes<Arch>, const ValueBlock& block, std::int32_t rows,
                const Workspace<Arch>& work) {
  if (block.excluded == Excluded::skipped)
    return add_attended_values<Arch>(block, rows, work.output);
  if (rows <= Tile<Arch>::rows_that_wait)
    bring_closer(block.value, block.stride, block.keys, block.columns); // V is read once
  const Factor factor{.data = block.value,
                      .item_stride = 1,
                      .step_stride = block.stride,
                      .items = block.columns,
                      .steps = block.keys};
  multiply<Arch, Outputs>(factor, block.weights, rows, work.output, block.rescale);
}

/// sums [Rows][columns] += P·V of `Keys` keys, whose values are at `value`, in their order. Of one
/// row an iteration takes as many vectors as keys, which share their addresses.
template <class Arch, int Rows, int Keys>
inline void add_keys(const float* value, std::ptrdiff_t value_stride, const float* weights,
                     std::int32_t value_depth, float* sums, std::ptrdiff_t sums_stride) {
  using V = Vector<Arch>;
  const float* values[Keys];
  V weight[Keys][Rows];
  QKV_UNROLL
  for (int k = 0; k < Keys; ++k) {
    values[k] = value + k * value_stride;
    QKV_UNROLL
    for (int r = 0; r < Rows; ++r)
      weight[k][r] = V(weights[r * KeyLanes<Arch>::row_stride + k]);
  }
  for_each_vector<Arch, std::max(1, Keys / Rows)>(
      value_depth,
      [&](const auto& vector) {
        V v[Keys];
        QKV_UNROLL
        for (int k = 0; k < Keys; ++k)
          v[k] = vector.load_from(values[k]);
        QKV_UNROLL
        for (int r = 0; r < Rows; ++r) {
          float* const to = vector.in(sums + r * sums_stride);
          V sum = load<Arch>(to);
          QKV_UNROLL
          for (int k = 0; k < Keys; ++k)
            sum = xsimd::fma(v[k], weight[k][r], sum);
          store(to, sum);
        }
      },
      [&](std::ptrdiff_t c) {
        for (int r = 0; r < Rows; ++r) {
          float& to = sums[r * sums_stride + c];
          V sum(to);
          QKV_UNROLL
          for (int k = 0; k < Keys; ++k)
            sum = xsimd::fma(V(values[k][c]), weight[k][r], sum);
          to = sum.get(0);
        }
      });
}

/// Of a run of keys; weights: [Rows][block_keys]. weight_sum [Rows] += Σ P in the order of the
/// keys, as a lane of RowLanes does. Where several are taken at once, those that are no stream,
/// since they are far apart, are brought closer first, in the order of their memory.
template <class Arch, int Rows>
[[gnu::noinline]] void add_run(const float* value, std::ptrdiff_t value_stride, std::int32_t keys,
                               const float* weights, std::int32_t value_depth, float* sums,
                               std::ptrdiff_t sums_stride, float* weight_sum, Excluded excluded) {
  constexpr int at_once = Tile<Arch>::values_at_once(Rows);
  float added[Rows];
  std::copy_n(weight_sum, Rows, added);
  const auto add = [&]<int Keys>(std::int32_t key) {
    add_keys<Arch, Rows, Keys>(value + key * value_stride, value_stride, weights + key, value_depth,
                               sums, sums_stride);
    QKV_UNROLL
    for (int r = 0; r < Rows; ++r) {
      QKV_UNROLL
      for (int k = 0; k < Keys; ++k)
        added[r] += weights[r * KeyLanes<Arch>::row_stride + key + k];
    }
  };
  std::int32_t key = 0;
  if constexpr (at_once > 1)
    if (excluded != Excluded::skipped) {
      const bool is_stream = value_stride <= Tile<Arch>::stream_stride;
      while (key + at_once <= keys) {
        const std::int32_t end = is_stream ? keys : std::min(key + 2 * at_once, keys);
        if (!is_stream)
          bring_closer(value + key * value_stride, value_stride, end - key, value_depth);
        for (; key + at_once <= end; key += at_once)
          add.template operator()<at_once>(key);
      }
    }
  for (; key < keys; ++key)
    if (Rows == 1 && excluded == Excluded::skipped && std::signbit(weights[key]))
      added[0] += weights[key]; // −0, or NaN, which must not be lost
    else
      add.template operator()<1>(key);
  std::copy_n(added, Rows, weight_sum);
}

/// Few rows: output [rows][value_columns]. Sums are of block_keys of Tile: of more keys they drift.
template <class Arch>
void add_values(KeyLanes<Arch>, const ValueBlock& block, std::int32_t rows,
                const Workspace<Arch>& work) {
  using V = Vector<Arch>;
  float* const sums = work.block_output;
  const std::ptrdiff_t sums_stride = work.value_columns;
  for (std::int32_t first = 0; first < block.keys; first += Tile<Arch>::block_keys) {
    const std::int32_t count = std::min(Tile<Arch>::block_keys, block.keys - first);
    float weight_sum[static_cast<std::size_t>(Tile<Arch>::few_rows)] = {};
    clear<Arch>(sums, rows * sums_stride);
    const auto add = [&]<int Rows>(std::int32_t k, std::int32_t keys, std::int32_t row) {
      add_run<Arch, Rows>(block.value + (first + k) * block.stride, block.stride, keys,
                          block.weights + row * KeyLanes<Arch>::row_stride + first + k,
                          block.columns, sums + row * sums_stride, sums_stride, weight_sum + row,
                          block.excluded);
    };
    if (block.excluded == Excluded::skipped)
      for (std::int32_t row = 0; row < rows; ++row)
        add.template operator()<1>(0, count, row);
    else
      for_each_run<Arch>(count, rows, add);
    for (std::int32_t row = 0; row < rows; ++row) {
      const float rescale = first == 0 ? block.rescale[row] : 1;
      work.sum[row] = work.sum[row] * rescale + weight_sum[row];
      for (std::ptrdiff_t c = 0; c < sums_stride; c += lanes<Arch>) {
        float* const to = work.output + row * sums_stride + c;
        store(to, xsimd::fma(load<Arch>(to), V(rescale), load<Arch>(sums + row * sums_stride + c)));
      }
    }
  }
}

/// Whether each value of the block is finite.
template <class Arch>
bool all_finite(const float* value, std::ptrdiff_t value_stride, std::int32_t keys,
                std::int32_t value_depth) {
  FiniteTest<Arch> test;
  for (std::int32_t k = 0; k < keys; ++k, value += value_stride) {
    std::int32_t c = 0;
    for (; c + lanes<Arch> <= value_depth; c += lanes<Arch>)
      test.include(load<Arch>(value + c));
    for (; c < value_depth; ++c)
      test.include(value[c]);
  }
  return test.is_passed();
}

} // namespace qkv
