#include "archs.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace qkv::testing {

// Compiled for each arch in exp2_of.cpp, since kernels need the flags of their arch.
template <class Arch>
void exp2_of(const float* x, float* result, std::ptrdiff_t count);

namespace {

constexpr std::ptrdiff_t chunk = 4096;

/// |a − b| in units of b's last place, denormals included.
double ulps(float actual, double expected) {
  const auto rounded = static_cast<float>(expected);
  const float next = std::nextafter(rounded, std::numeric_limits<float>::infinity());
  return std::abs(static_cast<double>(actual) - expected) /
         (static_cast<double>(next) - static_cast<double>(rounded));
}

/// Largest error in ULP over every `step`-th float in [−bound, −0].
template <class Arch>
double worst_below_zero(float bound, std::uint32_t step) {
  std::uint32_t last;
  std::memcpy(&last, &bound, sizeof last);
  last |= 0x80000000U;
  float x[chunk];
  float y[chunk];
  double worst = 0;
  std::uint32_t bits = 0x80000000U;
  while (bits <= last) {
    std::ptrdiff_t count = 0;
    for (; count < chunk && bits <= last; ++count, bits += step)
      std::memcpy(&x[count], &bits, sizeof bits);
    exp2_of<Arch>(x, y, count);
    for (std::ptrdiff_t i = 0; i < count; ++i)
      worst = std::max(worst, ulps(y[i], std::exp2(static_cast<double>(x[i]))));
  }
  return worst;
}

template <class Arch>
float exp2_once(float x) {
  float y = 0;
  exp2_of<Arch>(&x, &y, 1);
  return y;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("exp2 is within 1 ULP on [-151, 0]", "[exp2]", Archs) {
  REQUIRE_ARCH(TestType);
  CHECK(worst_below_zero<TestType>(151.0F, 1009) <= 1.0);
}

TEMPLATE_LIST_TEST_CASE("exp2 is within 1 ULP on every float in [-151, 0]", "[.exhaustive]",
                        Archs) {
  REQUIRE_ARCH(TestType);
  CHECK(worst_below_zero<TestType>(151.0F, 1) <= 1.0);
}

TEMPLATE_LIST_TEST_CASE("exp2 at its edges", "[exp2]", Archs) {
  REQUIRE_ARCH(TestType);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(exp2_once<TestType>(0.0F) == 1.0F);
  CHECK(exp2_once<TestType>(-0.0F) == 1.0F);
  CHECK(exp2_once<TestType>(-1.0F) == 0.5F);
  CHECK(exp2_once<TestType>(10.0F) == 1024.0F);
  CHECK(exp2_once<TestType>(-126.0F) == 0x1p-126F);
  CHECK(exp2_once<TestType>(-149.0F) == std::numeric_limits<float>::denorm_min());
  CHECK(exp2_once<TestType>(-151.0F) == 0.0F);
  CHECK(exp2_once<TestType>(-1e30F) == 0.0F);
  CHECK(exp2_once<TestType>(-infinity) == 0.0F);
  CHECK(std::isnan(exp2_once<TestType>(std::numeric_limits<float>::quiet_NaN())));
}

} // namespace qkv::testing
