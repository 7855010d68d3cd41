// The promises about numbers: errors against double precision, sums of weights, large logits.
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <catch_amalgamated.hpp>
#include <numeric>

namespace qkv::testing {

TEST_CASE("the error is at most twice that of naive float32 attention", "[accuracy]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 2, 24); // few rows and many
  const int keys = GENERATE(64, 1000, 4096);
  const int depth = GENERATE(16, 64, 128);
  CAPTURE(queries, keys, depth);
  const OwnedProblem owned({.queries = queries, .keys = keys, .depth = depth, .value_depth = depth},
                           static_cast<std::uint32_t>(keys + depth));
  const auto exact = reference::attend<double>(owned.problem).output;
  const double naive = largest_error(reference::attend<float>(owned.problem).output, exact);
  const double ours = largest_error(owned.attend(target).output, exact);
  CAPTURE(naive, ours);
  CHECK(ours <= 2 * naive);
  CHECK(ours <= unit_normal.absolute);
}

TEST_CASE("weights sum to 1, outputs lie within the values", "[accuracy]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 20, .keys = 4096, .depth = 64, .value_depth = 4};
  const float scale = GENERATE(0.1F, 1.0F, 3.0F);
  const OwnedProblem owned(e, 3, scale);
  const Result result = owned.attend(target, true);
  const auto [least, most] = std::minmax_element(owned.value.begin(), owned.value.end());
  for (std::ptrdiff_t i = 0; i < e.queries; ++i) {
    const auto row = result.weights.begin() + i * e.keys;
    CHECK(std::abs(std::accumulate(row, row + e.keys, 0.0) - 1) <= 1e-6);
  }
  for (const float o : result.output) {
    REQUIRE(o >= *least);
    REQUIRE(o <= *most);
  }
}

TEST_CASE("weights sum to 1 beside many that are rounded the same way", "[accuracy]") {
  FOR_EACH_TARGET(target);
  // Each small exponential is 3/4 of an ULP of the sum: added one by one in float32, all round up.
  const int keys = GENERATE(128, 4096);
  OwnedProblem owned({.queries = 1, .keys = keys, .depth = 1, .value_depth = 1});
  owned.problem.scale = 1;
  owned.query = {1};
  owned.key.assign(owned.key.size(), static_cast<float>(std::log(0.75 * 0x1p-23)));
  owned.key[0] = 0;
  owned.value.assign(owned.value.size(), 1);
  const Result result = owned.attend(target, true);
  const double sum = std::accumulate(result.weights.begin(), result.weights.end(), 0.0);
  CHECK(std::abs(sum - 1) <= 1e-6);
  // The output divides by the sum that drifted as it did itself, and so stays within the values.
  CHECK(result.output == std::vector{1.0F});
}

TEST_CASE("logits of 1e38 give finite, correct answers", "[accuracy]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 1, .keys = 3, .depth = 1, .value_depth = 1});
  owned.query = {1};
  owned.key = {1e38F, 2e38F, -3e38F};
  owned.value = {1, 2, 3};
  const Result result = owned.attend(target, true);
  CHECK(result.output == std::vector{2.0F});
  CHECK(result.weights == std::vector{0.0F, 1.0F, 0.0F});
  CHECK(result.log_sum_exp == std::vector{2e38F});
}

TEST_CASE("values near the largest float32 do not overflow", "[accuracy]") {
  FOR_EACH_TARGET(target);
  // 3e38 many times over drifts as it is rounded; a power of two is added exactly, in any number.
  const auto [value, keys] = GENERATE(std::pair{3e38F, 2}, std::pair{3e38F, 10},
                                      std::pair{3e38F, 300}, std::pair{0x1p127F, 1000});
  OwnedProblem owned({.queries = 50, .keys = keys, .depth = 1, .value_depth = 5});
  owned.query.assign(50, 1);
  owned.key.assign(owned.key.size(), 1);
  owned.value.assign(owned.value.size(), value);
  const Result result = owned.attend(target, true);
  for (const float o : result.output)
    REQUIRE(std::abs(static_cast<double>(o) / static_cast<double>(value) - 1) <= 1e-6);
  for (const float w : result.weights)
    REQUIRE(std::abs(static_cast<double>(w) * keys - 1) <= 1e-6);
}

TEST_CASE("an overflow is mended without loss to what is small beside it", "[accuracy]") {
  FOR_EACH_TARGET(target);
  // Few rows and many; values whose sums pass the largest float32 as weights are carried.
  const int queries = GENERATE(1, 30);
  OwnedProblem owned({.queries = queries, .keys = 2, .depth = 1, .value_depth = 4});
  owned.query.assign(owned.query.size(), 1);
  owned.key = {1, 1};
  owned.value = {3e31F, 1e-35F, 1e-30F, 1.18e-38F, 3e31F, 1e-35F, 1e-30F, 1.18e-38F};
  const Result result = owned.attend(target);
  for (std::size_t i = 0; i < result.output.size(); ++i)
    CHECK(std::abs(result.output[i] / owned.value[i % 4] - 1) <= 1e-6F);
}

TEST_CASE("a NaN in one row leaves small values of another alone", "[accuracy]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 4, .keys = 1, .depth = 1, .value_depth = 1});
  owned.query = {1, std::numeric_limits<float>::quiet_NaN(), 1, 1};
  owned.key = {1};
  owned.value = {1e-35F};
  const Result result = owned.attend(target);
  CHECK(std::isnan(result.output[1]));
  for (const std::size_t row : {0U, 2U, 3U})
    CHECK(result.output[row] == 1e-35F);
}

TEST_CASE("outputs of equal values are that value, up to rounding", "[accuracy]") {
  FOR_EACH_TARGET(target);
  const int keys = GENERATE(1, 3, 119, 120, 121, 1000);
  OwnedProblem owned({.queries = 9, .keys = keys, .depth = 8, .value_depth = 3});
  owned.value.assign(owned.value.size(), 0.1F);
  for (const float o : owned.attend(target).output)
    REQUIRE(std::abs(o - 0.1F) <= 1e-6F * 0.1F);
}

TEST_CASE("equal logits, large ones too, weigh the same", "[accuracy]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 2, .keys = 200, .depth = 2, .value_depth = 1});
  owned.query.assign(4, GENERATE(0.0F, -0.0F, 1.0F, 1e18F, -1e18F));
  owned.key.assign(400, 1e18F);
  for (const float weight : owned.attend(target, true).weights)
    CHECK(weight == 1.0F / 200);
}

TEST_CASE("denormals are not flushed", "[accuracy]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 1, .keys = 2, .depth = 1, .value_depth = 1});
  owned.query = {1};
  owned.key = {0, -90}; // e^-90 = 8.2e-40
  owned.value = {1e-40F, 1e-40F};
  const Result result = owned.attend(target, true);
  const double weight = std::exp(-90.0);
  CHECK(std::abs(static_cast<double>(result.weights[1]) - weight) <= 1.5e-45 + 1e-5 * weight);
  CHECK(result.output == std::vector{1e-40F});
}

} // namespace qkv::testing
