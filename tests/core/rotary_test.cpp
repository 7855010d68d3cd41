#include "archs.hpp"
#include "closeness.hpp"
#include "owned_problem.hpp"
#include "rotary.hpp"

#include <array>
#include <catch_amalgamated.hpp>
#include <cmath>
#include <complex>

namespace qkv::testing {

TEST_CASE("rotary embedding is a rotation of pairs in the complex plane", "[rotary]") {
  const int interleaved = GENERATE(0, 1);
  const int rotary_depth = GENERATE(2, 6, 8);
  constexpr int rows = 5;
  constexpr int depth = 8;
  constexpr int heads = 2;
  const std::array<std::int32_t, rows> positions = {0, 1, 7, 1000, 40000};
  const std::array<std::int32_t, rows> table_rows = {0, 1, 2, 3, 4};
  const auto half = static_cast<std::size_t>(rotary_depth) / 2;
  std::vector<float> cos(rows * half);
  std::vector<float> sin(rows * half);
  rotary_tables(positions.data(), rows, rotary_depth, 10000, cos.data(), sin.data());

  const std::vector<float> x = Normal(3).vector(heads * rows * depth);
  std::vector<float> y(x.size());
  rotary_embedding({.heads = heads,
                    .rows = rows,
                    .depth = depth,
                    .rotary_depth = rotary_depth,
                    .interleaved = interleaved,
                    .input = OwnedProblem::dense(x.data(), heads, rows, depth),
                    .output = OwnedProblem::dense(y.data(), heads, rows, depth),
                    .positions = table_rows.data(),
                    .cos = cos.data(),
                    .sin = sin.data()});

  std::vector<double> expected(x.begin(), x.end());
  for (std::size_t row = 0; row < heads * rows; ++row)
    for (std::size_t pair = 0; pair < half; ++pair) {
      const std::size_t a = row * depth + (interleaved != 0 ? 2 * pair : pair);
      const std::size_t b = interleaved != 0 ? a + 1 : a + half;
      const double angle = positions[row % rows] *
                           std::pow(10000.0, -2.0 * static_cast<double>(pair) / rotary_depth);
      const std::complex<double> rotated =
          std::complex<double>(x[a], x[b]) * std::polar(1.0, angle);
      expected[a] = rotated.real();
      expected[b] = rotated.imag();
    }
  require_close("rotated", y, expected, {1e-6, 0});
}

TEST_CASE("rotary tables are right to float32, at far positions as well", "[rotary]") {
  const int rotary_depth = GENERATE(2, 64, 128, 250);
  const double base = GENERATE(1.0, 10000.0, 500000.0);
  const std::vector<std::int32_t> positions = {
      0, 1, 2, 3, 4, 5, 6, 7, 131072, -131072, 1000003, 2147483647, -4, -100000000};
  const auto half = static_cast<std::size_t>(rotary_depth) / 2;
  std::vector<float> cos(positions.size() * half);
  std::vector<float> sin(cos.size());
  rotary_tables(positions.data(), static_cast<int>(positions.size()), rotary_depth, base,
                cos.data(), sin.data());
  std::size_t at = 0;
  for (const std::int32_t position : positions)
    for (std::size_t pair = 0; pair < half; ++pair, ++at) {
      const double angle =
          position * std::pow(base, -2.0 * static_cast<double>(pair) / rotary_depth);
      CAPTURE(position, pair, angle);
      // Half an ULP of float32, and what double keeps of a far angle after 125 products.
      const double tolerance = 6e-8 + 3e-14 * std::abs(angle);
      REQUIRE(std::abs(static_cast<double>(cos[at]) - std::cos(angle)) <= tolerance);
      REQUIRE(std::abs(static_cast<double>(sin[at]) - std::sin(angle)) <= tolerance);
    }
}

} // namespace qkv::testing
