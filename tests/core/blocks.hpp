// Sizes on whose boundaries tests stand; the same for every arch.
#pragma once

#include "kernels/layout.hpp"

namespace qkv::testing {

inline constexpr int block_rows = Tile<arch::scalar>::block_rows;
inline constexpr int block_keys = Tile<arch::scalar>::block_keys;
/// Keys whose scores few rows have before their weights are computed.
inline constexpr int run_of_keys = KeyLanes<arch::scalar>::blocks_at_once * block_keys;

} // namespace qkv::testing
