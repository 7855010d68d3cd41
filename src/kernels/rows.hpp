// The rows of a block: what is known of each before its first key and after its last.
#pragma once

#include "capture.hpp"
#include "logits.hpp"
#include "softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qkv {

template <class Arch>
class Rows {
public:
  Rows(const Plan& of_plan, const RowBlock& of_block, const Workspace<Arch>& in_work)
      : plan(of_plan), problem(of_plan.problem), block(of_block), work(in_work) {}

  /// Of `count` rows, at least as many as the block has: padding repeats the last one, so that it
  /// adds no special case to a block.
  void start(std::int32_t count) {
    for (std::int32_t row = 0; row < count; ++row) {
      const std::int32_t like = std::min(row, block.rows() - 1);
      if (row == 0 || plan.rows_differ)
        start_row(row, block.head_of(like), block.query_of(like));
      else
        repeat_first_row(row);
    }
  }

  void write_captures() const {
    if (problem.capture.weights != nullptr || problem.capture.log_sum_exp != nullptr)
      for (std::int32_t row = 0; row < block.rows(); ++row)
        write_captures(row);
  }

  /// divisor [rows]: what outputs are divided by, the sums of weights times `headroom`. Rows that
  /// no key was left to become 0.
  [[gnu::noinline]] void find_divisors(float headroom, float* divisor) const {
    for (std::int32_t row = 0; row < block.rows(); ++row)
      divisor[row] =
          is_attended(row) ? work.sum[row] * headroom : std::numeric_limits<float>::infinity();
  }

  const Plan& plan;
  const Problem& problem;
  const RowBlock& block;
  const Workspace<Arch>& work;

  KeyRange every{}; ///< keys that all rows may attend
  KeyRange any{};   ///< keys that some row may attend

private:
  /// Whether a key or a sink was left to the row. A sum of 0 may be that of scores that overflowed:
  /// then the masks say it.
  [[nodiscard]] bool is_attended(std::int32_t row) const {
    return work.sum[row] != 0 || is_left_a_key(row);
  }

  void start_row(std::int32_t row, std::int32_t head, std::int32_t query) {
    const KeyRange range = plan.key_range(block.batch, query);
    const auto start = [&](const BroadcastStrides& s) {
      return block.batch * s.batch + head * s.head + query * s.query;
    };
    work.first_key[row] = range.first;
    work.end_key[row] = range.end;
    if (problem.mask.data != nullptr)
      work.mask_row[row] = start(plan.mask);
    if (problem.bias.data != nullptr)
      work.bias_row[row] = start(plan.bias);
    if (problem.alibi_slopes != nullptr) {
      work.slope[row] = problem.alibi_slopes[head];
      work.position[row] = static_cast<double>(plan.position(block.batch, query));
    }
    // A sink is a logit that was seen before the first key.
    work.max[row] = problem.sinks != nullptr ? problem.sinks[head] : lowest;
    work.sum[row] = problem.sinks != nullptr ? exp2_up_factor : 0;

    every.first = row == 0 ? range.first : std::max(every.first, range.first);
    every.end = row == 0 ? range.end : std::min(every.end, range.end);
    any.first = row == 0 ? range.first : std::min(any.first, range.first);
    any.end = row == 0 ? range.end : std::max(any.end, range.end);
  }

  void write_captures(std::int32_t row) const {
    const Extents& e = problem.extents;
    const bool attended = is_attended(row);
    const float max = work.max[row];
    const std::ptrdiff_t index = row_index(e, block, row);
    if (float* weights = problem.capture.weights; weights != nullptr) {
      float* captured = weights + index * e.keys;
      if (attended)
        normalise_row<Arch>(captured, e.keys, plan.log2_unit, max,
                            exponential_of_sink(block.head_of(row), max));
      else
        std::fill_n(captured, e.keys, 0.0F);
    }
    if (float* log_sum_exp = problem.capture.log_sum_exp; log_sum_exp != nullptr)
      log_sum_exp[index] =
          attended ? max * (plan.logits ? 1 : plan.unit) + std::log(work.sum[row] / exp2_up_factor)
                   : minus_infinity;
  }

  /// Where no option tells rows apart, so that the other arrays are not read.
  void repeat_first_row(std::int32_t row) {
    work.first_key[row] = *work.first_key;
    work.end_key[row] = *work.end_key;
    work.max[row] = *work.max;
    work.sum[row] = *work.sum;
  }

  [[nodiscard]] bool is_left_a_key(std::int32_t row) const {
    const auto is_left = [&](std::int32_t key) {
      const auto* mask = problem.mask.data;
      const auto* bias = problem.bias.data;
      return (mask == nullptr || mask[work.mask_row[row] + key * plan.mask.key] != 0) &&
             (bias == nullptr || bias[work.bias_row[row] + key * plan.bias.key] != minus_infinity);
    };
    for (std::int32_t key = work.first_key[row]; key < work.end_key[row]; ++key)
      if (is_left(key))
        return true;
    return false;
  }

  /// exp(sink − max), or 0 without sinks.
  [[nodiscard]] float exponential_of_sink(std::int32_t head, float max) const {
    if (problem.sinks == nullptr)
      return 0;
    float sink = problem.sinks[head];
    exponentiate_row<Arch>(&sink, 1, plan.log2_unit, max);
    return sink;
  }
};

} // namespace qkv
