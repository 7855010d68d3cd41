// Numbers by their class: what a kernel may treat apart, and what it must not.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace qkv::campaign {

/// The same numbers for the same seed, with every standard library (splitmix64).
class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }

  /// Mean 0, variance 1: four uniforms of 16 bits (Irwin-Hall), |x| < 3.5.
  float normal() {
    double sum = -2;
    for (std::uint64_t all = bits(), i = 0; i < 4; ++i, all >>= 16U)
      sum += static_cast<double>(all & 0xFFFFU) * 0x1p-16;
    return static_cast<float>(sum * 1.7320508075688772);
  }

private:
  std::uint64_t state_;
};

enum class Kind : std::uint8_t {
  unit_normal,
  whole_number, ///< sums are exact
  zero,
  negative_zero,
  denormal,
  tiny,    ///< 1e-30: a product of two underflows
  large,   ///< 1e19: a product of two is near the largest float32
  largest, ///< within 1e-6 of the largest float32
  infinity,
  minus_infinity,
  nan,
};

/// Finite classes come first.
inline constexpr Kind last_finite = Kind::largest;
inline constexpr Kind last_kind = Kind::nan;

inline float value_of(Kind kind, Random& random) {
  using Limits = std::numeric_limits<float>;
  const float normal = random.normal();
  switch (kind) {
  case Kind::unit_normal:
    return normal;
  case Kind::whole_number:
    return std::nearbyint(4 * normal);
  case Kind::zero:
    return 0.0F;
  case Kind::negative_zero:
    return -0.0F;
  case Kind::denormal:
    return normal * 0x1p-130F;
  case Kind::tiny:
    return normal * 1e-30F;
  case Kind::large:
    return normal * 1e19F;
  case Kind::largest:
    return std::copysign(Limits::max() * static_cast<float>(1 - 1e-6 * random.uniform()), normal);
  case Kind::infinity:
    return Limits::infinity();
  case Kind::minus_infinity:
    return -Limits::infinity();
  case Kind::nan:
    return Limits::quiet_NaN();
  }
  return 0;
}

} // namespace qkv::campaign
