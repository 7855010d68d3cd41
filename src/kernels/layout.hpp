// Two ways for the scores of a block to lie, and what a lane then is. What works on scores works on
// groups: vectors a constant stride apart, which cover some rows and all keys of the block.
//
// Either way sums over keys run in their order. Sums over the depth do where lanes are rows; where
// lanes are keys, each lane has every `lanes`-th element, in two sums (multiply_key).
#pragma once

#include "workspace.hpp"

#include <cstddef>
#include <limits>

namespace qkv {

/// The score of a key that is excluded.
inline constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

/// Many rows: scores [keys][block_rows]. A vector holds one key for consecutive rows, so that
/// running maxima and sums are vectors and nothing is reduced across lanes.
template <class Arch>
struct RowLanes {
  static constexpr std::ptrdiff_t key_stride = Tile<Arch>::block_rows;
  static constexpr std::ptrdiff_t row_stride = 1;
  static constexpr auto rows_a_group = static_cast<std::int32_t>(lanes<Arch>);
  static constexpr std::int32_t padded(std::int32_t rows) { return Tile<Arch>::padded(rows); }
  static constexpr std::int32_t block_keys = Tile<Arch>::block_keys;
  /// Blocks whose weights are computed before their values are added.
  static constexpr std::int32_t blocks_at_once(std::int32_t /*rows*/) { return 1; }
  static constexpr std::int32_t most_blocks_at_once = 1;
  /// Outputs [value_columns][block_rows].
  static constexpr std::ptrdiff_t output_size(std::int32_t /*rows*/, std::int32_t value_columns) {
    return std::ptrdiff_t{value_columns} * Tile<Arch>::block_rows;
  }
  static constexpr std::ptrdiff_t output_index(std::int32_t row, std::int32_t column,
                                               std::int32_t /*value_columns*/) {
    return std::ptrdiff_t{column} * Tile<Arch>::block_rows + row;
  }
  static constexpr std::int32_t keys_a_vector = 1;
  static constexpr std::ptrdiff_t vector_stride = key_stride;

  /// What each lane's row has of an array with one element a row.
  template <class Element>
  static xsimd::batch<Element, Arch> of_rows(const Element* array, std::int32_t row) {
    return xsimd::batch<Element, Arch>::load_unaligned(array + row);
  }
  /// Each lane's key, for a vector whose first one is `key`.
  static Integers<Arch> keys(std::int32_t key) { return Integers<Arch>(key); }
};

/// Few rows, as in decoding: scores [rows][block_keys]. A vector holds consecutive keys of one row.
template <class Arch>
struct KeyLanes {
  static constexpr std::ptrdiff_t key_stride = 1;
  /// What is done once a block is shared by few rows, so it has more keys. Their values are still
  /// summed in pieces of Tile::block_keys.
  static constexpr std::int32_t block_keys = 4 * Tile<Arch>::block_keys;
  static constexpr std::ptrdiff_t row_stride = block_keys;
  static constexpr std::int32_t rows_a_group = 1;
  static constexpr std::int32_t padded(std::int32_t rows) { return rows; }
  /// K and V are streamed, and memory likes long runs of either: as many as scores have room for.
  static constexpr std::int32_t blocks_at_once(std::int32_t rows) {
    return Tile<Arch>::block_rows * Tile<Arch>::block_keys / (block_keys * rows);
  }
  static constexpr std::int32_t most_blocks_at_once = blocks_at_once(1);
  static_assert(Tile<Arch>::block_rows * Tile<Arch>::block_keys >=
                Tile<Arch>::few_rows * block_keys); // scores have room for a block of each row
  /// Outputs [rows][value_columns].
  static constexpr std::ptrdiff_t output_size(std::int32_t rows, std::int32_t value_columns) {
    return std::ptrdiff_t{value_columns} * rows;
  }
  static constexpr std::ptrdiff_t output_index(std::int32_t row, std::int32_t column,
                                               std::int32_t value_columns) {
    return std::ptrdiff_t{row} * value_columns + column;
  }
  static constexpr auto keys_a_vector = static_cast<std::int32_t>(lanes<Arch>);
  static constexpr std::ptrdiff_t vector_stride = keys_a_vector;

  template <class Element>
  static xsimd::batch<Element, Arch> of_rows(const Element* array, std::int32_t row) {
    return xsimd::batch<Element, Arch>(array[row]);
  }
  static Integers<Arch> keys(std::int32_t key) { return Integers<Arch>(key) + iota<Arch>(); }
};

/// The scores of one block of keys.
template <class Arch, template <class> class Layout>
struct ScoreBlock {
  const Plan& plan;
  const Workspace<Arch>& work;
  float* scores;  ///< in work.scores
  float* max;     ///< [rows]: the largest score so far
  float* rescale; ///< [rows]: what the block's new maximum does to earlier sums
  std::int32_t first_key;
  std::int32_t keys;
  std::int32_t rows; ///< padded, as Layout says

  /// Vectors a group; the last one of KeyLanes may hold fewer keys than lanes.
  [[nodiscard]] std::int32_t vectors() const {
    return (keys + Layout<Arch>::keys_a_vector - 1) / Layout<Arch>::keys_a_vector;
  }
  [[nodiscard]] float* group(std::int32_t row) const {
    return scores + row * Layout<Arch>::row_stride;
  }

  /// body(row, scores) for each group: its first row, its first vector.
  template <class Body>
  void for_each_group(Body&& body) const {
    for (std::int32_t row = 0; row < rows; row += Layout<Arch>::rows_a_group)
      body(row, group(row));
  }

  /// score = change(score, key) for the vectors of a group.
  template <class Change>
  void change_group(float* first, Change&& change) const {
    const std::int32_t count = vectors();
    for (std::int32_t i = 0; i < count; ++i, first += Layout<Arch>::vector_stride)
      store(first, change(load<Arch>(first), i * Layout<Arch>::keys_a_vector));
  }
};

} // namespace qkv
