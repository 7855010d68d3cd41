// One block of rows against all keys they may attend: the loop of FlashAttention.
#pragma once

#include "capture.hpp"
#include "coverage.hpp"
#include "logits.hpp"
#include "queries.hpp"
#include "scores.hpp"
#include "softmax.hpp"
#include "values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qkv {

template <class Arch>
class BlockAttention {
public:
  BlockAttention(const Plan& plan, const RowBlock& block, const Workspace<Arch>& work)
      : plan_(plan), problem_(plan.problem), block_(block), work_(work), rows_(block.rows()),
        padded_rows_(round_up(rows_, Tile<Arch>::panel)) {}

  void compute() {
    pack_queries(plan_, block_, work_);
    attend_all_keys(1);
    // A sum of values near the largest float32 overflows before it is divided. Once more, with
    // room.
    if (!all_finite<Arch>(work_.output, work_.value_columns, rows_, problem_.extents.value_depth))
      attend_all_keys(0x1p-40F);
    for (std::int32_t row = 0; row < rows_; ++row)
      finish_row(row);
  }

private:
  /// Output and sum of all rows, the output `headroom` times what it is.
  void attend_all_keys(float headroom) {
    headroom_ = headroom;
    for (std::int32_t row = 0; row < padded_rows_; ++row)
      start_row(row);
    std::fill_n(work_.output, std::ptrdiff_t{rows_} * work_.value_columns, 0.0F);

    const KeyRange visited = keys_to_visit();
    constexpr std::int32_t step = Tile<Arch>::block_keys;
    for (std::int32_t key = visited.first / step * step; key < visited.end; key += step)
      attend_keys(key, std::min(step, visited.end - key));
  }

  void start_row(std::int32_t row) {
    // Padding repeats the last row, so that it adds no special case to a block.
    const std::int32_t source = std::min(row, rows_ - 1);
    const std::int32_t head = block_.head_of(source);
    const std::int32_t query = block_.query_of(source);
    const KeyRange range = plan_.key_range(block_.batch, query);
    const auto start = [&](const BroadcastStrides& s) {
      return block_.batch * s.batch + head * s.head + query * s.query;
    };
    work_.first_key[row] = range.first;
    work_.end_key[row] = range.end;
    work_.mask_row[row] = start(plan_.mask);
    work_.bias_row[row] = start(plan_.bias);
    work_.attended[row] = !plan_.per_key_masks && range.first < range.end ? -1 : 0;
    work_.position[row] = static_cast<double>(plan_.position(block_.batch, query));
    work_.slope[row] = problem_.alibi_slopes != nullptr ? problem_.alibi_slopes[head] : 0;
    // A sink is a logit that was seen before the first key.
    work_.max[row] = problem_.sinks != nullptr ? problem_.sinks[head] : lowest;
    work_.sum[row] = problem_.sinks != nullptr ? 1 : 0;

    every_row_.first = row == 0 ? range.first : std::max(every_row_.first, range.first);
    every_row_.end = row == 0 ? range.end : std::min(every_row_.end, range.end);
    any_row_.first = row == 0 ? range.first : std::min(any_row_.first, range.first);
    any_row_.end = row == 0 ? range.end : std::max(any_row_.end, range.end);
  }

  /// What lies outside the range of every row is skipped, unless its scores are asked for.
  [[nodiscard]] KeyRange keys_to_visit() const {
    return plan_.captures_scores ? KeyRange{.first = 0, .end = problem_.extents.keys} : any_row_;
  }

  void attend_keys(std::int32_t first_key, std::int32_t keys) {
    const Coverage coverage =
        coverage_of(plan_, work_, rows_, any_row_, every_row_, first_key, keys);
    if (coverage == Coverage::none && !plan_.captures_scores)
      return;
    const bool has_excluded = coverage != Coverage::all;

    const auto& k = problem_.key;
    score_block<Arch>(k.data + key_head_offset(k) + std::ptrdiff_t{first_key} * k.row_stride,
                      k.row_stride, keys, work_.queries, padded_rows_ / Tile<Arch>::panel,
                      problem_.extents.depth, work_.scores);
    const ScoreBlock<Arch> scores{
        .plan = plan_, .work = work_, .first_key = first_key, .keys = keys, .rows = padded_rows_};
    apply_options(scores, has_excluded);
    for (std::int32_t row = 0; row < padded_rows_; row += Tile<Arch>::panel) {
      auto* softmax = has_excluded ? softmax_panel<Arch, true> : softmax_panel<Arch, false>;
      softmax(work_.scores + row, keys, plan_.log2_unit, work_.max + row, work_.sum + row,
              work_.rescale + row);
    }
    if (headroom_ != 1)
      scale_weights(scores, headroom_);
    add_values(first_key, keys, has_excluded);
  }

  void apply_options(const ScoreBlock<Arch>& scores, bool has_excluded) {
    const Capture& capture = problem_.capture;
    const auto keep = [&](float* captured, float factor) {
      if (captured != nullptr)
        capture_scores(captured, factor, plan_, block_, work_, scores.first_key, scores.keys);
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
    if (has_excluded)
      exclude_keys(scores);
    else
      include_keys(scores);
    keep(capture.scores_masked, to_logits);
    keep(capture.weights, 1); // normalised when the row's maximum and sum are known
  }

  void add_values(std::int32_t first_key, std::int32_t keys, bool has_excluded) {
    const auto& v = problem_.value;
    const std::int32_t value_depth = problem_.extents.value_depth;
    const float* value = v.data + key_head_offset(v) + std::ptrdiff_t{first_key} * v.row_stride;
    const bool poisoned = has_excluded && !all_finite<Arch>(value, v.row_stride, keys, value_depth);
    auto* add =
        poisoned ? value_block<Arch, Excluded::skipped> : value_block<Arch, Excluded::multiplied>;
    add(work_.scores, value, v.row_stride, keys, value_depth, rows_, work_.rescale,
        work_.value_tail, work_.output, work_.value_columns);
  }

  void finish_row(std::int32_t row) {
    const Extents& e = problem_.extents;
    const auto& o = problem_.output;
    const std::int32_t head = block_.head_of(row);
    const bool attended = work_.attended[row] != 0;
    const float max = work_.max[row];
    const float sum = work_.sum[row];

    float* to = o.data + std::ptrdiff_t{block_.batch} * o.batch_stride +
                std::ptrdiff_t{head} * o.head_stride +
                std::ptrdiff_t{block_.query_of(row)} * o.row_stride;
    const float* from = work_.output + std::ptrdiff_t{row} * work_.value_columns;
    for (std::int32_t c = 0; c < e.value_depth; ++c)
      to[c] = attended ? from[c] / (sum * headroom_) : 0;

    const std::ptrdiff_t index = row_index(e, block_, row);
    if (float* weights = problem_.capture.weights; weights != nullptr) {
      float* captured = weights + index * e.keys;
      if (attended)
        normalise_row<Arch>(captured, e.keys, plan_.log2_unit, max, exponential_of_sink(head, max));
      else
        std::fill_n(captured, e.keys, 0.0F);
    }
    if (float* log_sum_exp = problem_.capture.log_sum_exp; log_sum_exp != nullptr)
      log_sum_exp[index] = attended || problem_.sinks != nullptr
                               ? max * (plan_.logits ? 1 : plan_.unit) + std::log(sum)
                               : -std::numeric_limits<float>::infinity();
  }

  /// exp(sink − max), or 0 without sinks.
  [[nodiscard]] float exponential_of_sink(std::int32_t head, float max) const {
    if (problem_.sinks == nullptr)
      return 0;
    float sink = problem_.sinks[head];
    exponentiate_row<Arch>(&sink, 1, plan_.log2_unit, max);
    return sink;
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
  std::int32_t rows_;
  std::int32_t padded_rows_;
  float headroom_ = 1;
  KeyRange every_row_{}; ///< keys that all rows may attend
  KeyRange any_row_{};   ///< keys that some row may attend
};

} // namespace qkv
