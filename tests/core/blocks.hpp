// Sizes on whose boundaries tests stand; the same for every arch.
#pragma once

#include "kernels/layout.hpp"

namespace qkv::testing {

inline constexpr int block_rows = Tile<arch::scalar>::block_rows;
inline constexpr int block_keys = Tile<arch::scalar>::block_keys;
inline constexpr int group = Tile<arch::scalar>::group;
inline constexpr int few_keys = Tile<arch::scalar>::few_keys;
inline constexpr int few_rows = Tile<arch::scalar>::few_rows;
/// Keys a block of few rows.
inline constexpr int few_rows_block_keys = KeyLanes<arch::scalar>::block_keys;
/// Keys whose scores so few rows have before their weights are computed.
constexpr int run_of_keys(int rows) {
  return KeyLanes<arch::scalar>::blocks_at_once(rows) * few_rows_block_keys;
}

} // namespace qkv::testing
