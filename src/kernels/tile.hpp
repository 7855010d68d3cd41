// Sizes of the tiles, from registers outwards.
#pragma once

#include "../simd/simd.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace qkv {

/// A register tile: `items` elements, each broadcast, times `vectors` vectors of rows.
struct RegisterTile {
  int items;
  int vectors;
};

/// V8 leaves 15 of x64's 16 vector registers. Beside its sums a step holds the lesser of elements
/// and vectors, one of the others, and without a fused multiply-add a product. An element takes two
/// instructions, its address and its load; a vector one. `wide` tiles are for as many rows as they
/// have, `narrow` ones for those that are left. Fused, a wide one has few elements; not fused, with
/// fewer sums, a square has the fewest loads.
template <class Arch>
inline constexpr RegisterTile wide_tile = {.items = 3, .vectors = 3};
template <>
inline constexpr RegisterTile wide_tile<arch::fused> = {.items = 2, .vectors = 6};
template <>
inline constexpr RegisterTile wide_tile<arch::scalar> = {.items = 2, .vectors = 1};
template <class Arch>
inline constexpr RegisterTile narrow_tile = {.items = 3, .vectors = 2};
template <>
inline constexpr RegisterTile narrow_tile<arch::fused> = {.items = 4, .vectors = 2};
template <>
inline constexpr RegisterTile narrow_tile<arch::scalar> = wide_tile<arch::scalar>;

/// The least multiple of `step` that is at least `count`.
constexpr std::int32_t round_up(std::int32_t count, std::int32_t step) {
  return (count + step - 1) / step * step;
}

template <class Arch>
struct Tile {
  static constexpr RegisterTile wide = wide_tile<Arch>;
  static constexpr RegisterTile narrow = narrow_tile<Arch>;
  static constexpr std::int32_t rows_of(RegisterTile tile) {
    return tile.vectors * static_cast<std::int32_t>(lanes<Arch>);
  }

  /// Items that the wide panels of a block are multiplied by in turn: K or V in them, and a panel,
  /// stay in the first-level cache.
  static constexpr std::int32_t group = 24;

  /// Of few rows, those computed side by side.
  static constexpr int few_rows_at_once = std::is_same_v<Arch, arch::scalar> ? 1 : 4;

  /// Keys whose values are added to so many rows' sums at once: these are loaded and stored once
  /// for all. With two memory is still read at its rate, with four it is not.
  static constexpr int values_at_once(int rows) { return rows < few_rows_at_once ? 2 : 1; }

  /// Rows of two keys that are read in turns are a stream to what fetches ahead while they are no
  /// more elements apart than this.
  static constexpr std::ptrdiff_t stream_stride = 96;

  /// Keys that few rows read in turns, while they are in the first-level cache. The lanes divide
  /// it.
  static constexpr std::int32_t few_keys = 40;

  /// Up to so many rows, all in one register tile, K and V are read once, and waited for: they are
  /// brought closer first. A wide tile that is several narrow ones has more to do between.
  static constexpr std::int32_t rows_that_wait =
      rows_of(wide) % rows_of(narrow) == 0 ? rows_of(narrow) : rows_of(wide);

  /// Rows of a block with their padding: wide tiles, and for what is left narrow ones or one more.
  static constexpr std::int32_t padded(std::int32_t rows) {
    const std::int32_t left = rows % rows_of(wide);
    return rows - left + std::min(round_up(left, rows_of(narrow)), rows_of(wide));
  }

  /// Rows a block. Wide tiles divide it; with `block_keys` it keeps the scores of a block in the
  /// first-level cache (23 KB).
  static constexpr std::int32_t block_rows = 48;

  /// Keys between two updates of the running maximum; of few rows, four times as many
  /// (KeyLanes::block_keys). Items and vectors divide it. The same for every arch: results depend
  /// on these two in the last bits, and on no other size but few_rows.
  static constexpr std::int32_t block_keys = 120;

  /// Vectors of weights computed in lock step: an iteration of exp2's polynomial is a multiply-add
  /// of each, with what it waits for long done. Registers last for six. Natively `fused` may
  /// have 8 lanes, and a row's scores are 15 vectors, which five divide.
  static constexpr int powers_at_once = std::is_same_v<Arch, arch::scalar>  ? 1
                                        : std::is_same_v<Arch, arch::fused> ? 5
                                                                            : 6;

  /// Up to here a vector holds keys of one row (KeyLanes) instead of rows (RowLanes).
  static constexpr std::int32_t few_rows = 4;

  static_assert(block_rows % rows_of(wide) == 0 && block_keys % lanes<Arch> == 0);
  static_assert(group % wide.items == 0 && block_keys % group == 0);
  static_assert(few_keys % lanes<Arch> == 0);
  static_assert(rows_that_wait == rows_of(narrow) || narrow.items == wide.items);
  static_assert(block_keys / lanes<Arch> % powers_at_once == 0); // a row's scores have room for all
};

/// Calls step() until it returns that it was the last, `at_once` times in an iteration. The tests
/// between them keep steps in basic blocks of their own: LLVM would mix their loads, and registers
/// would not last.
template <int at_once, class Step>
[[gnu::always_inline]] inline void for_each_step(Step&& step) {
  static_assert(at_once <= 2);
  do {
    if constexpr (at_once == 2)
      if (step())
        return;
  } while (!step());
}

/// Calls body<N>(start) for consecutive pieces of [start, count): of `Most`, then halves of it.
/// Always inlined: as functions of their own the pieces are more bytes.
template <int Most, class Body>
[[gnu::always_inline]] inline void for_each_half(std::int32_t count, Body&& body,
                                                 std::int32_t start = 0) {
  for (; start + Most <= count; start += Most)
    body.template operator()<Most>(start);
  if constexpr (Most > 1)
    for_each_half<Most / 2>(count, body, start);
}

/// Calls body<Rows>(key, keys, row) for runs of few_keys keys, and in each for pieces of few rows.
template <class Arch, class Body>
inline void for_each_run(std::int32_t keys, std::int32_t rows, Body&& body) {
  constexpr std::int32_t run = Tile<Arch>::few_keys;
  for (std::int32_t k = 0; k < keys; k += run)
    for_each_half<Tile<Arch>::few_rows_at_once>(rows, [&]<int Rows>(std::int32_t row) {
      body.template operator()<Rows>(k, std::min(run, keys - k), row);
    });
}

} // namespace qkv
