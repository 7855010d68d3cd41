// O = rescale·O + P·V for a block: V is read in its own layout, one weight broadcast to columns.
#pragma once

#include "tile.hpp"

#include <cmath>
#include <cstddef>

namespace qkv {

/// How weights of excluded keys, which are −0, meet the values: multiplied like any other, or
/// skipped, since 0·∞ and 0·NaN are not 0.
enum class Excluded { multiplied, skipped };

/// A register tile: `Rows` rows × `Vectors` vectors of columns, summed over the keys in order.
/// weights: Pᵀ [keys][block_rows], at the first row; value: [keys][Vectors]; output: [Rows][..].
template <class Arch, int Rows, int Vectors, Excluded excluded>
inline void value_tile(const float* weights, const float* value, std::ptrdiff_t value_stride,
                       std::int32_t keys, const float* rescale, float* output,
                       std::ptrdiff_t output_stride) {
  using V = Vector<Arch>;
  V sum[Rows][Vectors];
  for (auto& row : sum)
    for (V& s : row)
      s = V(0.0F);

  for (std::int32_t k = 0; k < keys;
       ++k, weights += Tile<Arch>::block_rows, value += value_stride) {
    V column[Vectors];
    for (int v = 0; v < Vectors; ++v)
      column[v] = load<Arch>(value + v * lanes<Arch>);
    for (int r = 0; r < Rows; ++r) {
      if constexpr (excluded == Excluded::skipped)
        if (std::signbit(weights[r]))
          continue;
      const V broadcast(weights[r]);
      for (int v = 0; v < Vectors; ++v)
        sum[r][v] = xsimd::fma(column[v], broadcast, sum[r][v]);
    }
  }

  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < Vectors; ++v) {
      float* to = output + r * output_stride + v * lanes<Arch>;
      store(to, xsimd::fma(load<Arch>(to), V(rescale[r]), sum[r][v]));
    }
}

/// All rows × one strip of columns; see score_panels for why it is not inlined.
template <class Arch, int Vectors, Excluded excluded>
[[gnu::noinline]] void value_strip(const float* weights, const float* value,
                                   std::ptrdiff_t value_stride, std::int32_t keys,
                                   std::int32_t rows, const float* rescale, float* output,
                                   std::ptrdiff_t output_stride) {
  constexpr int most = excluded == Excluded::skipped ? 1 : Tile<Arch>::rows;
  for_each_piece<most>(rows, [&]<int Rows>(std::int32_t r) {
    value_tile<Arch, Rows, Vectors, excluded>(weights + r, value, value_stride, keys, rescale + r,
                                              output + r * output_stride, output_stride);
  });
}

/// output [rows][columns], columns padded to a vector. The last, incomplete vector of V's columns
/// is first copied to `tail` [keys][lanes], so that nothing is read past the end of V.
template <class Arch, Excluded excluded>
void value_block(const float* weights, const float* value, std::ptrdiff_t value_stride,
                 std::int32_t keys, std::int32_t value_depth, std::int32_t rows,
                 const float* rescale, float* tail, float* output, std::ptrdiff_t output_stride) {
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  const std::int32_t whole = value_depth / lane_count;
  for_each_piece<Tile<Arch>::vectors>(whole, [&]<int Vectors>(std::int32_t v) {
    const std::ptrdiff_t column = std::ptrdiff_t{v} * lane_count;
    value_strip<Arch, Vectors, excluded>(weights, value + column, value_stride, keys, rows, rescale,
                                         output + column, output_stride);
  });

  const std::ptrdiff_t column = std::ptrdiff_t{whole} * lane_count;
  const std::int32_t rest = value_depth - static_cast<std::int32_t>(column);
  if (rest == 0)
    return;
  for (std::int32_t k = 0; k < keys; ++k)
    for (std::int32_t c = 0; c < lane_count; ++c)
      tail[k * lane_count + c] = c < rest ? value[k * value_stride + column + c] : 0.0F;
  value_strip<Arch, 1, excluded>(weights, tail, lane_count, keys, rows, rescale, output + column,
                                 output_stride);
}

/// Whether each value of the block is finite. x − x is 0 for finite x and NaN otherwise.
template <class Arch>
bool all_finite(const float* value, std::ptrdiff_t value_stride, std::int32_t keys,
                std::int32_t value_depth) {
  constexpr auto lane_count = static_cast<std::int32_t>(lanes<Arch>);
  Vector<Arch> vector_sum(0.0F);
  float scalar_sum = 0;
  for (std::int32_t k = 0; k < keys; ++k, value += value_stride) {
    std::int32_t c = 0;
    for (; c + lane_count <= value_depth; c += lane_count) {
      const Vector<Arch> x = load<Arch>(value + c);
      vector_sum += x - x;
    }
    for (; c < value_depth; ++c)
      scalar_sum += value[c] - value[c];
  }
  return xsimd::all(vector_sum == Vector<Arch>(0.0F)) && scalar_sum == 0;
}

} // namespace qkv
