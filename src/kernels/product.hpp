// The product of many rows with K, which gives scores, and with Vᵀ, which gives outputs. Either is
// a sum over steps, the depth or the keys, of an element that is broadcast times a panel of rows,
// one a lane.
#pragma once

#include "tile.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace qkv {

/// K or Vᵀ, read in the layout it has: item i, a key or a column, is at step s
/// data[i·item_stride + s·step_stride].
struct Factor {
  const float* data;
  std::ptrdiff_t item_stride;
  std::ptrdiff_t step_stride;
  std::int32_t items;
  std::int32_t steps;

  [[nodiscard]] Factor from(std::int32_t item, std::int32_t count) const {
    Factor part = *this;
    part.data += item * item_stride;
    part.items = count;
    return part;
  }
};

/// A register tile: `Items` items × `Vectors` vectors of rows, summed over the steps in their
/// order. panel: [steps][block_rows], at least one step. Result::put(sums, to, rows) has the sums.
/// Not inlined: engines replace baseline code by optimised code when a function is entered, so hot
/// loops stand in functions that are entered often.
template <class Arch, class Result, int Items, int Vectors>
[[gnu::noinline]] void product_tile(const float* factor, std::ptrdiff_t item_stride,
                                    std::ptrdiff_t step_stride, std::int32_t steps,
                                    const float* panel, float* to, float* rows) {
  using V = Vector<Arch>;
  V sum[Items][Vectors];
  for (auto& item : sum)
    for (V& s : item)
      s = V(0.0F);

  const float* const end = panel + std::ptrdiff_t{steps} * Tile<Arch>::block_rows;
  constexpr int at_once = Items * Vectors < 8 ? 1 : 2; // small tiles are not worth the bytes
  for_each_step<at_once>([&] {
    const auto element = [&](int i) { return V(factor[i * item_stride]); };
    const auto row = [&](int v) { return load<Arch>(panel + v * lanes<Arch>); };
    // What there is less of is held, the other comes one at a time: that is all there are registers
    // for.
    if constexpr (Items < Vectors) {
      V elements[Items];
      for (int i = 0; i < Items; ++i)
        elements[i] = element(i);
      for (int v = 0; v < Vectors; ++v) {
        const V r = row(v);
        for (int i = 0; i < Items; ++i)
          sum[i][v] = xsimd::fma(r, elements[i], sum[i][v]);
      }
    } else {
      V rows_of_panel[Vectors];
      for (int v = 0; v < Vectors; ++v)
        rows_of_panel[v] = row(v);
      for (int i = 0; i < Items; ++i) {
        const V e = element(i);
        for (int v = 0; v < Vectors; ++v)
          sum[i][v] = xsimd::fma(rows_of_panel[v], e, sum[i][v]);
      }
    }
    factor += step_stride;
    panel += Tile<Arch>::block_rows;
    return panel == end;
  });
  Result::template put<Arch>(sum, to, rows);
}

/// All items of `factor` × a panel of rows, in register tiles.
template <class Arch, class Result, RegisterTile tile>
void multiply_panel(const Factor& factor, const float* panel, float* to, float* rows) {
  for_each_half<tile.items>(factor.items, [&]<int Items>(std::int32_t item) {
    product_tile<Arch, Result, Items, tile.vectors>(
        factor.data + item * factor.item_stride, factor.item_stride, factor.step_stride,
        factor.steps, panel, to + item * Tile<Arch>::block_rows, rows);
  });
}

/// to [items][block_rows] is what Result makes of factor × panel, [steps][block_rows], for `rows`
/// rows, of which there is one element each in `row`.
template <class Arch, class Result>
void multiply(const Factor& factor, const float* panel, std::int32_t rows, float* to, float* row) {
  using T = Tile<Arch>;
  constexpr std::int32_t wide = T::rows_of(T::wide);
  constexpr std::int32_t narrow = T::rows_of(T::narrow);
  const std::int32_t in_wide = rows / wide * wide;
  for (std::int32_t item = 0; item < factor.items; item += T::group) {
    const Factor group = factor.from(item, std::min(T::group, factor.items - item));
    for (std::int32_t r = 0; r < in_wide; r += wide)
      multiply_panel<Arch, Result, T::wide>(group, panel + r, to + item * T::block_rows + r,
                                            row + r);
  }
  if constexpr (narrow < wide)
    for (std::int32_t r = in_wide; r < rows; r += narrow)
      multiply_panel<Arch, Result, T::narrow>(factor, panel + r, to + r, row + r);
}

} // namespace qkv
