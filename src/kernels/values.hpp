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
  if (rows <= Tile<Arch>::panel)
    bring_closer(block.value, block.stride, block.keys, block.columns); // V is read once
  const Factor factor{.data = block.value,
                      .item_stride = 1,
                      .step_stride = block.stride,
                      .items = block.columns,
                      .steps = block.keys};
  multiply<Arch, Outputs>(factor, block.weights, rows, work.output, block.rescale);
}

/// sums [Rows][columns] += P·V of a run of keys; weights: [Rows][block_keys]. V is read in the
/// order of its memory. weight_sum [Rows] += Σ P in the order of the keys, as a lane of RowLanes
/// does.
template <class Arch, int Rows>
[[gnu::noinline]] void add_keys(const float* value, std::ptrdiff_t value_stride, std::int32_t keys,
                                const float* weights, std::int32_t value_depth, float* sums,
                                std::ptrdiff_t sums_stride, float* weight_sum, Excluded excluded) {
  using V = Vector<Arch>;
  constexpr std::ptrdiff_t weights_stride = KeyLanes<Arch>::row_stride;
  float added[Rows];
  std::copy_n(weight_sum, Rows, added);
  for (std::int32_t k = 0; k < keys; ++k, value += value_stride) {
    V weight[Rows];
    QKV_UNROLL
    for (int r = 0; r < Rows; ++r) {
      weight[r] = V(weights[r * weights_stride + k]);
      added[r] += weights[r * weights_stride + k];
    }
    if constexpr (Rows == 1)
      if (excluded == Excluded::skipped && std::signbit(weights[k]))
        continue;
    for_each_vector<Arch, 4 / Rows>(
        value_depth,
        [&](const auto& vector) {
          const V v = vector.load_from(value);
          QKV_UNROLL
          for (int r = 0; r < Rows; ++r) {
            float* const sum = vector.in(sums + r * sums_stride);
            store(sum, xsimd::fma(v, weight[r], load<Arch>(sum)));
          }
        },
        [&](std::ptrdiff_t c) {
          for (int r = 0; r < Rows; ++r) {
            float* const sum = sums + r * sums_stride + c;
            *sum = xsimd::fma(V(value[c]), weight[r], V(*sum)).get(0);
          }
        });
  }
  std::copy_n(added, Rows, weight_sum);
}

/// Few rows: output [rows][value_columns].
template <class Arch>
void add_values(KeyLanes<Arch>, const ValueBlock& block, std::int32_t rows,
                const Workspace<Arch>& work) {
  using V = Vector<Arch>;
  float* const sums = work.block_output;
  const std::ptrdiff_t sums_stride = work.value_columns;
  float weight_sum[static_cast<std::size_t>(Tile<Arch>::few_rows)] = {};
  clear<Arch>(sums, rows * sums_stride);
  const auto add = [&]<int Rows>(std::int32_t k, std::int32_t keys, std::int32_t row) {
    add_keys<Arch, Rows>(block.value + k * block.stride, block.stride, keys,
                         block.weights + row * KeyLanes<Arch>::row_stride + k, block.columns,
                         sums + row * sums_stride, sums_stride, weight_sum + row, block.excluded);
  };
  if (block.excluded == Excluded::skipped)
    for (std::int32_t row = 0; row < rows; ++row)
      add.template operator()<1>(0, block.keys, row);
  else
    for_each_run<Arch>(block.keys, rows, add);
  for (std::int32_t row = 0; row < rows; ++row) {
    work.sum[row] = work.sum[row] * block.rescale[row] + weight_sum[row];
    for (std::ptrdiff_t c = 0; c < sums_stride; c += lanes<Arch>) {
      float* const to = work.output + row * sums_stride + c;
      store(to, xsimd::fma(load<Arch>(to), V(block.rescale[row]),
                           load<Arch>(sums + row * sums_stride + c)));
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
