#include "merge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qkv {

namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// The larger; NaN if either is, unlike std::max.
double max_or_nan(double a, double b) {
  return std::isnan(a) || a > b ? a : b;
}

/// The log-sum-exp of one row over all parts.
double log_sum_exp_of(std::span<const MergePart> parts, std::ptrdiff_t row) {
  double max = minus_infinity;
  for (const MergePart& part : parts)
    max = max_or_nan(max, static_cast<double>(part.log_sum_exp[row]));
  if (max == minus_infinity)
    return minus_infinity;
  double sum = 0;
  for (const MergePart& part : parts)
    sum += std::exp(static_cast<double>(part.log_sum_exp[row]) - max);
  return max + std::log(sum);
}

template <class Element>
Element* row_of(const Tensor<Element>& tensor, std::int32_t b, std::int32_t h, std::int32_t i) {
  return tensor.data + std::ptrdiff_t{b} * tensor.batch_stride +
         std::ptrdiff_t{h} * tensor.head_stride + std::ptrdiff_t{i} * tensor.row_stride;
}

} // namespace

void merge(const Extents& e, std::span<const MergePart> parts, Tensor<float> output,
           float* log_sum_exp) {
  std::ptrdiff_t row = 0;
  for (std::int32_t b = 0; b < e.batch; ++b)
    for (std::int32_t h = 0; h < e.heads; ++h)
      for (std::int32_t i = 0; i < e.queries; ++i, ++row) {
        const double whole = log_sum_exp_of(parts, row);
        log_sum_exp[row] = static_cast<float>(whole);
        float* to = row_of(output, b, h, i);
        std::fill_n(to, e.value_depth, 0.0F);
        for (const MergePart& part : parts) {
          const auto own = static_cast<double>(part.log_sum_exp[row]);
          if (own == minus_infinity)
            continue;
          const auto share = static_cast<float>(std::exp(own - whole));
          const float* from = row_of(part.output, b, h, i);
          for (std::int32_t c = 0; c < e.value_depth; ++c)
            to[c] += share * from[c];
        }
      }
}

} // namespace qkv
