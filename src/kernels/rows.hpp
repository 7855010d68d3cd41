// The rows of a block: what is known of each before its first key and after its last.
#pragma once

#include "capture.hpp"
#include "logits.hpp"
#include "softmax.hpp"

#include <algorithm>
#include <cmath>

namespace qkv {

template <class Arch>
class Rows {
public:
  Rows(const Plan& plan, const RowBlock& block, const Workspace<Arch>& work)
      : plan_(plan), problem_(plan.problem), block_(block), work_(work) {}

  /// Of `count` rows, at least as many as the block has: padding repeats the last one, so that it
  /// adds no special case to a block.
  void start(std::int32_t count) {
    block_.for_each_row([&](std::int32_t row, std::int32_t head, std::int32_t query) {
      start_row(row, head, query);
    });
    const std::int32_t last = block_.rows() - 1;
    for (std::int32_t row = last + 1; row < count; ++row)
      start_row(row, block_.head_of(last), block_.query_of(last));
  }

  /// Sums become outputs; `headroom` is what the values were multiplied by. With any, what is
  /// finite already is left alone. Returns whether all of them are finite.
  [[gnu::noinline]] bool write_output(float headroom) const {
    const auto& o = problem_.output;
    bool is_finite = true;
    block_.for_each_row([&](std::int32_t row, std::int32_t head, std::int32_t query) {
      float* to = o.data + std::ptrdiff_t{block_.batch} * o.batch_stride +
                  std::ptrdiff_t{head} * o.head_stride + std::ptrdiff_t{query} * o.row_stride;
      const float* from = work_.output + std::ptrdiff_t{row} * work_.value_columns;
      if (is_attended(row))
        is_finite &= divide(from, work_.sum[row] * headroom, headroom == 1, to);
      else
        std::fill_n(to, problem_.extents.value_depth, 0.0F);
    });
    return is_finite;
  }

  void write_captures() const {
    if (problem_.capture.weights != nullptr || problem_.capture.log_sum_exp != nullptr)
      for (std::int32_t row = 0; row < block_.rows(); ++row)
        write_captures(row);
  }

  KeyRange every{}; ///< keys that all rows may attend
  KeyRange any{};   ///< keys that some row may attend

private:
  /// to [value_depth] = from / sum, or only where `to` is not finite. Returns whether all that it
  /// wrote is finite.
  bool divide(const float* from, float sum, bool everywhere, float* to) const {
    const std::int32_t columns = problem_.extents.value_depth;
    FiniteTest<Arch> test;
    std::int32_t c = 0;
    if (everywhere)
      for (; c + lanes<Arch> <= columns; c += lanes<Arch>) {
        const Vector<Arch> quotient = load<Arch>(from + c) / Vector<Arch>(sum);
        store(to + c, quotient);
        test.include(quotient);
      }
    for (; c < columns; ++c)
      if (everywhere || !std::isfinite(to[c])) {
        to[c] = from[c] / sum;
        test.include(to[c]);
      }
    return test.is_passed();
  }

  void start_row(std::int32_t row, std::int32_t head, std::int32_t query) {
    const KeyRange range = plan_.key_range(block_.batch, query);
    const auto start = [&](const BroadcastStrides& s) {
      return block_.batch * s.batch + head * s.head + query * s.query;
    };
    work_.first_key[row] = range.first;
    work_.end_key[row] = range.end;
    if (problem_.mask.data != nullptr)
      work_.mask_row[row] = start(plan_.mask);
    if (problem_.bias.data != nullptr)
      work_.bias_row[row] = start(plan_.bias);
    if (problem_.alibi_slopes != nullptr) {
      work_.slope[row] = problem_.alibi_slopes[head];
      work_.position[row] = static_cast<double>(plan_.position(block_.batch, query));
    }
    // A sink is a logit that was seen before the first key.
    work_.max[row] = problem_.sinks != nullptr ? problem_.sinks[head] : lowest;
    work_.sum[row] = problem_.sinks != nullptr ? exp2_up_factor : 0;

    every.first = row == 0 ? range.first : std::max(every.first, range.first);
    every.end = row == 0 ? range.end : std::min(every.end, range.end);
    any.first = row == 0 ? range.first : std::min(any.first, range.first);
    any.end = row == 0 ? range.end : std::max(any.end, range.end);
  }

  void write_captures(std::int32_t row) const {
    const Extents& e = problem_.extents;
    const bool attended = is_attended(row);
    const float max = work_.max[row];
    const std::ptrdiff_t index = row_index(e, block_, row);
    if (float* weights = problem_.capture.weights; weights != nullptr) {
      float* captured = weights + index * e.keys;
      if (attended)
        normalise_row<Arch>(captured, e.keys, plan_.log2_unit, max,
                            exponential_of_sink(block_.head_of(row), max));
      else
        std::fill_n(captured, e.keys, 0.0F);
    }
    if (float* log_sum_exp = problem_.capture.log_sum_exp; log_sum_exp != nullptr)
      log_sum_exp[index] = attended ? max * (plan_.logits ? 1 : plan_.unit) +
                                          std::log(work_.sum[row] / exp2_up_factor)
                                    : minus_infinity;
  }

  /// Whether a key or a sink was left to the row. A sum of 0 may be that of scores that overflowed:
  /// then the masks say it.
  [[nodiscard]] bool is_attended(std::int32_t row) const {
    return work_.sum[row] != 0 || is_left_a_key(row);
  }

  [[nodiscard]] bool is_left_a_key(std::int32_t row) const {
    const auto is_left = [&](std::int32_t key) {
      const auto* mask = problem_.mask.data;
      const auto* bias = problem_.bias.data;
      return (mask == nullptr || mask[work_.mask_row[row] + key * plan_.mask.key] != 0) &&
             (bias == nullptr ||
              bias[work_.bias_row[row] + key * plan_.bias.key] != minus_infinity);
    };
    for (std::int32_t key = work_.first_key[row]; key < work_.end_key[row]; ++key)
      if (is_left(key))
        return true;
    return false;
  }

  /// exp(sink − max), or 0 without sinks.
  [[nodiscard]] float exponential_of_sink(std::int32_t head, float max) const {
    if (problem_.sinks == nullptr)
      return 0;
    float sink = problem_.sinks[head];
    exponentiate_row<Arch>(&sink, 1, plan_.log2_unit, max);
    return sink;
  }

  const Plan& plan_;
  const Problem& problem_;
  const RowBlock& block_;
  const Workspace<Arch>& work_;
};

} // namespace qkv
