// The micro-kernel of both products, Q·Kᵀ and P·V, for many rows. Each is a sum over steps (the
// depth, or the keys) of one broadcast element of K or V times a panel of rows, one row a lane.
#pragma once

#include "element.hpp"
#include "tile.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace qkv::QKV_TARGET {

/// K or Vᵀ, read in its own layout. Item i (a key, or a column of V) is at step s
/// data[i·item_stride + s·step_stride].
template <class Element>
struct Factor {
  const typename Element::Stored* data;
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

/// One register tile: `mr` items × `nr` vectors of rows, summed over the steps in their order.
/// panel: [steps][block_rows], at least one step. Epilogue::apply(sums, to, rows) gets the sums.
/// Not inlined: an engine replaces baseline code by optimised code when a function is entered, so
/// hot loops stand in functions that are entered often.
template <class Element, class Epilogue, int mr, int nr>
[[gnu::noinline]] void micro_kernel(const typename Element::Stored* factor,
                                    std::ptrdiff_t item_stride, std::ptrdiff_t step_stride,
                                    std::int32_t steps, const float* panel, float* to,
                                    float* rows) {
  Vector sum[mr][nr];
  for (auto& item : sum)
    for (Vector& s : item)
      s = Vector(0.0F);

  const float* const end = panel + std::ptrdiff_t{steps} * block_rows;
  constexpr int unroll = mr * nr < 8 ? 1 : 2; // small tiles gain nothing
  for_each_step<unroll>([&] {
    const auto element = [&](int i) { return Element::broadcast(factor + i * item_stride); };
    const auto row = [&](int v) { return load(panel + v * lanes); };
    // The smaller side is held in registers, the other comes one at a time: there are no more.
    if constexpr (mr < nr) {
      Vector elements[mr];
      for (int i = 0; i < mr; ++i)
        elements[i] = element(i);
      for (int v = 0; v < nr; ++v) {
        const Vector r = row(v);
        for (int i = 0; i < mr; ++i)
          sum[i][v] = xsimd::fma(r, elements[i], sum[i][v]);
      }
    } else {
      Vector rows_of_panel[nr];
      for (int v = 0; v < nr; ++v)
        rows_of_panel[v] = row(v);
      for (int i = 0; i < mr; ++i) {
        const Vector e = element(i);
        for (int v = 0; v < nr; ++v)
          sum[i][v] = xsimd::fma(rows_of_panel[v], e, sum[i][v]);
      }
    }
    factor += step_stride;
    panel += block_rows;
    return panel == end;
  });
  Epilogue::apply(sum, to, rows);
}

/// All items of `factor` × a panel of rows, in register tiles.
template <class Element, class Epilogue, RegisterTile tile>
void multiply_panel(const Factor<Element>& factor, const float* panel, float* to, float* rows) {
  for_each_half<tile.mr>(factor.items, [&]<int mr>(std::int32_t item) {
    micro_kernel<Element, Epilogue, mr, tile.nr>(factor.data + item * factor.item_stride,
                                                 factor.item_stride, factor.step_stride,
                                                 factor.steps, panel, to + item * block_rows, rows);
  });
}

/// to [items][block_rows] is what Epilogue makes of factor × panel [steps][block_rows]. `row` has
/// one element for each of the `rows` rows.
template <class Epilogue, class Element>
void multiply(const Factor<Element>& factor, const float* panel, std::int32_t rows, float* to,
              float* row) {
  constexpr std::int32_t wide = wide_tile.rows();
  constexpr std::int32_t narrow = narrow_tile.rows();
  const std::int32_t in_wide = rows / wide * wide;
  for (std::int32_t item = 0; item < factor.items; item += panel_group) {
    const Factor group = factor.from(item, std::min(panel_group, factor.items - item));
    for (std::int32_t r = 0; r < in_wide; r += wide)
      multiply_panel<Element, Epilogue, wide_tile>(group, panel + r, to + item * block_rows + r,
                                                   row + r);
  }
  if constexpr (narrow < wide)
    for (std::int32_t r = in_wide; r < rows; r += narrow)
      multiply_panel<Element, Epilogue, narrow_tile>(factor, panel + r, to + r, row + r);
}

} // namespace qkv::QKV_TARGET
