// The rows of a block in the backward pass: what is known of each before the keys are visited, and
// the gradients that its query and its head get in the end.
#pragma once

#include "../problem/gradients.hpp"
#include "backward_workspace.hpp"
#include "forward.hpp"
#include "key_gradients.hpp"

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
class BackwardRows {
public:
  BackwardRows(const Plan& plan, const RowBlock& block, const Backward& backward,
               const BackwardWorkspace& work)
      : plan_(plan), problem_(plan.problem), extents_(problem_.extents), block_(block),
        to_(backward), work_(work), rows_(block.rows()) {}

  [[nodiscard]] std::int32_t count() const { return rows_; }
  [[nodiscard]] std::int32_t padded() const { return padded_; }

  /// Whether all queries and output gradients are.
  [[nodiscard]] bool are_all_finite() const { return are_finite_; }

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
    are_finite_ = are_finite(query_, rows_, extents_.depth) &&
                  are_finite(output_gradient_, rows_, extents_.value_depth);
  }

  [[nodiscard]] double weight_of_sink(std::int32_t row) const {
    const std::int32_t head = block_.head_of(std::min(row, rows_ - 1));
    return static_cast<double>(exponential_of_sink(problem_, head, work_.max[row])) *
           static_cast<double>(work_.inverse_sum[row] * exp2_scale);
  }

  /// factor: of the sums over keys, for dQ.
  void write(float factor) {
    if (to_.query.data != nullptr) {
      float* query[static_cast<std::size_t>(block_rows)];
      block_.find_rows(to_.query, query);
      unpack_rows(work_.query_sums, rows_, extents_.depth, factor, query);
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

private:
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
  std::int32_t rows_;
  std::int32_t padded_ = RowLanes::padded(rows_);
  bool are_finite_ = true;
  const float* query_[static_cast<std::size_t>(block_rows)];
  const float* output_gradient_[static_cast<std::size_t>(block_rows)];
  const float* output_[static_cast<std::size_t>(block_rows)];
};

} // namespace qkv::QKV_TARGET
