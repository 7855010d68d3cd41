// Two layouts of the scores of a block, which differ in the meaning of a lane. The passes over
// scores work on groups: vectors a constant stride apart that cover some rows and all keys of the
// block.
//
// In both layouts, sums over keys run in the order of the keys. Sums over the depth run in order
// where lanes are rows. Where lanes are keys, each lane sums every `lanes`-th element, in two sums
// (multiply_key).
#pragma once

#include "workspace.hpp"

#include <cstddef>

namespace qkv::QKV_TARGET {

/// Many rows: scores [keys][block_rows]. A vector holds one key for consecutive rows, so that
/// running maxima and sums are vectors and nothing is reduced across lanes.
struct RowLanes {
  static constexpr std::ptrdiff_t key_stride = block_rows;
  static constexpr std::ptrdiff_t row_stride = 1;
  static constexpr std::int32_t rows_a_group = lane_count;
  static constexpr std::int32_t keys_a_vector = 1;
  static constexpr std::ptrdiff_t vector_stride = key_stride;
  static constexpr std::int32_t block_keys = QKV_TARGET::block_keys;

  static constexpr std::int32_t padded(std::int32_t rows) { return padded_rows(rows); }

  /// Outputs [value_columns][block_rows].
  static constexpr std::ptrdiff_t output_size(std::int32_t /*rows*/, std::int32_t value_columns) {
    return std::ptrdiff_t{value_columns} * block_rows;
  }
  static constexpr std::ptrdiff_t output_index(std::int32_t row, std::int32_t column,
                                               std::int32_t /*value_columns*/) {
    return std::ptrdiff_t{column} * block_rows + row;
  }

  /// Each lane's element of an array with one element a row.
  template <class Element>
  static xsimd::batch<Element, Arch> of_rows(const Element* array, std::int32_t row) {
    return xsimd::batch<Element, Arch>::load_unaligned(array + row);
  }
  /// Each lane's key, in a vector whose first key is `key`.
  static Integers keys(std::int32_t key) { return key; }
};

/// Decode rows: scores [rows][block_keys]. A vector holds consecutive keys of one row.
struct KeyLanes {
  static constexpr std::ptrdiff_t key_stride = 1;
  /// Few rows share the work that is done once a block, so it has more keys. Their values are still
  /// summed in pieces of QKV_TARGET::block_keys.
  static constexpr std::int32_t block_keys = 4 * QKV_TARGET::block_keys;
  static constexpr std::ptrdiff_t row_stride = block_keys;
  static constexpr std::int32_t rows_a_group = 1;
  static constexpr std::int32_t keys_a_vector = lane_count;
  static constexpr std::ptrdiff_t vector_stride = keys_a_vector;

  static constexpr std::int32_t padded(std::int32_t rows) { return rows; }

  /// Outputs [rows][value_columns].
  static constexpr std::ptrdiff_t output_size(std::int32_t rows, std::int32_t value_columns) {
    return std::ptrdiff_t{value_columns} * rows;
  }
  static constexpr std::ptrdiff_t output_index(std::int32_t row, std::int32_t column,
                                               std::int32_t value_columns) {
    return std::ptrdiff_t{row} * value_columns + column;
  }

  template <class Element>
  static xsimd::batch<Element, Arch> of_rows(const Element* array, std::int32_t row) {
    return xsimd::batch<Element, Arch>(array[row]);
  }
  static Integers keys(std::int32_t key) { return Integers(key) + iota(); }
};

/// The scores of the keys [first_key, first_key + keys) for the rows of a block.
template <class Layout>
struct ScoreBlock {
  float* scores; ///< as Layout says
  std::int32_t first_key;
  std::int32_t keys;
  std::int32_t rows; ///< with padding, as Layout says

  /// Vectors a group; the last one of KeyLanes may hold fewer keys than lanes.
  [[nodiscard]] std::int32_t vectors() const {
    return (keys + Layout::keys_a_vector - 1) / Layout::keys_a_vector;
  }
  [[nodiscard]] float* group(std::int32_t row) const { return scores + row * Layout::row_stride; }

  /// body(row, scores) for each group: its first row and its first vector.
  template <class Body>
  void for_each_group(Body&& body) const {
    for (std::int32_t row = 0; row < rows; row += Layout::rows_a_group)
      body(row, group(row));
  }

  /// score = change(score, key) for the vectors of a group.
  template <class Change>
  void change_group(float* first, Change&& change) const {
    const std::int32_t count = vectors();
    for (std::int32_t i = 0; i < count; ++i, first += Layout::vector_stride)
      store(first, change(load(first), i * Layout::keys_a_vector));
  }
};

} // namespace qkv::QKV_TARGET
