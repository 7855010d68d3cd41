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

/// cos and sin of |angle| ≤ 2³¹ to float32. The C library's in double would double the size of the
/// module, for exactness that a float32 does not keep.
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

double power(double x, std::int32_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, x *= x)
    if ((exponent & 1) != 0)
      result *= x;
  return result;
}

/// base^(−1/n): the estimate in float32, polished by Newton's method. std::pow in double would
/// bring more tables than the rest of the module has code.
double inverse_root(double base, std::int32_t n) {
  auto x =
      static_cast<double>(std::exp2(-std::log2(static_cast<float>(base)) / static_cast<float>(n)));
  for (int step = 0; step < 3; ++step)
    x += x / n * (1 - base * power(x, n));
  return x;
}

} // namespace

void rotary_embedding(const Rotary& r) {
  const std::ptrdiff_t half = r.rotary_depth / 2;
  for (std::int32_t b = 0; b < r.batch; ++b)
    for (std::int32_t h = 0; h < r.heads; ++h)
      for (std::int32_t i = 0; i < r.rows; ++i) {
        const auto offset = [&](const auto& tensor) {
          return std::ptrdiff_t{b} * tensor.batch_stride + std::ptrdiff_t{h} * tensor.head_stride +
                 std::ptrdiff_t{i} * tensor.row_stride;
        };
        const std::ptrdiff_t row = r.positions[std::ptrdiff_t{b} * r.rows + i] * half;
        rotate_row(r, r.input.data + offset(r.input), r.output.data + offset(r.output), r.cos + row,
                   r.sin + row);
      }
}

void rotary_tables(const std::int32_t* positions, std::int32_t count, std::int32_t rotary_depth,
                   double base, float* cos, float* sin) {
  const std::int32_t half = rotary_depth / 2;
  if (half == 0)
    return;
  const double ratio = inverse_root(base, half);
  for (std::int32_t i = 0; i < count; ++i) {
    double frequency = 1;
    for (std::int32_t pair = 0; pair < half; ++pair, frequency *= ratio) {
      const Rotation r = rotation(positions[i] * frequency);
      *cos++ = r.cos;
      *sin++ = r.sin;
    }
  }
}

} // namespace qkv
