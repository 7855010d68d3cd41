// The sizes of tiles and blocks, from registers outwards.
#pragma once

#include "../simd/vector.hpp"

#include <algorithm>
#include <cstdint>

namespace qkv::QKV_TARGET {

/// A register tile of the micro-kernel: `mr` elements of K or V, each broadcast, times `nr` vectors
/// of rows.
struct RegisterTile {
  int mr;
  int nr;

  [[nodiscard]] constexpr std::int32_t rows() const { return nr * lane_count; }
};

// V8 leaves 15 of x64's 16 vector registers. Beside its sums, a step holds the smaller side of the
// tile, one of the other side, and without a fused multiply-add a product. A broadcast element
// takes two instructions (address and load), a vector takes one. Fused, the wide tile has few
// elements; not fused there is room for fewer sums, and a square needs the fewest loads.
inline constexpr RegisterTile wide_tile = is_scalar  ? RegisterTile{.mr = 2, .nr = 1}
                                          : is_fused ? RegisterTile{.mr = 2, .nr = 6}
                                                     : RegisterTile{.mr = 3, .nr = 3};
/// For the rows that wide tiles leave.
inline constexpr RegisterTile narrow_tile = is_scalar  ? wide_tile
                                            : is_fused ? RegisterTile{.mr = 4, .nr = 2}
                                                       : RegisterTile{.mr = 3, .nr = 2};

/// Rows a block. Wide tiles divide it. With `block_keys` it keeps the scores of a block in the
/// first-level cache (23 KB).
inline constexpr std::int32_t block_rows = 48;

/// Keys between two updates of the running maximum; decode rows have four times as many
/// (KeyLanes::block_keys). Tiles and vectors divide it. The same for every target: results depend
/// on these two sizes in their last bits, and on no other size but `decode_rows`.
inline constexpr std::int32_t block_keys = 120;

/// Elements of K or V that all wide panels of a block are multiplied by in turn: they and a panel
/// stay in the first-level cache.
inline constexpr std::int32_t panel_group = 24;

/// Vectors of weights that exp2 computes in lock step. One iteration of its polynomial is then a
/// multiply-add for each, and their latencies overlap. Registers suffice for six. Natively `fused`
/// may have 8 lanes; the scores of a row are then 15 vectors, which five divides.
inline constexpr int exp_unroll = is_scalar ? 1 : is_fused ? 5 : 6;

/// With at most this many rows, as in decoding, a vector holds keys of one row (KeyLanes) instead
/// of rows (RowLanes).
inline constexpr std::int32_t decode_rows = 4;

/// Decode rows that are computed side by side.
inline constexpr int decode_rows_unroll = is_scalar ? 1 : 4;

/// Keys whose values are added to the sums of decode rows together, so that the sums are loaded and
/// stored once. With two keys memory still delivers its full rate, with four it does not.
constexpr int decode_keys_unroll(int rows) {
  return rows < decode_rows_unroll ? 2 : 1;
}

/// Keys that decode rows visit in turn, while they are in the first-level cache.
inline constexpr std::int32_t decode_run = 40;

/// The hardware prefetcher follows two interleaved rows only while they are at most this many
/// floats apart.
inline constexpr std::ptrdiff_t interleaved_stride = 96;

/// With this few rows, all in one register tile, K and V are used only once, so the loads are
/// latency-bound and we prefetch. (A wide tile of several narrow ones has more to do between.)
inline constexpr std::int32_t prefetch_rows =
    wide_tile.rows() % narrow_tile.rows() == 0 ? narrow_tile.rows() : wide_tile.rows();

/// The least multiple of `step` that is at least `count`.
constexpr std::int32_t round_up(std::int32_t count, std::int32_t step) {
  return (count + step - 1) / step * step;
}

/// Rows of a block with their padding: wide tiles, then narrow tiles or one more wide one.
constexpr std::int32_t padded_rows(std::int32_t rows) {
  const std::int32_t left = rows % wide_tile.rows();
  return rows - left + std::min(round_up(left, narrow_tile.rows()), wide_tile.rows());
}

static_assert(block_rows % wide_tile.rows() == 0 && block_keys % lane_count == 0);
static_assert(panel_group % wide_tile.mr == 0 && block_keys % panel_group == 0);
static_assert(decode_run % lane_count == 0);
static_assert(prefetch_rows == narrow_tile.rows() || narrow_tile.mr == wide_tile.mr);
static_assert(block_keys / lane_count % exp_unroll == 0); // the scores of a row have room for all

/// Calls step() until it returns true, `unroll` times an iteration. The tests between the steps
/// keep each in a basic block of its own: LLVM would otherwise mix their loads and spill registers.
template <int unroll, class Step>
[[gnu::always_inline]] inline void for_each_step(Step&& step) {
  static_assert(unroll <= 2);
  do {
    if constexpr (unroll == 2)
      if (step())
        return;
  } while (!step());
}

/// Calls body<N>(start) for consecutive pieces of [start, count): pieces of `most`, then of its
/// halves. Always inlined, since as functions the pieces take more code.
template <int most, class Body>
[[gnu::always_inline]] inline void for_each_half(std::int32_t count, Body&& body,
                                                 std::int32_t start = 0) {
  for (; start + most <= count; start += most)
    body.template operator()<most>(start);
  if constexpr (most > 1)
    for_each_half<most / 2>(count, body, start);
}

/// Calls body<Rows>(key, keys, row) for runs of `decode_run` keys, and in each for pieces of the
/// decode rows.
template <class Body>
inline void for_each_run(std::int32_t keys, std::int32_t rows, Body&& body) {
  for (std::int32_t k = 0; k < keys; k += decode_run)
    for_each_half<decode_rows_unroll>(rows, [&]<int Rows>(std::int32_t row) {
      body.template operator()<Rows>(k, std::min(decode_run, keys - k), row);
    });
}

} // namespace qkv::QKV_TARGET
