// How the bounds are derived. Naive float32 computes Σ q·k with D roundings of partial sums, each
// at most Σ|q·k|, and D underflows; it multiplies by a scale that is rounded itself; tanh is right
// to a few ulp and never makes an error larger; each addition of an option rounds once. All this
// twice, for `of_naive`.
#include "scores.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace qkv::campaign {

namespace {

/// What is finite for certain, and what is not.
constexpr double surely_finite = largest * (1 - 0x1p-18);
constexpr double surely_infinite = largest * (1 + 0x1p-18);

/// Of a sum in float32, whatever its order: all partial sums are in [−negative, positive].
Range range_of(double value, double positive, double negative) {
  if (std::isnan(value))
    return Range::nan;
  const bool rises = positive > surely_finite;
  const bool falls = negative > surely_finite;
  if (!rises && !falls)
    return Range::finite;
  if (falls && !rises && value < -surely_infinite)
    return Range::minus_infinity;
  if (rises && !falls && value > surely_infinite)
    return Range::plus_infinity;
  return Range::unsure;
}

Score product(const Problem& p, double value, int b, int h, int i, int j) {
  const Extents& e = p.extents;
  const double scale = std::isnan(p.scale) ? 1 / std::sqrt(static_cast<double>(e.depth))
                                           : static_cast<double>(p.scale);
  const float* q = reference::row(p.query, b, h, i);
  const float* k = reference::row(p.key, b, h / (e.heads / e.key_heads), j);
  double positive = 0, negative = 0, keys = 0;
  for (int d = 0; d < e.depth; ++d) {
    const double term = static_cast<double>(q[d]) * static_cast<double>(k[d]) * scale;
    (term > 0 ? positive : negative) += std::abs(term);
    keys += std::abs(static_cast<double>(k[d]));
  }
  const double terms = positive + negative;
  // An infinite score may meet one of the other sign before the scale makes that finite.
  Range range = range_of(value, positive, negative);
  const double other = range == Range::minus_infinity ? positive : negative;
  if (range != Range::finite && range != Range::nan && !(other / std::abs(scale) < surely_finite))
    range = Range::unsure;
  // A factor that keeps large scores finite may cost bits of denormal products, and of queries that
  // it makes denormal.
  const double unit = std::max({1.0, std::abs(scale), std::isfinite(keys) ? keys : 0.0});
  const double underflow = 8 * (e.depth + 1) * smallest * unit;
  return {.value = value,
          .error = of_naive *
                   ((e.depth + 2) * rounding * terms + 2 * rounding * std::abs(value) + underflow),
          .range = range};
}

Score capped(const Score& raw, double value, double softcap) {
  if (!(softcap > 0))
    return raw;
  Score s = raw;
  s.value = value;
  s.error =
      raw.error + of_naive * (6 * rounding * std::abs(s.value) + softcap * smallest + smallest);
  if (raw.range == Range::plus_infinity || raw.range == Range::minus_infinity) {
    // Infinity is capped to the softcap, however near the score was to the largest float32.
    s.range = Range::finite;
    s.error = softcap - std::abs(value) + of_naive * 6 * rounding * softcap;
  }
  return s;
}

/// With bias and ALiBi, of an attended key.
Score with_options(const Problem& p, const Score& before, double value, int b, int h, int i,
                   int j) {
  const int length = p.key_lengths != nullptr ? p.key_lengths[b] : p.extents.keys;
  const long long offset = p.align_end != 0            ? length - p.extents.queries
                           : p.query_offset != nullptr ? p.query_offset[b]
                                                       : 0;
  const double bias =
      p.bias.data == nullptr ? 0 : static_cast<double>(reference::at(p.bias, b, h, i, j));
  const double alibi = p.alibi_slopes == nullptr
                           ? 0
                           : -static_cast<double>(p.alibi_slopes[h]) *
                                 static_cast<double>(std::llabs(i + offset - j));
  Score s = before;
  double positive = 0, negative = 0;
  for (const double term : {before.value, bias, alibi})
    (term > 0 ? positive : negative) += std::abs(term);
  s.value = value;
  s.error = before.error + of_naive * rounding * (2 * (positive + negative) + 2 * std::abs(alibi));
  if (before.range == Range::finite)
    s.range = range_of(s.value, positive, negative);
  else if (std::abs(bias) + std::abs(alibi) > surely_finite)
    s.range = Range::unsure;
  return s;
}

} // namespace

ScoreSteps score_steps(const Problem& p, const reference::Result<double>& r, int b, int h, int i,
                       int j) {
  const Extents& e = p.extents;
  const auto index = static_cast<std::size_t>(((b * e.heads + h) * e.queries + i) * e.keys + j);
  ScoreSteps steps;
  steps.raw = product(p, r.scores_raw[index], b, h, i, j);
  steps.capped = capped(steps.raw, r.scores_capped[index], static_cast<double>(p.softcap));
  steps.masked = with_options(p, steps.capped, r.scores_masked[index], b, h, i, j);
  return steps;
}

} // namespace qkv::campaign
