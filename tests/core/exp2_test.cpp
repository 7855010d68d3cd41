#include "each_target.hpp"
#include "exp2_of.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace qkv {

#define QKV_DECLARE(NAME)                                                                          \
  namespace NAME {                                                                                 \
  void exp2_of_array(bool in_softmax, const float* x, float* result, std::ptrdiff_t count);        \
  extern const Target target;                                                                      \
  }
QKV_FOR_EACH_TARGET(QKV_DECLARE)
#undef QKV_DECLARE

namespace testing {

Exp2 exp2_of(const Target& target) {
#define QKV_CHOOSE(NAME)                                                                           \
  if (&target == &NAME::target)                                                                    \
    return NAME::exp2_of_array;
  QKV_FOR_EACH_TARGET(QKV_CHOOSE)
#undef QKV_CHOOSE
  return nullptr;
}

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
double worst_below_zero(const Target& target, bool in_softmax, float bound, std::uint32_t step) {
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
    exp2_of(target)(in_softmax, x, y, count);
    for (std::ptrdiff_t i = 0; i < count; ++i)
      worst = std::max(worst, ulps(y[i], std::exp2(static_cast<double>(x[i]))));
  }
  return worst;
}

float exp2_once(const Target& target, bool in_softmax, float x) {
  float y = 0;
  exp2_of(target)(in_softmax, &x, &y, 1);
  return y;
}

} // namespace

TEST_CASE("exp2 is within 1 ULP on [-151, 0]", "[exp2]") {
  FOR_EACH_TARGET(target);
  for (const bool in_softmax : {false, true})
    CHECK(worst_below_zero(target, in_softmax, 151.0F, 1009) <= 1.0);
}

TEST_CASE("exp2 is within 1 ULP on every float in [-151, 0]", "[.exhaustive]") {
  FOR_EACH_TARGET(target);
  for (const bool in_softmax : {false, true})
    CHECK(worst_below_zero(target, in_softmax, 151.0F, 1) <= 1.0);
}

TEST_CASE("exp2 at its edges", "[exp2]") {
  FOR_EACH_TARGET(target);
  const float infinity = std::numeric_limits<float>::infinity();
  for (const bool in_softmax : {false, true}) {
    const auto power = [&](float x) { return exp2_once(target, in_softmax, x); };
    CHECK(power(0.0F) == 1.0F);
    CHECK(power(-0.0F) == 1.0F);
    CHECK(power(-1.0F) == 0.5F);
    CHECK(power(10.0F) == 1024.0F);
    CHECK(power(-126.0F) == 0x1p-126F);
    CHECK(power(-149.0F) == std::numeric_limits<float>::denorm_min());
    CHECK(power(-151.0F) == 0.0F);
    CHECK_FALSE(std::signbit(power(-151.0F)));
    CHECK(power(-1e30F) == 0.0F);
    CHECK(power(-infinity) == 0.0F);
    // Also with a payload, whose bits must not get into the exponent.
    for (const std::uint32_t bits : {0x7fc00000U, 0xffc00000U, 0x7fc00001U, 0xffffffffU}) {
      float nan;
      std::memcpy(&nan, &bits, sizeof nan);
      CHECK(std::isnan(power(nan)));
    }
  }
}

} // namespace testing
} // namespace qkv
