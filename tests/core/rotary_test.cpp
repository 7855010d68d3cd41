#include "closeness.hpp"
#include "each_target.hpp"
#include "operations/rotary.hpp"
#include "owned_problem.hpp"

#include <algorithm>
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

TEST_CASE("rotary tables: 2^-24 + |position|·2^-52, far, wide and with any base", "[rotary]") {
  const int rotary_depth = GENERATE(2, 64, 128, 250, 8192);
  const double base = GENERATE(1.0, 1.0001, 10000.0, 500000.0, 1e300, 1.7e308);
  const std::vector<std::int32_t> positions = {
      0, 1, 2, 3, 4, 5, 6, 7, 131072, -131072, 1000003, 2147483647, -4, -100000000};
  const auto half = static_cast<std::size_t>(rotary_depth) / 2;
  std::vector<float> cos(positions.size() * half);
  std::vector<float> sin(cos.size());
  rotary_tables(positions.data(), static_cast<int>(positions.size()), rotary_depth, base,
                cos.data(), sin.data());
  double worst = 0; // in units of what is promised
  std::size_t at = 0;
  for (const std::int32_t position : positions)
    for (std::size_t pair = 0; pair < half; ++pair, ++at) {
      using Exact = long double; // where it has more bits than double
      const Exact exponent = -2.0L * static_cast<Exact>(pair) / rotary_depth;
      const Exact angle = position * std::pow(static_cast<Exact>(base), exponent);
      const double promised = 0x1p-24 + 0x1p-52 * std::abs(static_cast<double>(position));
      const auto error = [&](float actual, Exact exact) {
        return static_cast<double>(std::abs(static_cast<Exact>(actual) - exact)) / promised;
      };
      worst = std::max({worst, error(cos[at], std::cos(angle)), error(sin[at], std::sin(angle))});
    }
  CHECK(worst <= 1);
}

} // namespace qkv::testing
