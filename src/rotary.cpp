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
  for (std::int32_t i = 0; i < count; ++i)
    for (std::int32_t pair = 0; pair < half; ++pair) {
      const double angle = positions[i] * std::pow(base, -2.0 * pair / rotary_depth);
      *cos++ = static_cast<float>(std::cos(angle));
      *sin++ = static_cast<float>(std::sin(angle));
    }
}

} // namespace qkv
