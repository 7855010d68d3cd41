// merge on one target.
#include "merge.hpp"

#include "../simd/exp2.hpp"

#include <algorithm>
#include <cmath>

namespace qkv::QKV_TARGET {

namespace {

/// exp(x) of one number; once a row, so the other lanes may idle.
float exp_of(float x) {
  return exp2(Vector(x * log2_e)).get(0);
}

/// The largest log-sum-exp of a row over the parts; NaN if one is, which std::max would lose.
float largest(std::span<const MergePart> parts, std::ptrdiff_t row) {
  float max = minus_infinity;
  for (const MergePart& part : parts) {
    const float own = part.log_sum_exp[row];
    max = std::isnan(own) || own > max ? own : max;
  }
  return max;
}

/// A mean of finite numbers is finite, so a rounding may not take it past the largest float32.
float within_range(float mean, bool is_finite) {
  constexpr float most = std::numeric_limits<float>::max();
  return is_finite ? std::clamp(mean, -most, most) : mean;
}

} // namespace

void merge(const Extents& e, std::span<const MergePart> parts, Tensor<float> output,
           float* log_sum_exp) {
  std::ptrdiff_t row = 0;
  for (std::int32_t b = 0; b < e.batch; ++b)
    for (std::int32_t h = 0; h < e.heads; ++h)
      for (std::int32_t i = 0; i < e.queries; ++i, ++row) {
        const float max = largest(parts, row);
        float* const to = row_of(output, b, h, i);
        std::fill_n(to, e.value_depth, 0.0F);
        log_sum_exp[row] = minus_infinity;
        if (max == minus_infinity)
          continue;
        float sum = 0;
        for (const MergePart& part : parts)
          sum += exp_of(part.log_sum_exp[row] - max);
        log_sum_exp[row] = max + std::log(sum);
        for (const MergePart& part : parts) {
          if (part.log_sum_exp[row] == minus_infinity)
            continue;
          const float share = exp_of(part.log_sum_exp[row] - max) / sum;
          const float* const from = row_of(part.output, b, h, i);
          for (std::int32_t c = 0; c < e.value_depth; ++c) {
            const bool is_finite = std::isfinite(to[c]) && std::isfinite(from[c]);
            to[c] = within_range(to[c] + share * from[c], is_finite && std::isfinite(share));
          }
        }
      }
}

} // namespace qkv::QKV_TARGET
