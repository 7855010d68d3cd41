// The forward pass of decode rows. Each pass visits several blocks of keys in a run: K and V are
// streamed, and memory delivers long runs of either faster than short ones in turn.
#pragma once

#include "forward.hpp"

namespace qkv::QKV_TARGET {

/// Blocks of keys in a run: as many as `scores` has room for.
constexpr std::int32_t decode_blocks(std::int32_t rows) {
  return block_rows * block_keys / (KeyLanes::block_keys * rows);
}

static_assert(decode_blocks(decode_rows) >= 1);

template <class Element>
void attend_decode_rows(const Plan& plan, const RowBlock& block, const Workspace& work) {
  using Forward = RowBlockForward<Element, KeyLanes>;
  constexpr std::int32_t step = KeyLanes::block_keys;
  Forward(plan, block, work).compute([](Forward& forward) __attribute__((noinline)) {
    const Workspace& w = forward.work();
    const std::int32_t rows = forward.padded();
    const std::int32_t run = step * decode_blocks(rows);
    for_each_key_block(forward.visited(), run, [&](std::int32_t, KeyRange keys_of_run) {
      BlockCoverage coverage[static_cast<std::size_t>(decode_blocks(1))];
      const auto for_each_block = [&](auto&& body) {
        for_each_key_block(keys_of_run, step, [&](std::int32_t i, KeyRange keys) {
          const auto scores = forward.score_block(w.scores + i * rows * step, keys);
          body(scores, coverage[i], w.block_max + i * rows, w.rescale + i * rows);
        });
      };
      for_each_block([&](const auto& scores, BlockCoverage& covered, float* max, float*) {
        covered = forward.coverage(scores);
        if (!forward.is_skipped(covered))
          forward.score(scores, max);
      });
      for_each_block(
          [&](const auto& scores, const BlockCoverage& covered, float* max, float* rescale) {
            if (!forward.is_skipped(covered))
              forward.weigh(scores, covered, max, rescale);
          });
      for_each_block([&](const auto& scores, const BlockCoverage& covered, float*, float* rescale) {
        if (!forward.is_skipped(covered))
          forward.add(scores, covered, rescale);
      });
    });
  });
}

} // namespace qkv::QKV_TARGET
