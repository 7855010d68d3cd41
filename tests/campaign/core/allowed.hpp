// The numbers that a result may be.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

namespace qkv::campaign {

class Allowed {
public:
  static Allowed anything() { return {Rule::anything, 0, 0}; }
  static Allowed nan() { return {Rule::nan, 0, 0}; }
  /// NaN, or an infinity of either sign.
  static Allowed not_finite() { return {Rule::not_finite, 0, 0}; }
  /// In [low, high]; never NaN.
  static Allowed between(double low, double high) { return {Rule::between, low, high}; }
  static Allowed near(double x, double error) { return between(x - error, x + error); }
  static Allowed exactly(double x) { return between(x, x); }

  [[nodiscard]] bool holds(float x) const {
    switch (rule_) {
    case Rule::anything:
      return true;
    case Rule::nan:
      return std::isnan(x);
    case Rule::not_finite:
      return !std::isfinite(x);
    case Rule::between:
      return low_ <= static_cast<double>(x) && static_cast<double>(x) <= high_;
    }
    return false;
  }

  /// What also lies in [low, high]; a finite number stays finite.
  [[nodiscard]] Allowed within(double low, double high) const {
    return rule_ == Rule::between ? between(std::max(low_, low), std::min(high_, high)) : *this;
  }

  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out.precision(12);
    if (rule_ == Rule::between)
      out << '[' << low_ << ", " << high_ << ']';
    else
      out << (rule_ == Rule::nan ? "NaN" : rule_ == Rule::not_finite ? "NaN or ∞" : "anything");
    return out.str();
  }

private:
  enum class Rule { anything, nan, not_finite, between };
  Allowed(Rule rule, double low, double high) : rule_(rule), low_(low), high_(high) {}

  Rule rule_;
  double low_, high_;
};

} // namespace qkv::campaign
