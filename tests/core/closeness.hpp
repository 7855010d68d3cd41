// How far results may be from the reference.
#pragma once

#include <catch_amalgamated.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

namespace qkv::testing {

/// |actual − expected| ≤ absolute + relative·|expected|; infinities and NaN only where expected.
struct Tolerance {
  double absolute;
  double relative;

  [[nodiscard]] bool holds(double actual, double expected) const {
    if (std::isnan(expected))
      return std::isnan(actual);
    if (std::isinf(expected))
      return actual == expected;
    return std::abs(actual - expected) <= absolute + relative * std::abs(expected);
  }
};

/// Results of unit-normal inputs: the promise for D ≤ 128, S ≤ 4096.
inline constexpr Tolerance unit_normal{.absolute = 2e-6, .relative = 0};

template <class Real>
void require_close(const char* what, const std::vector<float>& actual,
                   const std::vector<Real>& expected, Tolerance tolerance = unit_normal) {
  INFO(what);
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (!tolerance.holds(static_cast<double>(actual[i]), static_cast<double>(expected[i]))) {
      CAPTURE(i, actual[i], expected[i]);
      FAIL("outside the tolerance");
    }
  SUCCEED();
}

template <class Real>
double largest_error(const std::vector<Real>& actual, const std::vector<double>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < actual.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(actual[i]) - expected[i]));
  return largest;
}

} // namespace qkv::testing
