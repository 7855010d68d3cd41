// The sums of a block become outputs, log-sum-exps and captured weights.
#pragma once

#include "capture.hpp"
#include "layout.hpp"
#include "softmax.hpp"

#include <algorithm>
#include <cmath>

namespace qkv::QKV_TARGET {

/// A sum of values near the largest float32 overflows before it is divided. It is then computed
/// once more with weights times this.
inline constexpr float weight_prescale = 0x1p-64F;

/// Whether a key or a sink was left to a row. A sum of 0 may also come from attended scores that
/// are all −∞, so the masks decide.
inline bool is_attended(const Plan& plan, const Workspace& work, std::int32_t row) {
  return work.softmax.sum[row] != 0 || has_key(plan, work.rows, row);
}

/// The sum of weights of an attended row. It is NaN where the attended scores are all −∞, and where
/// the largest one overflows float32: scores are finite while they are prescaled, but they promise
/// to behave as IEEE 754 says.
inline float sum_of_weights(const Plan& plan, const Workspace& work, std::int32_t row) {
  const float sum = work.softmax.sum[row];
  const float largest = work.softmax.max[row] * score_scale(plan, work.rows, row);
  return sum == 0 || std::isinf(largest) ? std::numeric_limits<float>::quiet_NaN() : sum;
}

/// Divides the sums of a block's rows by their sums of weights.
template <class Layout>
class OutputWriter {
public:
  OutputWriter(const Plan& plan, const RowBlock& block, const Workspace& work)
      : count_(block.rows()), columns_(plan.problem.extents.value_depth), work_(work) {
    block.find_rows(plan.problem.output, to_);
    for (std::int32_t row = 0; row < count_; ++row) // a row without keys becomes 0
      divisor_[row] = is_attended(plan, work, row) ? sum_of_weights(plan, work, row) : infinity;
  }

  /// Returns whether all outputs are finite.
  bool write() {
    FiniteTest test;
    for (std::int32_t row = 0; row < count_; row += Layout::rows_a_group) {
      const std::int32_t end = std::min(row + Layout::rows_a_group, count_);
      const bool whole = end - row == Layout::rows_a_group;
      const std::int32_t written = whole ? write_vectors(row, test) : 0;
      write_elements(row, end, written, test);
    }
    return test.is_passed();
  }

  /// Replaces outputs that overflowed, from sums of prescaled weights. The others keep their
  /// bits: small values would be lost in the prescaled sums. A mean of finite values is finite, so
  /// a rounding may not take it past the largest float32.
  [[gnu::noinline]] void mend_overflows() {
    constexpr float most = std::numeric_limits<float>::max();
    for (std::int32_t row = 0; row < count_; ++row)
      for (std::int32_t c = 0; c < columns_; ++c)
        if (float& to = to_[row][c]; !std::isfinite(to)) {
          const float mean = *sum_of(row, c) / divisor_[row];
          if (std::isfinite(mean))
            to = std::clamp(mean / weight_prescale, -most, most);
          else if (std::isnan(to)) // an infinite value beside a sum that overflowed
            to = mean;
        }
  }

private:
  /// Writes as many columns of a group of rows as vectors hold, and returns their number.
  std::int32_t write_vectors(std::int32_t row, FiniteTest& all) {
    constexpr std::int32_t rows = Layout::rows_a_group;
    const Vector divisor = Layout::of_rows(divisor_, row);
    FiniteTest test = all; // in registers
    std::int32_t c = 0;
    for (; c + lane_count <= columns_; c += lane_count) {
      Vector output[static_cast<std::size_t>(rows)];
      for (std::int32_t i = 0; i < rows; ++i)
        output[i] = load(sum_of(row, c + i)) / divisor;
      if constexpr (rows > 1)
        xsimd::transpose(output, output + rows);
      for (std::int32_t i = 0; i < rows; ++i) {
        store(to_[row + i] + c, output[i]);
        test.include(output[i]);
      }
    }
    all = test;
    return c;
  }

  [[gnu::noinline]] void write_elements(std::int32_t row, std::int32_t end,
                                        std::int32_t first_column, FiniteTest& test) {
    for (; row < end; ++row)
      for (std::int32_t c = first_column; c < columns_; ++c) {
        to_[row][c] = *sum_of(row, c) / divisor_[row];
        test.include(to_[row][c]);
      }
  }

  [[nodiscard]] const float* sum_of(std::int32_t row, std::int32_t column) const {
    return work_.output + Layout::output_index(row, column, work_.value_columns);
  }

  std::int32_t count_;
  std::int32_t columns_;
  const Workspace& work_;
  float* to_[static_cast<std::size_t>(block_rows)];
  float divisor_[static_cast<std::size_t>(block_rows)];
};

/// exp(sink − max), or 0 without sinks.
inline float exponential_of_sink(const Problem& problem, std::int32_t head, float max) {
  if (problem.sinks == nullptr)
    return 0;
  float sink = problem.sinks[head];
  exponentiate_row(&sink, 1, max, log2_e);
  return sink;
}

/// Turns the captured scores of a row into weights. In a row that is NaN, excluded keys still weigh
/// 0.
inline void write_weights(const Plan& plan, const RowBlock& block, const Workspace& work,
                          std::int32_t row, float* weights) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::int32_t keys = plan.problem.extents.keys;
  if (std::isnan(sum_of_weights(plan, work, row))) {
    const KeysOfRow attended = keys_of(plan, work.rows, row);
    for (std::int32_t key = 0; key < keys; ++key)
      weights[key] = attended.has(key) ? nan : 0;
    return;
  }
  const float max = work.softmax.max[row];
  const float scale = score_scale(plan, work.rows, row);
  normalise_row(weights, keys, max, scale * log2_e,
                exponential_of_sink(plan.problem, block.head_of(row), max));
}

/// ln Σ exp(s), with the sink.
inline float log_sum_exp_of(const Plan& plan, const Workspace& work, std::int32_t row) {
  const float scale = score_scale(plan, work.rows, row);
  return work.softmax.max[row] * scale + std::log(sum_of_weights(plan, work, row) / exp2_scale);
}

/// Writes the captures that need a row's maximum and sum.
[[gnu::noinline]] inline void write_captures(const Plan& plan, const RowBlock& block,
                                             const Workspace& work) {
  const Problem& problem = plan.problem;
  const Capture& capture = problem.capture;
  if (capture.weights == nullptr && capture.log_sum_exp == nullptr)
    return;
  const std::int32_t keys = problem.extents.keys;
  for (std::int32_t row = 0; row < block.rows(); ++row) {
    const bool attended = is_attended(plan, work, row);
    const std::ptrdiff_t index = block.index_of(problem.extents, row);
    if (capture.weights != nullptr) {
      float* const weights = capture.weights + index * keys;
      if (attended)
        write_weights(plan, block, work, row, weights);
      else
        std::fill_n(weights, keys, 0.0F);
    }
    if (capture.log_sum_exp != nullptr)
      capture.log_sum_exp[index] = attended ? log_sum_exp_of(plan, work, row) : minus_infinity;
  }
}

} // namespace qkv::QKV_TARGET
