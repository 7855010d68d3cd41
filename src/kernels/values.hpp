// O = rescale·O + P·V for a block: V is read in its own layout, one weight broadcast to columns.
#pragma once

#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace qkv {

/// How weights of excluded keys, which are −0, meet the values: multiplied like any other, or
/// skipped, since 0·∞ and 0·NaN are not 0.
enum class Excluded { multiplied, skipped };

/// The values of one block of keys, and where they are added to.
struct ValueBlock {
  const float* value; ///< [keys][stride]
  std::ptrdiff_t stride;
  std::int32_t keys;
  const float* weights; ///< as Layout says
  const float* rescale; ///< [rows]
  float* output;        ///< [rows][output_stride]
  std::ptrdiff_t output_stride;
};

/// A register tile: `Rows` rows × `Vectors` vectors of columns, summed over the keys in order. See
/// score_panels for why it is not inlined.
template <class Arch, class Layout, int Rows, int Vectors, Excluded excluded>
[[gnu::noinline]] void value_tile(const ValueBlock& block, std::int32_t row) {
  using V = Vector<Arch>;
  V sum[Rows][Vectors];
  for (auto& r : sum)
    for (V& s : r)
      s = V(0.0F);

  const float* weights = block.weights + row * Layout::row_stride;
  const float* value = block.value;
  const std::ptrdiff_t value_stride = block.stride;
  for_each_step<Arch>(block.keys, [&](std::int32_t) {
    V column[Vectors];
    for (int v = 0; v < Vectors; ++v)
      column[v] = load<Arch>(value + v * lanes<Arch>);
    for (int r = 0; r < Rows; ++r) {
      const float weight = weights[r * Layout::row_stride];
      if constexpr (excluded == Excluded::skipped)
        if (std::signbit(weight))
          continue;
      const V broadcast(weight);
      for (int v = 0; v < Vectors; ++v)
        sum[r][v] = xsimd::fma(column[v], broadcast, sum[r][v]);
    }
    weights += Layout::key_stride;
    value += value_stride;
  });

  // Copies: for all a compiler knows, a store of a vector changes `block`.
  const std::ptrdiff_t stride = block.output_stride;
  const float* rescale = block.rescale + row;
  float* output = block.output + row * stride;
  QKV_UNROLL
  for (int r = 0; r < Rows; ++r) {
    const V factor(rescale[r]);
    QKV_UNROLL
    for (int v = 0; v < Vectors; ++v) {
      float* to = output + r * stride + v * lanes<Arch>;
      store(to, xsimd::fma(load<Arch>(to), factor, sum[r][v]));
    }
  }
}

/// All rows × one strip of columns.
template <class Arch, class Layout, int Rows, int Vectors, Excluded excluded>
void value_strip(const ValueBlock& block, std::int32_t rows) {
  for_each_row_tile<Rows>(rows, [&]<int Piece>(std::int32_t row) {
    value_tile<Arch, Layout, Piece, Vectors, excluded>(block, row);
  });
}

/// Register tiles of `Rows` × `Vectors` over all columns, which are padded to a vector in the
/// output. The last, incomplete vector of V's columns is first copied to `tail` [keys][lanes], so
/// that nothing is read past the end of V.
template <class Arch, class Layout, int Rows, int Vectors, Excluded excluded>
void value_columns(ValueBlock block, std::int32_t rows, std::int32_t value_depth, float* tail) {
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  const std::int32_t whole = value_depth / lane_count;
  for_each_piece<Vectors>(whole, [&]<int Piece>(std::int32_t) {
    value_strip<Arch, Layout, Rows, Piece, excluded>(block, rows);
    block.value += Piece * lane_count;
    block.output += Piece * lane_count;
  });

  const std::int32_t rest = value_depth - whole * lane_count;
  if (rest == 0)
    return;
  for (std::int32_t k = 0; k < block.keys; ++k)
    store(tail + k * lanes<Arch>, load_first<Arch>(block.value + k * block.stride, rest));
  block.value = tail;
  block.stride = lane_count;
  value_strip<Arch, Layout, Rows, 1, excluded>(block, rows);
}

template <class Arch>
void add_values(RowLanes<Arch>, const ValueBlock& block, std::int32_t rows,
                std::int32_t value_depth, const Workspace<Arch>& work) {
  if (rows <= Tile<Arch>::panel)
    bring_closer(block.value, block.stride, block.keys, value_depth); // V is read once
  value_columns<Arch, RowLanes<Arch>, Tile<Arch>::rows, Tile<Arch>::vectors, Excluded::multiplied>(
      block, rows, value_depth, work.value_tail);
}

/// sums [Rows][columns] += P·V of a run of keys; weights: [Rows][block_keys]. V is read in the
/// order of its memory. weight_sum [Rows] += Σ P in the order of the keys, as a lane of RowLanes
/// does.
template <class Arch, int Rows>
[[gnu::noinline]] void add_keys(const float* value, std::ptrdiff_t value_stride, std::int32_t keys,
                                const float* weights, std::int32_t value_depth, float* sums,
                                std::ptrdiff_t sums_stride, float* weight_sum) {
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

template <class Arch>
void add_values(KeyLanes<Arch>, const ValueBlock& block, std::int32_t rows,
                std::int32_t value_depth, const Workspace<Arch>& work) {
  using V = Vector<Arch>;
  float* const sums = work.block_output;
  float weight_sum[static_cast<std::size_t>(Tile<Arch>::few_rows)] = {};
  clear<Arch>(sums, rows * block.output_stride);
  for_each_run<Arch>(block.keys, rows,
                     [&]<int Rows>(std::int32_t k, std::int32_t count, std::int32_t row) {
                       add_keys<Arch, Rows>(block.value + k * block.stride, block.stride, count,
                                            block.weights + row * KeyLanes<Arch>::row_stride + k,
                                            value_depth, sums + row * block.output_stride,
                                            block.output_stride, weight_sum + row);
                     });
  for (std::int32_t row = 0; row < rows; ++row) {
    work.sum[row] = work.sum[row] * block.rescale[row] + weight_sum[row];
    for (std::ptrdiff_t c = 0; c < block.output_stride; c += lanes<Arch>) {
      const std::ptrdiff_t at = row * block.output_stride + c;
      store(block.output + at, xsimd::fma(load<Arch>(block.output + at), V(block.rescale[row]),
                                          load<Arch>(sums + at)));
    }
  }
}

/// The same where some values are not finite: slower, row by row.
template <class Arch, class Layout>
void add_attended_values(Layout, const ValueBlock& block, std::int32_t rows,
                         std::int32_t value_depth, const Workspace<Arch>& work) {
  value_columns<Arch, Layout, 1, 1, Excluded::skipped>(block, rows, value_depth, work.value_tail);
  if constexpr (Layout::rows_a_group == 1)
    for (std::int32_t row = 0; row < rows; ++row) {
      const float* weights = block.weights + row * Layout::row_stride;
      work.sum[row] =
          std::accumulate(weights, weights + block.keys, 0.0F) + work.sum[row] * block.rescale[row];
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
