// Sizes of the tiles, from registers outwards.
#pragma once

#include "../simd/simd.hpp"

#include <algorithm>
#include <cstdint>

namespace qkv {

/// Independent sums a register tile holds, as (rows × 2 vectors). V8 leaves 15 of x64's 16 vector
/// registers. Beside the sums a step holds two vectors and one broadcast value; without a fused
/// multiply-add the product needs one more. Emulated vectors live in four registers each.
template <class Arch>
inline constexpr int register_rows = 4;
template <>
inline constexpr int register_rows<arch::fused> = 6;
template <>
inline constexpr int register_rows<arch::scalar> = 1;

template <class Arch>
struct Tile {
  static constexpr int rows = register_rows<Arch>;
  static constexpr int vectors = 2;
  /// Steps of a tile's sums in an iteration of its loop.
  static constexpr int steps = rows == 1 ? 1 : 2;
  /// Of few rows, those computed side by side.
  static constexpr int few_rows_at_once = rows == 1 ? 1 : 4;

  /// Keys that few rows read in turns, while they are in the first-level cache. The lanes divide
  /// it.
  static constexpr std::int32_t few_keys = 24;

  /// Queries computed side by side, one a lane.
  static constexpr std::int32_t panel = vectors * static_cast<std::int32_t>(lanes<Arch>);

  /// Rows a block. Register rows divide it; with `block_keys` it keeps the scores of a block in the
  /// first-level cache (23 KB).
  static constexpr std::int32_t block_rows = 48;

  /// Keys between two updates of the running maximum. Register rows and vectors divide it. The same
  /// for every arch: results depend on it in the last bits, and on no other size here.
  static constexpr std::int32_t block_keys = 120;

  /// Up to here a vector holds keys of one row (KeyLanes) instead of rows (RowLanes).
  static constexpr std::int32_t few_rows = 4;

  static_assert(block_rows % panel == 0 && block_keys % lanes<Arch> == 0);
  static_assert(few_keys % lanes<Arch> == 0);
  static_assert(block_rows % rows == 0 && block_keys % rows == 0);
};

/// The least multiple of `step` that is at least `count`.
constexpr std::int32_t round_up(std::int32_t count, std::int32_t step) {
  return (count + step - 1) / step * step;
}

/// Calls step(i) for i in [0, count), `Tile::steps` of them in an iteration: fewer instructions,
/// which a busy core is short of. What stands between two steps keeps them in basic blocks of their
/// own: LLVM would mix their loads, and registers would not last.
template <class Arch, class Step>
[[gnu::always_inline]] inline void for_each_step(std::int32_t count, Step&& step) {
  static_assert(Tile<Arch>::steps <= 2);
  for (std::int32_t i = 0; i < count; i += Tile<Arch>::steps) {
    step(i);
    if constexpr (Tile<Arch>::steps == 2) {
      if (i + 1 == count)
        break;
      step(i + 1);
    }
  }
}

/// Calls body<N>(start) for tiles of rows that cover [0, count): tiles of `Most`, 6 or fewer, and
/// at the end up to two of 4. They may end after `count`, but not after its next multiple of 4.
template <int Most, class Body>
inline void for_each_row_tile(std::int32_t count, Body&& body) {
  constexpr int few = std::min(Most, 4);
  std::int32_t start = 0;
  const auto left = [&] { return count - start; };
  if constexpr (few < Most)
    for (; left() > 2 * few || (few < left() && left() <= Most); start += Most)
      body.template operator()<Most>(start);
  for (; start < count; start += few)
    body.template operator()<few>(start);
}

/// Calls body<N>(start) for consecutive pieces of [0, count): pieces of `Most`, then of 3 and 1.
template <int Most, class Body>
inline void for_each_piece(std::int32_t count, Body&& body) {
  std::int32_t start = 0;
  for (; start + Most <= count; start += Most)
    body.template operator()<Most>(start);
  if constexpr (Most > 3)
    for (; start + 3 <= count; start += 3)
      body.template operator()<3>(start);
  if constexpr (Most > 1)
    for (; start < count; ++start)
      body.template operator()<1>(start);
}

/// Calls body<N>(start) for consecutive pieces of [start, count): of `Most`, then halves of it.
template <int Most, class Body>
inline void for_each_half(std::int32_t count, Body&& body, std::int32_t start = 0) {
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

/// Calls body<N>(start) for tiles that cover [0, count), where what is computed twice is the same:
/// tiles of `Most`, the last one of which may overlap the one before, or pieces of fewer.
template <int Most, class Body>
inline void for_each_overlapping_tile(std::int32_t count, Body&& body) {
  if constexpr (Most > 1)
    if (count < Most)
      return for_each_piece<Most>(count, body);
  for (std::int32_t start = 0; start < count; start += Most)
    body.template operator()<Most>(std::min(start, count - Most));
}

} // namespace qkv
