// Sizes on whose boundaries tests stand; the same for every target.
#pragma once

#include "kernels/decode.hpp"

namespace qkv::testing {

using QKV_TARGET::block_keys;
using QKV_TARGET::block_rows;
using QKV_TARGET::decode_rows;
using QKV_TARGET::decode_run;
using QKV_TARGET::panel_group;

/// Keys a block of decode rows.
inline constexpr int decode_block_keys = QKV_TARGET::KeyLanes::block_keys;

/// Keys whose scores decode rows have before their weights are computed.
constexpr int run_of_keys(int rows) {
  return QKV_TARGET::decode_blocks(rows) * decode_block_keys;
}

} // namespace qkv::testing
