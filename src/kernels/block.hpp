// One block of rows against all keys they may attend: the loop of FlashAttention.
#pragma once

#include "coverage.hpp"
#include "output.hpp"
#include "queries.hpp"
#include "rows.hpp"
#include "scores.hpp"
#include "values.hpp"

#include <algorithm>

namespace qkv {

template <class Arch, template <class> class Layout>
class BlockAttention {
public:
  BlockAttention(const Plan& plan, const RowBlock& block, const Workspace<Arch>& work)
      : plan_(plan), problem_(plan.problem), block_(block), work_(work), rows_(plan, block, work),
        padded_rows_(Layout<Arch>::padded(block.rows())) {}

  void compute() {
    pack_queries(layout, plan_, block_, work_);
    attend_all_keys();
    // A sum of values near the largest float32 overflows before it is divided. Once more, with
    // room, for those elements alone: in the others small values would be lost.
    if (!write_output()) {
      float sum[static_cast<std::size_t>(Tile<Arch>::block_rows)]; // of weights as they are
      std::copy_n(work_.sum, padded_rows_, sum);
      headroom_ = 0x1p-64F;
      attend_all_keys();
      std::copy_n(sum, padded_rows_, work_.sum);
      write_output();
    }
    rows_.write_captures();
  }

private:
  static constexpr Layout<Arch> layout{};

  [[gnu::noinline]] bool write_output() const {
    return OutputWriter<Arch, Layout>(rows_, headroom_).write();
  }

  [[gnu::noinline]] void attend_all_keys() {
    rows_.start(padded_rows_);
    clear<Arch>(work_.output, layout.output_size(padded_rows_, work_.value_columns));
    // What lies outside the range of every row is skipped, unless its scores are asked for.
    const KeyRange visited =
        plan_.captures_scores ? KeyRange{.first = 0, .end = problem_.extents.keys} : rows_.any;
    const std::int32_t step = Layout<Arch>::blocks_at_once(padded_rows_) * Layout<Arch>::block_keys;
    // Blocks end at multiples of their size wherever the first one starts, so that neither captures
    // nor the rows beside it change a row's bits.
    constexpr std::int32_t granularity = Tile<Arch>::block_keys;
    for_each_piece(
        visited.first / granularity * granularity, visited.end, step,
        [&](std::int32_t, std::int32_t key, std::int32_t end) { attend_keys(key, end); });
  }

  /// body(i, key, end) for the pieces of [key, end) between multiples of `step`.
  template <class Body>
  static void for_each_piece(std::int32_t key, std::int32_t end, std::int32_t step, Body&& body) {
    for (std::int32_t i = 0; key < end; ++i) {
      const std::int32_t next = std::min((key / step + 1) * step, end);
      body(i, key, next);
      key = next;
    }
  }

  void attend_keys(std::int32_t first_key, std::int32_t end_key) {
    constexpr std::int32_t step = Layout<Arch>::block_keys;
    BlockCoverage coverage[Layout<Arch>::most_blocks_at_once];
    const auto for_each_block = [&](auto&& body) {
      for_each_piece(
          first_key, end_key, step, [&](std::int32_t i, std::int32_t key, std::int32_t end) {
            body(ScoreBlock<Arch, Layout>{.plan = plan_,
                                          .work = work_,
                                          .scores = work_.scores + i * padded_rows_ * step,
                                          .max = work_.block_max + i * padded_rows_,
                                          .rescale = work_.rescale + i * padded_rows_,
                                          .first_key = key,
                                          .keys = end - key,
                                          .rows = padded_rows_},
                 coverage[i]);
          });
    };
    for_each_block([&](const auto& block, BlockCoverage& covered) {
      covered = coverage_of(plan_, work_, block_.rows(), rows_.any, rows_.every, block.first_key,
                            block.keys);
      if (!is_skipped(covered))
        compute_scores(block);
    });
    for_each_block([&](const auto& block, const BlockCoverage& covered) {
      if (!is_skipped(covered))
        weigh_keys(block, covered);
    });
    for_each_block([&](const auto& block, const BlockCoverage& covered) {
      if (!is_skipped(covered))
        add_values(block, !covered.is(Coverage::all));
    });
  }

  [[nodiscard]] bool is_skipped(const BlockCoverage& coverage) const {
    return coverage.is(Coverage::none) && !plan_.captures_scores;
  }

  void compute_scores(const ScoreBlock<Arch, Layout>& block) {
    std::copy_n(work_.max, padded_rows_, block.max);
    const auto& k = problem_.key;
    score_block(layout,
                k.data + key_head_offset(k) + std::ptrdiff_t{block.first_key} * k.row_stride,
                k.row_stride, block.keys, work_.queries, padded_rows_, problem_.extents.depth,
                block.scores, block.max);
  }

  /// Scores become weights.
  void weigh_keys(const ScoreBlock<Arch, Layout>& block, const BlockCoverage& coverage) {
    const bool changed = apply_options(block, coverage);
    if (changed) // else score tiles found the maxima
      find_maxima(block);
    softmax_block(block, !coverage.is(Coverage::all));
    if (headroom_ != 1)
      scale_weights(block, headroom_);
  }

  /// Whether scores changed.
  bool apply_options(const ScoreBlock<Arch, Layout>& scores, const BlockCoverage& coverage) {
    const Capture& capture = problem_.capture;
    const auto keep = [&](float* captured, float factor) {
      if (captured != nullptr)
        capture_scores(captured, factor, scores, block_);
    };
    const float to_logits = plan_.logits ? 1 : plan_.unit;

    if (plan_.logits)
      scale_scores(scores);
    keep(capture.scores_raw, to_logits);
    if (problem_.softcap > 0)
      cap_scores(scores);
    keep(capture.scores_capped, to_logits);
    if (problem_.alibi_slopes != nullptr)
      add_alibi(scores);
    if (problem_.bias.data != nullptr)
      add_broadcast(scores, problem_.bias, plan_.bias, work_.bias_row);
    if (coverage.mask != Coverage::all)
      add_broadcast(scores, problem_.mask, plan_.mask, work_.mask_row);
    if (coverage.position != Coverage::all)
      exclude_by_position(scores);
    keep(capture.scores_masked, to_logits);
    keep(capture.weights, 1); // normalised when the row's maximum and sum are known
    return plan_.logits || !coverage.is(Coverage::all);
  }

  void add_values(const ScoreBlock<Arch, Layout>& block, bool has_excluded) {
    const auto& v = problem_.value;
    const std::int32_t columns = problem_.extents.value_depth;
    const float* const value =
        v.data + key_head_offset(v) + std::ptrdiff_t{block.first_key} * v.row_stride;
    const bool skips_excluded =
        has_excluded && !all_finite<Arch>(value, v.row_stride, block.keys, columns);
    qkv::add_values(
        layout,
        ValueBlock{.value = value,
                   .stride = v.row_stride,
                   .keys = block.keys,
                   .columns = columns,
                   .weights = block.scores,
                   .rescale = block.rescale,
                   .excluded = skips_excluded ? Excluded::skipped : Excluded::multiplied},
        padded_rows_, work_);
  }

  template <class Tensor>
  [[nodiscard]] std::ptrdiff_t key_head_offset(const Tensor& tensor) const {
    return std::ptrdiff_t{block_.batch} * tensor.batch_stride +
           std::ptrdiff_t{block_.key_head} * tensor.head_stride;
  }

  const Plan& plan_;
  const Problem& problem_;
  const RowBlock& block_;
  const Workspace<Arch>& work_;
  Rows<Arch> rows_;
  std::int32_t padded_rows_;
  float headroom_ = 1;
};

} // namespace qkv
