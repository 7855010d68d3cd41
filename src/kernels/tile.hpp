// Sizes of the tiles, from registers outwards.
#pragma once

#include "../simd/simd.hpp"

#include <cstdint>
#include <utility>

namespace qkv {

/// Independent sums a register tile holds, as (rows × 2 vectors). V8 leaves 15 of x64's 16 vector
/// registers. Beside the sums a step holds two vectors and one broadcast value; without a fused
/// multiply-add the product needs one more. Emulated vectors live in four registers each.
template <class Arch>
inline constexpr int register_rows = 5;
template <>
inline constexpr int register_rows<arch::fused> = 6;
template <>
inline constexpr int register_rows<arch::scalar> = 1;

template <class Arch>
struct Tile {
  static constexpr int rows = register_rows<Arch>;
  static constexpr int vectors = 2;

  /// Queries computed side by side, one a lane.
  static constexpr std::int32_t panel = vectors * static_cast<std::int32_t>(lanes<Arch>);

  /// Rows a block: panels and register rows divide it on `fused`. Sized with `block_keys` for the
  /// scores of a block to stay in the first-level cache.
  static constexpr std::int32_t block_rows = 48;

  /// Keys between two updates of the running maximum. The same for every arch: results depend on
  /// it in the last bits, and on no other size here.
  static constexpr std::int32_t block_keys = 128;

  static_assert(block_rows % panel == 0);
};

/// The least multiple of `step` that is at least `count`.
constexpr std::int32_t round_up(std::int32_t count, std::int32_t step) {
  return (count + step - 1) / step * step;
}

/// Calls body<N>(start) for consecutive pieces of [0, count): pieces of `Most`, then the rest.
template <int Most, class Body>
inline void for_each_piece(std::int32_t count, Body&& body) {
  std::int32_t start = 0;
  for (; start + Most <= count; start += Most)
    body.template operator()<Most>(start);
  if constexpr (Most > 1)
    [&]<int... N>(std::integer_sequence<int, N...>) {
      ((count - start == N + 1 ? body.template operator()<N + 1>(start) : void()), ...);
    }(std::make_integer_sequence<int, Most - 1>());
}

} // namespace qkv
