// How the bounds are derived. A score may be anywhere in [s − ε, s + ε] (scores.cpp), where ε also
// holds what rounding s − max and exp of it do. A weight exp(s_j) / Σ exp(s_k) is smallest where
// its own score is lowest and all others are highest, and largest the other way round. Outputs move
// by the sum of |v| times what weights may move, and by the roundings of a sum of S terms.
#include "expectation.hpp"

#include "../../core/reference.hpp"
#include "scores.hpp"

#include <algorithm>
#include <cmath>

namespace qkv::campaign {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  const double high = std::max(a, b);
  return high == -infinity ? high : high + std::log1p(std::exp(std::min(a, b) - high));
}

/// ln Σ_{k≠j} exp(x_k) for each j.
std::vector<double> log_sums_of_others(const std::vector<double>& x) {
  std::vector<double> others(x.size(), -infinity);
  double sum = -infinity;
  for (std::size_t i = 0; i < x.size(); sum = log_add(sum, x[i++]))
    others[i] = sum;
  sum = -infinity;
  for (std::size_t i = x.size(); i-- > 0; sum = log_add(sum, x[i]))
    others[i] = log_add(others[i], sum);
  return others;
}

/// What takes part in a softmax: an attended key, or the sink.
struct Item {
  int key; ///< −1: the sink
  double score, low, high;
  double least_weight = 0, weight = 0, most_weight = 0;
};

class RowExpectation {
public:
  RowExpectation(const FuzzedProblem& f, const Problem& p, const reference::Result<double>& r,
                 Way way, int b, int h, int i)
      : f_(f), p_(p), e_(p.extents), r_(r), way_(way), b_(b), h_(h), i_(i),
        key_head_(h / (e_.heads / e_.key_heads)),
        row_(static_cast<std::size_t>((b * e_.heads + h) * e_.queries + i)) {}

  void add_to(Expectation& to) {
    for (int j = 0; j < e_.keys; ++j)
      add_key(j, to);
    const bool has_sink = p_.sinks != nullptr;
    to.empty.push_back(keys_.empty() && !has_sink ? 1 : 0);
    has_unsure_ |= has_overflow_ && scores_.empty();
    if (has_unsure_ || (way_ == Way::merged && has_minus_infinity_))
      return add_row(to, Allowed::anything(), Allowed::anything(), Allowed::anything());
    if (keys_.empty() && !has_sink)
      return add_row(to, Allowed::exactly(0), Allowed::exactly(0), Allowed::exactly(-infinity));
    // IEEE 754: ∞ − ∞, where the maximum of a row is +∞, or −∞ for all its keys.
    if (has_nan_ || has_plus_infinity_ || (scores_.empty() && !has_sink))
      return add_row(to, Allowed::nan(), Allowed::nan(), Allowed::nan());
    weigh();
    add_weights(to);
    for (int c = 0; c < e_.value_depth; ++c)
      to.output.push_back(output(c));
    to.log_sum_exp.push_back(log_sum_exp());
    to.sums_to_one.push_back(has_sink ? 0 : 1);
  }

private:
  void add_key(int j, Expectation& to) {
    const ScoreSteps steps = score_steps(p_, r_, b_, h_, i_, j);
    const bool excluded = reference::is_excluded(p_, b_, h_, i_, j);
    to.excluded.push_back(excluded ? 1 : 0);
    to.scores_raw.push_back(allowed(steps.raw));
    to.scores_capped.push_back(allowed(steps.capped));
    to.scores_masked.push_back(excluded ? Allowed::exactly(-infinity) : allowed(steps.masked));
    if (excluded)
      return;
    keys_.push_back(j);
    const Score& s = steps.masked;
    has_nan_ |= s.range == Range::nan;
    // A score that overflows float32 may still be finite before its scale, and softmax right.
    const bool overflows = std::isfinite(s.value);
    has_unsure_ |= s.range == Range::unsure || (s.range == Range::plus_infinity && overflows);
    has_plus_infinity_ |= s.range == Range::plus_infinity;
    has_minus_infinity_ |= s.range == Range::minus_infinity;
    has_overflow_ |= s.range == Range::minus_infinity && overflows;
    if (s.range == Range::finite)
      scores_.push_back({.key = j, .score = s.value, .low = s.error, .high = s.error});
  }

  static Allowed allowed(const Score& s) {
    switch (s.range) {
    case Range::finite:
      return Allowed::near(s.value, s.error).within(-largest, largest);
    case Range::minus_infinity:
      return Allowed::exactly(-infinity);
    case Range::plus_infinity:
      return Allowed::exactly(infinity);
    case Range::nan:
      return Allowed::nan();
    case Range::unsure:
      break;
    }
    return Allowed::anything();
  }

  void add_row(Expectation& to, Allowed output, Allowed weight, Allowed log_sum_exp) const {
    to.output.insert(to.output.end(), static_cast<std::size_t>(e_.value_depth), output);
    // The weight of an excluded key is 0 or, where the row is NaN, NaN: neither is promised.
    std::vector<Allowed> weights(static_cast<std::size_t>(e_.keys),
                                 weight.holds(0) ? Allowed::exactly(0) : Allowed::anything());
    for (const int j : keys_)
      weights[static_cast<std::size_t>(j)] = weight;
    to.weights.insert(to.weights.end(), weights.begin(), weights.end());
    to.log_sum_exp.push_back(log_sum_exp);
    to.sums_to_one.push_back(0);
  }

  /// The least and the largest weight that each score may have.
  void weigh() {
    if (p_.sinks != nullptr)
      scores_.push_back(
          {.key = -1, .score = static_cast<double>(p_.sinks[h_]), .low = 0, .high = 0});
    double far = 0;
    for (const Item& item : scores_) {
      max_ = std::max(max_, item.score);
      far = std::max(far, std::abs(item.score) + std::log(1.0 + e_.keys));
    }
    std::vector<double> low, high;
    for (Item& item : scores_) {
      double more = of_naive * rounding * (3 * std::abs(item.score - max_) + 4);
      if (way_ == Way::merged) // the log-sum-exp of a part, and its difference to the whole's
        more += of_naive * rounding * 12 * (far + 1);
      low.push_back(item.low = item.score - item.low - more);
      high.push_back(item.high = item.score + item.high + more);
    }
    const auto other_low = log_sums_of_others(low);
    const auto other_high = log_sums_of_others(high);
    const auto share = [](double own, double others) { return 1 / (1 + std::exp(others - own)); };
    for (std::size_t k = 0; k < scores_.size(); ++k) {
      scores_[k].least_weight = share(low[k], other_high[k]);
      if (scores_[k].key >= 0)
        scores_[k].weight = r_.weights[row_ * static_cast<std::size_t>(e_.keys) +
                                       static_cast<std::size_t>(scores_[k].key)];
      scores_[k].most_weight = share(high[k], other_low[k]);
    }
    least_sum_ = log_add(other_low[0], low[0]);
    most_sum_ = log_add(other_high[0], high[0]);
  }

  void add_weights(Expectation& to) const {
    std::vector<Allowed> weights(static_cast<std::size_t>(e_.keys), Allowed::exactly(0));
    const double relative = of_naive * rounding * (e_.keys + 4);
    for (const Item& item : scores_)
      if (item.key >= 0)
        weights[static_cast<std::size_t>(item.key)] =
            Allowed::between(item.least_weight * (1 - relative) - of_naive * smallest,
                             item.most_weight * (1 + relative) + of_naive * smallest);
    to.weights.insert(to.weights.end(), weights.begin(), weights.end());
  }

  [[nodiscard]] Allowed log_sum_exp() const {
    const double error =
        of_naive * rounding *
        (3 * (std::abs(max_) + std::max(std::abs(least_sum_), std::abs(most_sum_))) + e_.keys + 4);
    return Allowed::between(least_sum_ - error, most_sum_ + error).within(-largest, largest);
  }

  [[nodiscard]] double value(int key, int c) const {
    return static_cast<double>(f_.value.at(b_, key_head_, key, c));
  }

  [[nodiscard]] Allowed output(int c) const {
    if (const Allowed special = output_of_non_finite(c); !special.holds(0))
      return special;
    double moved = 0, absolute = 0, all = 0;
    for (const int j : keys_)
      all += std::abs(value(j, c));
    for (const Item& item : scores_) {
      if (item.key < 0)
        continue;
      const double v = value(item.key, c);
      moved +=
          std::max(item.most_weight - item.weight, item.weight - item.least_weight) * std::abs(v);
      absolute += item.most_weight * std::abs(v);
    }
    double error =
        moved + of_naive * (rounding * (2 * e_.keys + 4) * absolute + smallest * (all + e_.keys));
    if (f_.is_unit_normal && e_.depth <= 128 && e_.keys <= 4096)
      error = std::min(error, 2e-6);
    const std::size_t index =
        row_ * static_cast<std::size_t>(e_.value_depth) + static_cast<std::size_t>(c);
    return Allowed::near(r_.output[index], error).within(-largest, largest);
  }

  /// 0 is allowed if all attended values are finite.
  [[nodiscard]] Allowed output_of_non_finite(int c) const {
    double sum = 0;
    bool is_certain = true; // a weight that underflows makes NaN of ∞
    bool has_infinity = false;
    for (const int j : keys_) {
      const double v = value(j, c);
      if (std::isnan(v))
        return Allowed::nan();
      if (!std::isinf(v))
        continue;
      has_infinity = true;
      const auto item = std::ranges::find(scores_, j, &Item::key);
      if (item == scores_.end()) // its score is −∞: 0·∞
        return Allowed::nan();
      is_certain &= item->least_weight > 1e-30;
      sum += v;
    }
    if (!has_infinity)
      return Allowed::anything();
    return !is_certain       ? Allowed::not_finite()
           : std::isnan(sum) ? Allowed::nan()
                             : Allowed::exactly(sum);
  }

  const FuzzedProblem& f_;
  const Problem& p_;
  const Extents& e_;
  const reference::Result<double>& r_;
  Way way_;
  int b_, h_, i_, key_head_;
  std::size_t row_;          ///< in [B, H, L]
  std::vector<int> keys_;    ///< attended
  std::vector<Item> scores_; ///< finite ones
  bool has_nan_ = false, has_unsure_ = false;
  bool has_plus_infinity_ = false, has_minus_infinity_ = false, has_overflow_ = false;
  double max_ = -infinity, least_sum_ = 0, most_sum_ = 0;
};

} // namespace

Expectation expectation_of(const FuzzedProblem& fuzzed, Way way) {
  Expectation expectation;
  const Problem p = fuzzed.problem();
  const auto reference = reference::attend<double>(p);
  for (int b = 0; b < p.extents.batch; ++b)
    for (int h = 0; h < p.extents.heads; ++h)
      for (int i = 0; i < p.extents.queries; ++i)
        RowExpectation(fuzzed, p, reference, way, b, h, i).add_to(expectation);
  return expectation;
}

} // namespace qkv::campaign
