// The backward pass of one block of rows against all keys that they may attend (FlashAttention-2,
// arXiv:2307.08691, algorithm 2). Its sums over keys stay in the workspace; what it adds to keys
// and values goes to memory, block of keys after block of keys.
#pragma once

#include "backward_rows.hpp"
#include "key_gradients.hpp"
#include "score_gradients.hpp"

namespace qkv::QKV_TARGET {

template <class Element>
class RowBlockBackward {
public:
  /// The plan scales scores before softmax (needs_logits), since a log-sum-exp is that of logits.
  RowBlockBackward(const Plan& plan, const RowBlock& block, const Backward& backward,
                   const BackwardWorkspace& work)
      : plan_(plan), problem_(plan.problem), extents_(problem_.extents), block_(block),
        to_(backward), work_(work), scale_(plan.scale), rows_(plan, block, backward, work) {}

  void compute() {
    rows_.find_outputs();
    const Forward passes(plan_, block_, work_.forward, nullptr); // writes no output
    rows_.pack();
    const KeyRange visited = passes.visited();
    has_one_block_ = visited.end - visited.first <= block_keys;
    for_each_key_block(visited, block_keys, [&](std::int32_t, KeyRange keys) {
      const auto scores = passes.score_block(work_.forward.scores, keys);
      const BlockCoverage coverage = passes.coverage(scores);
      if (!passes.is_skipped(coverage))
        add_block({.weights = scores, .gradients = work_.gradients}, coverage);
    });
    rows_.write(scale_.after);
  }

private:
  using Forward = RowBlockForward<Element, RowLanes>;

  /// Whether more than dV is wanted. A sink needs the δ of the scores.
  [[nodiscard]] bool wants_scores() const {
    return to_.query.data != nullptr || to_.key.data != nullptr || to_.bias != nullptr ||
           to_.sinks != nullptr || to_.alibi_slopes != nullptr;
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
      add_bias_gradient(block, rows_.count(), w.rows.bias_row, plan_.bias.key, to_.bias);
    if (to_.alibi_slopes != nullptr)
      add_slope_gradient(block, rows_.count(), w.rows.position, work_.slope_sums);
    if (problem_.softcap > 0)
      differentiate_softcap(block, work_.capped, problem_.softcap);
    differentiate_scale(block, scale_.before);
  }

  /// With all keys in the block, the weights say what δ lacks: O has been rounded, and the last
  /// bits of a large δ are many bits of a small gradient.
  void refine_delta(const GradientBlock& block) {
    find_delta_rest(block, work_.delta, work_.delta_rest);
    if (problem_.sinks != nullptr)
      for (std::int32_t row = 0; row < rows_.padded(); ++row)
        work_.delta_rest[row] -= static_cast<float>(rows_.weight_of_sink(row) * work_.delta[row]);
  }

  /// dV += Pᵀ·dO or dK += dSᵀ·Q.
  void add_to_keys(const float* weights, std::int32_t keys, const float* panels, float factor,
                   float* to, std::ptrdiff_t stride, std::int32_t columns, bool has_excluded) {
    add_key_gradient({.weights = weights,
                      .keys = keys,
                      .rows = rows_.count(),
                      .panels = panels,
                      .columns = columns,
                      .factor = factor,
                      .to = to,
                      .stride = stride},
                     has_excluded && !rows_.are_all_finite(), work_.key_sums);
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
               rows_.padded(), w);
  }

  const Plan& plan_;
  const Problem& problem_;
  const Extents& extents_;
  const RowBlock& block_;
  const Backward& to_;
  const BackwardWorkspace& work_;
  SplitScale scale_;
  BackwardRows<Element> rows_;
  bool has_one_block_ = false;
};

} // namespace qkv::QKV_TARGET
