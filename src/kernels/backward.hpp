// The backward pass of one block of rows against all keys that they may attend (FlashAttention-2,
// arXiv:2307.08691, algorithm 2). Its sums over keys stay in the workspace; what it adds to keys
// and values goes to memory, block of keys after block of keys.
#pragma once

#include "../problem/gradients.hpp"
#include "backward_workspace.hpp"
#include "forward.hpp"
#include "key_gradients.hpp"
#include "score_gradients.hpp"

#include <algorithm>

namespace qkv::QKV_TARGET {

/// to[row][column] = factor·from [columns][block_rows].
[[gnu::noinline]] inline void unpack_rows(const float* from, std::int32_t rows,
                                          std::int32_t columns, float factor, float* const* to) {
  for (std::int32_t row = 0; row < rows; row += lane_count) {
    const std::int32_t end = std::min(row + lane_count, rows);
    std::int32_t c = 0;
    for (; end - row == lane_count && c + lane_count <= columns; c += lane_count) {
      Vector column[static_cast<std::size_t>(lanes)];
      for (std::int32_t i = 0; i < lane_count; ++i)
        column[i] = load(from + std::ptrdiff_t{c + i} * block_rows + row) * Vector(factor);
      xsimd::transpose(column, column + lanes);
      for (std::int32_t i = 0; i < lane_count; ++i)
        store(to[row + i] + c, column[i]);
    }
    for (; c < columns; ++c)
      for (std::int32_t r = row; r < end; ++r)
        to[r][c] = from[std::ptrdiff_t{c} * block_rows + r] * factor;
  }
}

template <class Element>
class RowBlockBackward {
public:
  /// The plan scales scores before softmax (needs_logits), since a log-sum-exp is that of logits.
  RowBlockBackward(const Plan& plan, const RowBlock& block, const Backward& backward,
                   const BackwardWorkspace& work)
      : plan_(plan), problem_(plan.problem), extents_(problem_.extents), block_(block),
        to_(backward), work_(work), scale_(plan.scale), rows_(block.rows()) {}

  void compute() {
    find_outputs();
    const Forward passes(plan_, block_, work_.forward, nullptr); // writes no output
    pack();
    const KeyRange visited = passes.visited();
    has_one_block_ = visited.end - visited.first <= block_keys;
    for_each_key_block(visited, block_keys, [&](std::int32_t, KeyRange keys) {
      const auto scores = passes.score_block(work_.forward.scores, keys);
      const BlockCoverage coverage = passes.coverage(scores);
      if (!passes.is_skipped(coverage))
        add_block({.weights = scores, .gradients = work_.gradients}, coverage);
    });
    write();
  }

private:
  using Forward = RowBlockForward<Element, RowLanes>;

  /// Whether more than dV is wanted. A sink needs the δ of the scores.
  [[nodiscard]] bool wants_scores() const {
    return to_.query.data != nullptr || to_.key.data != nullptr || to_.bias != nullptr ||
           to_.sinks != nullptr || to_.alibi_slopes != nullptr;
  }

  /// The outputs of all rows, and what makes weights of their scores. Computed again, both come
  /// from the scores that the gradient uses, so weights have a sum of 1 up to their own rounding.
  void find_outputs() {
    if (to_.log_sum_exp != nullptr) {
      block_.find_rows(to_.output, output_);
      for (std::int32_t row = 0; row < rows_; ++row) {
        work_.max[row] = to_.log_sum_exp[block_.index_of(extents_, row)];
        work_.inverse_sum[row] = 1 / exp2_scale;
      }
      return;
    }
    float* outputs[static_cast<std::size_t>(block_rows)]; // in memory that is free until pack()
    for (std::int32_t row = 0; row < rows_; ++row)
      output_[row] = outputs[row] =
          work_.gradient_panels + std::ptrdiff_t{row} * extents_.value_depth;
    const Workspace& w = work_.forward;
    attend_rows<Element>(plan_, block_, w, outputs);
    for (std::int32_t row = 0; row < rows_; ++row) {
      const bool attended = is_attended(plan_, w, row);
      work_.max[row] = attended ? w.softmax.max[row] : 0;
      work_.inverse_sum[row] = attended ? 1 / sum_of_weights(plan_, w, row) : 0;
    }
  }

  /// Packs the rows of the block, and computes their δ. Padding repeats the last row, as in
  /// forward; sums over rows leave it out.
  void pack() {
    block_.find_rows(problem_.query, query_);
    block_.find_rows(to_.output_gradient, output_gradient_);
    const Workspace& w = work_.forward;
    for (float* const of_row : {work_.max, work_.inverse_sum})
      std::fill(of_row + rows_, of_row + padded_, of_row[rows_ - 1]);
    for (const float** const of_row : {output_, output_gradient_})
      std::fill(of_row + rows_, of_row + padded_, of_row[rows_ - 1]);
    std::fill_n(w.block_max, padded_, lowest);
    std::fill_n(w.rescale, padded_, 1.0F);
    std::fill_n(work_.delta_rest, padded_, 0.0F);
    std::fill_n(work_.slope_sums, rows_, 0.0);
    pack_queries(RowLanes{}, plan_, block_, w);
    clear(work_.query_sums, std::ptrdiff_t{round_up(extents_.depth, lane_count)} * block_rows);
    for (std::int32_t row = 0; row < padded_; row += lane_count)
      pack_outputs(row);
    if (to_.key.data != nullptr)
      pack_panels(query_, rows_, extents_.depth, work_.query_panels);
    if (to_.value.data != nullptr)
      pack_panels(output_gradient_, rows_, extents_.value_depth, work_.gradient_panels);
    are_rows_finite_ = are_finite(query_, rows_, extents_.depth) &&
                       are_finite(output_gradient_, rows_, extents_.value_depth);
  }

  /// dO and O of one vector of rows, and δ. It sums in the order in which the micro-kernel sums
  /// dO·V: where all values are the same, the difference of the two is exactly 0.
  void pack_outputs(std::int32_t row) {
    const Vector one(1.0F);
    float* const output_gradient = work_.output_gradients + row;
    float* const output = work_.outputs + row;
    transpose_rows(output_gradient_ + row, one, one, extents_.value_depth, output_gradient);
    transpose_rows(output_ + row, one, one, extents_.value_depth, output);
    Vector sum(0.0F);
    for (std::int32_t c = 0; c < extents_.value_depth; ++c)
      sum = xsimd::fma(load(output_gradient + std::ptrdiff_t{c} * block_rows),
                       load(output + std::ptrdiff_t{c} * block_rows), sum);
    store(work_.delta + row, sum);
  }

  void add_block(const GradientBlock& block, const BlockCoverage& coverage) {
    const std::int32_t first_key = block.weights.first_key;
    const bool has_excluded = !coverage.is(Coverage::all);
    weigh(block.weights, coverage, has_excluded);
    normalise_weights(block.weights, work_.inverse_sum);
    if (wants_scores())
      differentiate(block);
    if (to_.value.data != nullptr)
      add_to_keys(block.weights.scores, block.weights.keys, work_.gradient_panels, 1,
                  block_.keys_of(to_.value, first_key), to_.value.row_stride, extents_.value_depth,
                  has_excluded);
    if (to_.key.data != nullptr)
      add_to_keys(block.gradients, block.weights.keys, work_.query_panels, scale_.after,
                  block_.keys_of(to_.key, first_key), to_.key.row_stride, extents_.depth,
                  has_excluded);
    if (to_.query.data != nullptr)
      add_to_queries(block, has_excluded);
  }

  /// The weights of a block, times exp2_scale.
  void weigh(const ScoreBlock<RowLanes>& scores, const BlockCoverage& coverage, bool has_excluded) {
    const Workspace& w = work_.forward;
    compute_scores<Element>(scores, block_.keys_of(problem_.key, scores.first_key),
                            problem_.key.row_stride, w.queries, extents_.depth, w.block_max);
    scale_scores(w.rows, scores);
    if (problem_.softcap > 0) {
      cap_scores(problem_.softcap, scores);
      copy(scores.scores, std::ptrdiff_t{scores.keys} * block_rows, work_.capped);
    }
    add_and_exclude(plan_, w.rows, scores, coverage);
    auto* const exponentials = exponentiate_here();
    scores.for_each_group([&](std::int32_t row, float* group) {
      exponentials(group, RowLanes::vector_stride, scores.keys, load(work_.max + row),
                   Vector(log2_e), has_excluded);
    });
  }

  /// The gradient of the products Q·Kᵀ, and what bias and slopes take from that of the scores.
  void differentiate(const GradientBlock& block) {
    const Workspace& w = work_.forward;
    const ScoreBlock<RowLanes>& weights = block.weights;
    ScoreBlock<RowLanes> products = weights;
    products.scores = block.gradients;
    compute_scores<Element>(products, block_.keys_of(problem_.value, weights.first_key),
                            problem_.value.row_stride, work_.output_gradients, extents_.value_depth,
                            w.block_max);
    if (has_one_block_)
      refine_delta(block);
    differentiate_softmax(block, work_.delta, work_.delta_rest);
    if (to_.bias != nullptr)
      add_bias_gradient(block, rows_, w.rows.bias_row, plan_.bias.key, to_.bias);
    if (to_.alibi_slopes != nullptr)
      add_slope_gradient(block, rows_, w.rows.position, work_.slope_sums);
    if (problem_.softcap > 0)
      differentiate_softcap(block, work_.capped, problem_.softcap);
    differentiate_scale(block, scale_.before);
  }

  /// With all keys in the block, the weights say what δ lacks: O has been rounded, and the last
  /// bits of a large δ are many bits of a small gradient.
  void refine_delta(const GradientBlock& block) {
    find_delta_rest(block, work_.delta, work_.delta_rest);
    if (problem_.sinks != nullptr)
      for (std::int32_t row = 0; row < padded_; ++row)
        work_.delta_rest[row] -= static_cast<float>(weight_of_sink(row) * work_.delta[row]);
  }

  double weight_of_sink(std::int32_t row) const {
    const std::int32_t head = block_.head_of(std::min(row, rows_ - 1));
    return static_cast<double>(exponential_of_sink(problem_, head, work_.max[row])) *
           static_cast<double>(work_.inverse_sum[row] * exp2_scale);
  }

  /// dV += Pᵀ·dO or dK += dSᵀ·Q.
  void add_to_keys(const float* weights, std::int32_t keys, const float* panels, float factor,
                   float* to, std::ptrdiff_t stride, std::int32_t columns, bool has_excluded) {
    add_key_gradient({.weights = weights,
                      .keys = keys,
                      .rows = rows_,
                      .panels = panels,
                      .columns = columns,
                      .factor = factor,
                      .to = to,
                      .stride = stride},
                     has_excluded && !are_rows_finite_, work_.key_sums);
  }

  /// dQ += dS·K: the product of forward's pass 4, with keys for values.
  void add_to_queries(const GradientBlock& block, bool has_excluded) {
    const auto* const key = block_.keys_of(problem_.key, block.weights.first_key);
    const std::ptrdiff_t stride = problem_.key.row_stride;
    const std::int32_t keys = block.weights.keys;
    const bool skips = has_excluded && !all_finite<Element>(key, stride, keys, extents_.depth);
    Workspace w = work_.forward;
    w.output = work_.query_sums;
    add_values(RowLanes{},
               ValueBlock<Element>{.value = key,
                                   .stride = stride,
                                   .keys = keys,
                                   .columns = extents_.depth,
                                   .weights = block.gradients,
                                   .rescale = w.rescale,
                                   .excluded = skips ? Excluded::skipped : Excluded::multiplied},
               padded_, w);
  }

  void write() {
    if (to_.query.data != nullptr) {
      float* query[static_cast<std::size_t>(block_rows)];
      block_.find_rows(to_.query, query);
      unpack_rows(work_.query_sums, rows_, extents_.depth, scale_.after, query);
    }
    if (to_.alibi_slopes != nullptr)
      add_by_head(to_.alibi_slopes, [&](std::int32_t row) { return work_.slope_sums[row]; });
    if (to_.sinks != nullptr)
      add_by_head(to_.sinks, [&](std::int32_t row) {
        if (!has_key(plan_, work_.forward.rows, row)) // dO of an empty row may be anything
          return 0.0;
        return -weight_of_sink(row) *
               (static_cast<double>(work_.delta[row]) + static_cast<double>(work_.delta_rest[row]));
      });
  }

  /// to[head] += Σ of_row(row) over the rows of each head.
  template <class OfRow>
  void add_by_head(float* to, OfRow&& of_row) {
    for (std::int32_t first = 0; first < rows_; first += block_.queries) {
      double sum = 0;
      for (std::int32_t row = first; row < first + block_.queries; ++row)
        sum += of_row(row);
      to[block_.head_of(first)] += static_cast<float>(sum);
    }
  }

  const Plan& plan_;
  const Problem& problem_;
  const Extents& extents_;
  const RowBlock& block_;
  const Backward& to_;
  const BackwardWorkspace& work_;
  SplitScale scale_;
  std::int32_t rows_;
  std::int32_t padded_ = RowLanes::padded(rows_);
  bool are_rows_finite_ = true;
  bool has_one_block_ = false;
  const float* query_[static_cast<std::size_t>(block_rows)];
  const float* output_gradient_[static_cast<std::size_t>(block_rows)];
  const float* output_[static_cast<std::size_t>(block_rows)];
};

} // namespace qkv::QKV_TARGET
