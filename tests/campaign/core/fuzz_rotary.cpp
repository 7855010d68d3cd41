// Rotary position embedding: tables of any base, depth and position; rotations in any layout.
#include "findings.hpp"
#include "fuzzed_problem.hpp"
#include "operations/rotary.hpp"
#include "run.hpp"
#include "scores.hpp"

#include <bit>
#include <numbers>

namespace qkv::campaign {

namespace {

double base_from(FuzzedDataProvider& bytes) {
  switch (bytes.ConsumeIntegralInRange(0, 3)) {
  case 0: {
    const double any = std::abs(std::bit_cast<double>(bytes.ConsumeIntegral<std::uint64_t>()));
    return std::isfinite(any) && any >= 1 ? any : 2;
  }
  default:
    return bytes.PickValueInArray({10000.0, 1.0, 500000.0, 1e6, 1e38, 3.5e38, 1e300});
  }
}

std::int32_t position_from(FuzzedDataProvider& bytes) {
  return bytes.ConsumeBool() ? bytes.ConsumeIntegralInRange(-10, 5000)
                             : bytes.ConsumeIntegral<std::int32_t>();
}

/// cos or sin of an angle as float32 has it. The angle itself is a double, of at best 2⁻⁵³.
Allowed component(long double exact, long double angle) {
  const auto error = static_cast<double>(rounding + std::fabs(angle) * 0x1p-50L);
  return Allowed::near(static_cast<double>(exact), error);
}

void fuzz_tables(FuzzedDataProvider& bytes) {
  const double base = base_from(bytes);
  const std::int32_t half = bytes.PickValueInArray({0, 1, 2, 3, 16, 32, 64, 128, 256, 1000});
  std::vector<std::int32_t> positions(bytes.ConsumeIntegralInRange<std::size_t>(0, 5));
  for (std::int32_t& position : positions)
    position = position_from(bytes);
  const std::size_t count = positions.size() * static_cast<std::size_t>(half);
  std::vector<float> cos(count, unwritten()), sin(count, unwritten());
  std::string words =
      "  base " + std::to_string(base) + ", half " + std::to_string(half) + ", positions";
  for (const std::int32_t position : positions)
    words += ' ' + std::to_string(position);
  const Context of_tables(words);
  rotary_tables(positions.data(), static_cast<std::int32_t>(positions.size()), 2 * half, base,
                cos.data(), sin.data());
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = static_cast<long double>(i % static_cast<std::size_t>(half));
    const std::int32_t position = positions[i / static_cast<std::size_t>(half)];
    const long double angle =
        position * std::pow(static_cast<long double>(base), -pair / static_cast<long double>(half));
    const Context context("  base " + std::to_string(base) + ", half " + std::to_string(half) +
                          ", pair " + std::to_string(static_cast<int>(pair)) + ", position " +
                          std::to_string(position));
    require_allowed("cos", {cos[i]}, {component(std::cos(angle), angle)});
    require_allowed("sin", {sin[i]}, {component(std::sin(angle), angle)});
  }
}

/// x·a + y·b of float32, in double.
Allowed rotated(float x, float a, float y, float b) {
  const double first = static_cast<double>(x) * static_cast<double>(a);
  const double second = static_cast<double>(y) * static_cast<double>(b);
  const double sum = first + second;
  if (std::isnan(sum))
    return Allowed::nan();
  if (std::abs(first) + std::abs(second) > largest)
    return Allowed::anything(); // ∞ and what overflows to −∞ are NaN
  return Allowed::near(
      sum, of_naive * (2 * rounding * (std::abs(first) + std::abs(second)) + 2 * smallest));
}

void fuzz_embedding(FuzzedDataProvider& bytes) {
  Rotary r;
  r.batch = bytes.ConsumeIntegralInRange(0, 2);
  r.heads = bytes.ConsumeIntegralInRange(0, 3);
  r.rows = bytes.ConsumeIntegralInRange(0, 9);
  r.depth = bytes.ConsumeIntegralInRange(0, 40);
  const std::int32_t half = bytes.ConsumeIntegralInRange(0, r.depth / 2);
  r.rotary_depth = 2 * half;
  r.interleaved = bytes.ConsumeBool() ? 1 : 0;
  Strided<float> input = strided(bytes, r.batch, r.heads, r.rows, r.depth);
  Strided<float> output = strided(bytes, r.batch, r.heads, r.rows, r.depth);
  fill(bytes, input, last_kind);
  const std::int32_t table_rows = bytes.ConsumeIntegralInRange(1, 8);
  Strided<float> cos = strided(bytes, 1, 1, 1, table_rows * half);
  Strided<float> sin = cos;
  fill(bytes, cos, last_kind);
  fill(bytes, sin, last_kind);
  std::vector<std::int32_t> positions(element_count({r.batch, r.rows}));
  for (std::int32_t& position : positions)
    position = bytes.ConsumeIntegralInRange(0, table_rows - 1);
  r.input = std::as_const(input).tensor();
  r.output = output.tensor();
  r.positions = positions.data();
  r.cos = cos.memory.data();
  r.sin = sin.memory.data();
  rotary_embedding(r);

  const std::vector<float> rows = dense_rows(output);
  std::size_t index = 0;
  for (int b = 0; b < r.batch; ++b)
    for (int h = 0; h < r.heads; ++h)
      for (int i = 0; i < r.rows; ++i)
        for (int d = 0; d < r.depth; ++d, ++index) {
          const float x = input.at(b, h, i, d);
          if (d >= r.rotary_depth) {
            require_same_bits("passed on", {rows[index]}, {x});
            continue;
          }
          const int pair = r.interleaved != 0 ? d / 2 : d % half;
          const bool is_second = r.interleaved != 0 ? d % 2 != 0 : d >= half;
          const int distance = r.interleaved != 0 ? 1 : half;
          const float partner = input.at(b, h, i, is_second ? d - distance : d + distance);
          const int table = positions[static_cast<std::size_t>(b * r.rows + i)] * half + pair;
          const float c = cos.memory[static_cast<std::size_t>(table)];
          const float s = sin.memory[static_cast<std::size_t>(table)];
          require_allowed("rotated", {rows[index]}, {rotated(x, c, partner, is_second ? s : -s)});
        }
}

} // namespace

} // namespace qkv::campaign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  if (bytes.ConsumeBool())
    qkv::campaign::fuzz_tables(bytes);
  else
    qkv::campaign::fuzz_embedding(bytes);
  return 0;
}
