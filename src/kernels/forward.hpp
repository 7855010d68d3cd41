// The forward pass of one block of rows against all keys that they may attend: FlashAttention's
// loop over blocks of keys (arXiv:2205.14135), made of the four passes.
#pragma once

#include "options.hpp"
#include "output.hpp"
#include "queries.hpp"
#include "scores.hpp"
#include "softmax.hpp"
#include "values.hpp"

#include <algorithm>

namespace qkv::QKV_TARGET {

/// What both loops know of a block of rows, and the passes as they call them.
template <class Element, class Layout>
class RowBlockForward {
public:
  RowBlockForward(const Plan& plan, const RowBlock& block, const Workspace& work)
      : plan_(plan), problem_(plan.problem), block_(block), work_(work),
        padded_(Layout::padded(block.rows())),
        ranges_(find_row_options(plan, block, padded_, work.rows)) {}

  /// `attend_keys(*this)` visits the keys and leaves the rows' sums in the workspace.
  template <class AttendKeys>
  void compute(AttendKeys&& attend_keys) {
    pack_queries(Layout{}, plan_, block_, work_);
    start();
    attend_keys(*this);
    if (!write_output())
      mend_output(attend_keys);
    write_captures(plan_, block_, work_);
  }

  /// The keys to visit: those outside the range of every row are skipped, unless their scores are
  /// captured. Blocks end at multiples of their size wherever the first one starts, so that neither
  /// captures nor the rows beside it change a row's bits.
  [[nodiscard]] KeyRange visited() const {
    const KeyRange keys =
        plan_.captures_scores ? KeyRange{.first = 0, .end = problem_.extents.keys} : ranges_.any;
    return {.first = keys.first / block_keys * block_keys, .end = keys.end};
  }

  [[nodiscard]] std::int32_t padded() const { return padded_; }

  [[nodiscard]] ScoreBlock<Layout> score_block(float* scores, KeyRange keys) const {
    return {
        .scores = scores, .first_key = keys.first, .keys = keys.end - keys.first, .rows = padded_};
  }

  [[nodiscard]] BlockCoverage coverage(const ScoreBlock<Layout>& block) const {
    return coverage_of(plan_, work_.rows, block_.rows(), ranges_, block.first_key, block.keys);
  }

  [[nodiscard]] bool is_skipped(const BlockCoverage& coverage) const {
    return coverage.is(Coverage::none) && !plan_.captures_scores;
  }

  /// Pass 1. max [rows]: raised to the largest scores.
  void score(const ScoreBlock<Layout>& block, float* max) {
    copy(work_.softmax.max, padded_, max);
    compute_scores<Element>(block, block_.keys_of(problem_.key, block.first_key),
                            problem_.key.row_stride, work_.queries, problem_.extents.depth, max);
  }

  /// Passes 2 and 3: scores become weights.
  void weigh(const ScoreBlock<Layout>& block, const BlockCoverage& coverage, float* max,
             float* rescale) {
    if (apply_options(plan_, block_, work_.rows, block, coverage))
      find_maxima(block, work_.softmax.max, max); // otherwise pass 1 found the maxima
    softmax_block(plan_, work_.rows, block, work_.softmax, max, rescale,
                  !coverage.is(Coverage::all));
    if (prescale_ != 1)
      scale_weights(block, prescale_);
  }

  /// Pass 4.
  void add(const ScoreBlock<Layout>& block, const BlockCoverage& coverage, float* rescale) {
    const auto* const value = block_.keys_of(problem_.value, block.first_key);
    const std::ptrdiff_t stride = problem_.value.row_stride;
    const std::int32_t columns = problem_.extents.value_depth;
    const bool skips =
        !coverage.is(Coverage::all) && !all_finite<Element>(value, stride, block.keys, columns);
    add_values(Layout{},
               ValueBlock<Element>{.value = value,
                                   .stride = stride,
                                   .keys = block.keys,
                                   .columns = columns,
                                   .weights = block.scores,
                                   .rescale = rescale,
                                   .excluded = skips ? Excluded::skipped : Excluded::multiplied},
               padded_, work_);
  }

  const Workspace& work() const { return work_; }

private:
  void start() {
    start_softmax(plan_, block_, padded_, work_.softmax);
    clear(work_.output, Layout::output_size(padded_, work_.value_columns));
  }

  [[gnu::noinline]] bool write_output() const {
    return OutputWriter<Layout>(plan_, block_, work_).write();
  }

  /// Once more, with prescaled weights, for outputs whose sums overflowed.
  template <class AttendKeys>
  [[gnu::noinline]] void mend_output(AttendKeys&& attend_keys) {
    float sum[static_cast<std::size_t>(block_rows)]; // of weights as they are
    copy(work_.softmax.sum, padded_, sum);
    prescale_ = weight_prescale;
    start();
    attend_keys(*this);
    copy(sum, padded_, work_.softmax.sum);
    OutputWriter<Layout>(plan_, block_, work_).mend_overflows();
  }

  const Plan& plan_;
  const Problem& problem_;
  const RowBlock& block_;
  const Workspace& work_;
  std::int32_t padded_;
  RowRanges ranges_;
  float prescale_ = 1;
};

/// body(i, keys) for the pieces of `range` between multiples of `step`.
template <class Body>
void for_each_key_block(KeyRange range, std::int32_t step, Body&& body) {
  for (std::int32_t i = 0; range.first < range.end; ++i) {
    const std::int64_t next = (std::int64_t{range.first} / step + 1) * step; // may pass 2³¹
    const auto end = static_cast<std::int32_t>(std::min<std::int64_t>(next, range.end));
    body(i, KeyRange{.first = range.first, .end = end});
    range.first = end;
  }
}

/// Many rows: all passes of one block of keys, then the next block.
template <class Element>
void attend_rows(const Plan& plan, const RowBlock& block, const Workspace& work) {
  using Forward = RowBlockForward<Element, RowLanes>;
  Forward(plan, block, work).compute([](Forward& forward) __attribute__((noinline)) {
    const Workspace& w = forward.work();
    for_each_key_block(forward.visited(), RowLanes::block_keys, [&](std::int32_t, KeyRange keys) {
      const auto scores = forward.score_block(w.scores, keys);
      const BlockCoverage coverage = forward.coverage(scores);
      if (forward.is_skipped(coverage))
        return;
      forward.score(scores, w.block_max);
      forward.weigh(scores, coverage, w.block_max, w.rescale);
      forward.add(scores, coverage, w.rescale);
    });
  });
}

} // namespace qkv::QKV_TARGET
