// merge on one target.
#include "merge.hpp"

#include "../simd/exp2.hpp"

#include <algorithm>
#include <cmath>

namespace qkv::QKV_TARGET {

namespace {

/// Σ exp(scores) of one row, as sum·exp(max).
struct RowSum {
  float max;
  double sum; ///< 0 without a key
};

RowSum sum_of(const MergePart& part, std::ptrdiff_t row) {
  if (part.row_max != nullptr)
    return {.max = part.row_max[row], .sum = static_cast<double>(part.row_sum[row])};
  const float log_sum_exp = part.log_sum_exp[row];
  return {.max = log_sum_exp, .sum = log_sum_exp == minus_infinity ? 0.0 : 1.0};
}

/// What a part weighs in a whole with this maximum. Not 0·exp(−∞ − −∞) where the part has no key.
double weight_of(const RowSum& part, float max) {
  return part.sum == 0 ? 0 : part.sum * static_cast<double>(exp_of(part.max - max));
}

RowSum whole_of(std::span<const MergePart> parts, std::ptrdiff_t row) {
  RowSum whole{.max = minus_infinity, .sum = 0};
  for (const MergePart& part : parts) {
    const RowSum own = sum_of(part, row);
    if (own.sum != 0 && (std::isnan(own.max) || own.max > whole.max)) // std::max would lose a NaN
      whole.max = own.max;
  }
  for (const MergePart& part : parts)
    whole.sum += weight_of(sum_of(part, row), whole.max);
  return whole;
}

/// The mean of the parts' outputs in some columns of a row. A mean lies within the range of what it
/// is the mean of, so a rounding may not take it out of there.
class Means {
public:
  static constexpr std::int32_t columns = 64;

  void add(double share, const float* output, std::int32_t count) {
    for (std::int32_t c = 0; c < count; ++c) {
      Mean& mean = mean_[c];
      mean.sum += share * static_cast<double>(output[c]);
      mean.least = std::min(mean.least, output[c]); // not a NaN
      mean.most = std::max(mean.most, output[c]);
    }
  }

  void write(float* output, std::int32_t count) const {
    for (std::int32_t c = 0; c < count; ++c) {
      const Mean& mean = mean_[c];
      const bool is_empty = mean.least > mean.most;
      const auto sum = static_cast<float>(mean.sum);
      output[c] = is_empty ? sum : std::clamp(sum, mean.least, mean.most);
    }
  }

private:
  struct Mean {
    double sum = 0;
    float least = infinity;
    float most = minus_infinity;
  };
  Mean mean_[static_cast<std::size_t>(columns)];
};

} // namespace

void merge(const Extents& e, std::span<const MergePart> parts, const Merged& to) {
  const auto put = [](float* results, std::ptrdiff_t row, float result) {
    if (results != nullptr)
      results[row] = result;
  };
  std::ptrdiff_t row = 0;
  for (std::int32_t b = 0; b < e.batch; ++b)
    for (std::int32_t h = 0; h < e.heads; ++h)
      for (std::int32_t i = 0; i < e.queries; ++i, ++row) {
        const RowSum whole = whole_of(parts, row);
        const auto sum = static_cast<float>(whole.sum);
        put(to.row_max, row, whole.max);
        put(to.row_sum, row, sum);
        put(to.log_sum_exp, row, sum == 0 ? minus_infinity : whole.max + std::log(sum));
        for (std::int32_t c = 0; c < e.value_depth; c += Means::columns) {
          const std::int32_t count = std::min(Means::columns, e.value_depth - c);
          Means means;
          for (const MergePart& part : parts)
            if (const RowSum own = sum_of(part, row); own.sum != 0)
              means.add(weight_of(own, whole.max) / whole.sum, row_of(part.output, b, h, i) + c,
                        count);
          means.write(row_of(to.output, b, h, i) + c, count);
        }
      }
}

} // namespace qkv::QKV_TARGET
