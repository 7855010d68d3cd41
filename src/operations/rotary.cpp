// Rotations of pairs, and the tables of their angles. Plain C++: they are not hot.
#include "rotary.hpp"

#include <algorithm>
#include <cmath>

namespace qkv {

namespace {

void rotate_row(const Rotary& r, const float* x, float* y, const float* cos, const float* sin) {
  const std::int32_t half = r.rotary_depth / 2;
  const std::int32_t step = r.interleaved != 0 ? 2 : 1;
  const std::int32_t partner = r.interleaved != 0 ? 1 : half;
  for (std::int32_t pair = 0; pair < half; ++pair) {
    const std::int32_t i = pair * step;
    const float real = x[i];
    const float imaginary = x[i + partner];
    y[i] = cos[pair] * real - sin[pair] * imaginary;
    y[i + partner] = sin[pair] * real + cos[pair] * imaginary;
  }
  std::copy(x + r.rotary_depth, x + r.depth, y + r.rotary_depth);
}

struct Rotation {
  float cos, sin;
};

/// cos and sin of |angle| ≤ 2³¹ to float32. The C library's in double would add a tenth to the
/// module's size, for exactness that a float32 does not keep.
Rotation rotation(double angle) {
  // π/2 in three parts; the products with the first two, of 21 bits each, are exact.
  const double quadrant = std::nearbyint(angle * 0x1.45f306dc9c883p-1);
  const double x = ((angle - quadrant * 0x1.921fbp0) - quadrant * 0x1.5110bp-22) -
                   quadrant * 0x1.18469898cc517p-44;
  // |x| ≤ π/4. Sollya: fpminimax(sin(x), [|3,5,7,9,11|], [|D...|], [-0.7854;0.7854], absolute, x)
  // and fpminimax(cos(x), [|4,6,8,10|], [|D...|], [-0.7854;0.7854], absolute, 1-x^2/2): off by
  // 1e-13.
  const double y = x * x;
  const double sin_x =
      x * (1 + y * (-0x1.5555555550012p-3 +
                    y * (0x1.1111110acbee9p-7 +
                         y * (-0x1.a019f75aa88d2p-13 +
                              y * (0x1.71d699a668efbp-19 + y * -0x1.a91fcac1da533p-26)))));
  const double cos_x =
      1 + y * (-0.5 + y * (0x1.5555554f4ee02p-5 +
                           y * (-0x1.6c16b89974fa2p-10 +
                                y * (0x1.a0112098e50bep-16 + y * -0x1.242aedcaf4fbap-22))));
  const auto c = static_cast<float>(cos_x);
  const auto s = static_cast<float>(sin_x);
  switch (static_cast<std::int64_t>(quadrant) & 3) {
  case 0:
    return {.cos = c, .sin = s};
  case 1:
    return {.cos = -s, .sin = c};
  case 2:
    return {.cos = -c, .sin = -s};
  default:
    return {.cos = s, .sin = -c};
  }
}

/// A number as the sum of two doubles, about 106 bits (Dekker, Numer. Math. 18, 1971).
struct DoubleDouble {
  double high, low;
};

DoubleDouble sum_of(double a, double b) { // |a| ≥ |b|
  const double sum = a + b;
  return {.high = sum, .low = b - (sum - a)};
}

/// The upper 26 bits of a double.
double upper_half(double x) {
  const double shifted = x * 134217729.0; // 2²⁷ + 1
  return shifted - (shifted - x);
}

DoubleDouble operator*(const DoubleDouble& a, const DoubleDouble& b) {
  const double product = a.high * b.high;
  const double a1 = upper_half(a.high);
  const double a2 = a.high - a1;
  const double b1 = upper_half(b.high);
  const double b2 = b.high - b1;
  const double rest = a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2);
  return sum_of(product, rest + (a.high * b.low + a.low * b.high));
}

DoubleDouble power(DoubleDouble x, std::int32_t exponent) {
  DoubleDouble result{.high = 1, .low = 0};
  for (; exponent > 0; exponent >>= 1, x = x * x)
    if ((exponent & 1) != 0)
      result = result * x;
  return result;
}

/// base^(−1/n): an estimate in float32, refined by Newton's method in double and at last beyond. A
/// frequency is a power of this, so each bit that it lacks is multiplied.
DoubleDouble inverse_root(double base, std::int32_t n) {
  int exponent = 0;
  const auto mantissa = static_cast<float>(std::frexp(base, &exponent));
  const float log2_base = static_cast<float>(exponent) + std::log2(mantissa);
  DoubleDouble x{.high = static_cast<double>(std::exp2(-log2_base / static_cast<float>(n))),
                 .low = 0};
  for (int step = 0; step < 4; ++step) {
    // base·2^−64, since upper_half would overflow near the largest double.
    const DoubleDouble one = power(x, n) * DoubleDouble{.high = base * 0x1p-64, .low = 0};
    x = sum_of(x.high, x.low + x.high / n * ((1 - one.high * 0x1p64) - one.low * 0x1p64));
  }
  return x;
}

} // namespace

void rotary_embedding(const Rotary& r) {
  const std::ptrdiff_t half = r.rotary_depth / 2;
  for (std::int32_t b = 0; b < r.batch; ++b)
    for (std::int32_t h = 0; h < r.heads; ++h)
      for (std::int32_t i = 0; i < r.rows; ++i) {
        const std::ptrdiff_t row = r.positions[std::ptrdiff_t{b} * r.rows + i] * half;
        rotate_row(r, row_of(r.input, b, h, i), row_of(r.output, b, h, i), r.cos + row,
                   r.sin + row);
      }
}

void rotary_tables(const std::int32_t* positions, std::int32_t count, std::int32_t rotary_depth,
                   double base, float* cos, float* sin) {
  const std::int32_t half = rotary_depth / 2;
  if (half == 0)
    return;
  const DoubleDouble ratio = inverse_root(base, half);
  DoubleDouble frequency{.high = 1, .low = 0};
  for (std::ptrdiff_t pair = 0; pair < half; ++pair, frequency = frequency * ratio)
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const Rotation r = rotation(positions[i] * frequency.high);
      cos[i * half + pair] = r.cos;
      sin[i * half + pair] = r.sin;
    }
}

} // namespace qkv
