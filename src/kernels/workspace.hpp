// Scratch memory of one block of rows.
#pragma once

#include "../plan.hpp"
#include "tile.hpp"

#include <cstddef>

namespace qkv {

template <class Arch>
struct Workspace {
  using T = Tile<Arch>;

  float* queries;      ///< packed, as pack_queries says
  float* scores;       ///< scores, then weights, as a layout says: block_rows × block_keys
  float* output;       ///< block_rows × value_columns, as a layout says; not yet divided by the sum
  float* block_output; ///< [few_rows][value_columns]: what block_keys keys add

  // One element a row. Rows past the last are padding: computed and never read.
  float* max;              ///< running maximum of the scores
  float* sum;              ///< running Σ 2^24·2^(log2_unit·(s − max))
  float* block_max;        ///< with the scores of the blocks whose values are still to be added
  float* rescale;          ///< of the same blocks
  double* position;        ///< i + offset, with ALiBi
  float* slope;            ///< of ALiBi
  std::int32_t* first_key; ///< KeyRange
  std::int32_t* end_key;
  std::int32_t* mask_row; ///< where the row's mask and bias start
  std::int32_t* bias_row;

  std::int32_t value_columns; ///< Dv rounded up to a vector

  Workspace(const Extents& extents, std::byte* memory)
      : value_columns(round_up(extents.value_depth, static_cast<std::int32_t>(lanes<Arch>))) {
    const auto take = [&]<class Element>(Element*& array, std::ptrdiff_t count) {
      // Without memory only the bytes are counted.
      array = memory == nullptr ? nullptr : reinterpret_cast<Element*>(memory + bytes); // NOLINT
      constexpr std::ptrdiff_t alignment = 64;
      bytes += (count * static_cast<std::ptrdiff_t>(sizeof(Element)) + alignment - 1) / alignment *
               alignment;
    };
    constexpr std::ptrdiff_t rows = T::block_rows;
    take(queries, rows * round_up(extents.depth, static_cast<std::int32_t>(lanes<Arch>)));
    take(scores, rows * T::block_keys);
    take(output, rows * value_columns);
    take(block_output, T::few_rows * value_columns);
    take(position, rows);
    for (float** array : {&max, &sum, &block_max, &rescale, &slope})
      take(*array, rows);
    for (std::int32_t** array : {&first_key, &end_key, &mask_row, &bias_row})
      take(*array, rows);
  }

  std::ptrdiff_t bytes = 0;
};

} // namespace qkv
