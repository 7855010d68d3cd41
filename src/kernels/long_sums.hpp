// Sums over many keys. In float32 a sum of many equal terms drifts: each addition rounds the same
// way. So the sums of a span of keys are moved to totals in double, and start again at 0.
#pragma once

#include "layout.hpp"

namespace qkv::QKV_TARGET {

template <class Layout>
class LongSums {
  static_assert(span_keys % Layout::block_keys == 0);

public:
  LongSums(const Workspace& work, std::int32_t rows) : work_(work), rows_(rows) {}

  /// Forgets all spans.
  void start() {
    span_ = 0;
    has_totals_ = false;
  }

  /// Call it before the sums of a block are touched. Spans end at multiples of their size, so that
  /// the rows beside it do not change a row's bits.
  void enter(std::int32_t first_key) {
    const std::int32_t span = first_key / span_keys;
    if (span == span_)
      return;
    span_ = span;
    move_to_totals();
  }

  /// Call it after a block has multiplied the sums by `rescale`.
  void rescale(const float* rescale) {
    if (has_totals_)
      for (std::int32_t row = 0; row < rows_; ++row)
        work_.totals.factor[row] *= static_cast<double>(rescale[row]);
  }

  /// Leaves the sums over all keys in the workspace.
  void finish() {
    if (has_totals_)
      for_each_sum([](double total, double factor, float& sum) {
        sum = static_cast<float>(total * factor + static_cast<double>(sum));
        return 0.0;
      });
  }

private:
  [[gnu::noinline]] void move_to_totals() {
    const auto move = [](double total, double factor, float& sum) {
      total = total * factor + static_cast<double>(sum);
      sum = 0;
      return total;
    };
    if (has_totals_)
      for_each_sum(move);
    else
      for_each_sum([&](double, double, float& sum) { return move(0, 0, sum); });
    has_totals_ = true;
    for (std::int32_t row = 0; row < rows_; ++row)
      work_.totals.factor[row] = 1;
  }

  /// total = body(total, factor, sum) in the order of memory.
  template <class Body>
  void for_each_sum(Body&& body) {
    const SpanTotals& totals = work_.totals;
    const auto apply = [&](std::int32_t row, std::int32_t column) {
      const std::ptrdiff_t i = Layout::output_index(row, column, work_.value_columns);
      totals.output[i] = body(totals.output[i], totals.factor[row], work_.output[i]);
    };
    constexpr bool columns_are_contiguous = Layout::rows_a_group == 1;
    const std::int32_t inner = columns_are_contiguous ? work_.value_columns : rows_;
    const std::int32_t outer = columns_are_contiguous ? rows_ : work_.value_columns;
    for (std::int32_t o = 0; o < outer; ++o)
      for (std::int32_t i = 0; i < inner; ++i)
        columns_are_contiguous ? apply(o, i) : apply(i, o);
    for (std::int32_t row = 0; row < rows_; ++row)
      totals.sum[row] = body(totals.sum[row], totals.factor[row], work_.softmax.sum[row]);
  }

  const Workspace& work_;
  std::int32_t rows_;
  std::int32_t span_ = 0;
  bool has_totals_ = false;
};

} // namespace qkv::QKV_TARGET
