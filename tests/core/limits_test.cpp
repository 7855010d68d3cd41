// The limits of float32 and of extents: infinite scores, overflow on the way to a finite result,
// and extents near 2³¹.
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <array>

namespace qkv::testing {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float most = std::numeric_limits<float>::max();

/// Holds all results to the reference's, NaN and infinities included.
void check_against_reference(const Target& target, const OwnedProblem& owned,
                             Tolerance tolerance = {.absolute = 1e-6, .relative = 1e-6}) {
  REQUIRE(validate(owned.problem).ok());
  const auto expected = reference::attend<double>(owned.problem);
  require_close("output, nothing captured", owned.attend(target).output, expected.output,
                tolerance);
  const Result captured = owned.attend(target, true);
  require_close("output", captured.output, expected.output, tolerance);
  require_close("scores raw", captured.scores_raw, expected.scores_raw, tolerance);
  require_close("scores masked", captured.scores_masked, expected.scores_masked, tolerance);
  require_close("weights", captured.weights, expected.weights, tolerance);
  require_close("log-sum-exp", captured.log_sum_exp, expected.log_sum_exp, tolerance);
}

/// `rows` queries of depth 1, all 1; keys and values of depth 1.
struct OfScores : OwnedProblem {
  OfScores(int rows, std::vector<float> keys, std::vector<float> values)
      : OwnedProblem({.queries = rows,
                      .keys = static_cast<int>(keys.size()),
                      .depth = 1,
                      .value_depth = 1}) {
    std::fill(query.begin(), query.end(), 1.0F);
    std::copy(keys.begin(), keys.end(), key.begin());
    std::copy(values.begin(), values.end(), value.begin());
  }
};

} // namespace

TEST_CASE("a key with a score of -infinity is attended: its NaN counts", "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(1, 5, 50);
  const std::array<std::int32_t, 1> two = {2};
  OfScores owned(rows, {1, -infinity, 1}, {5, nan, 7});
  // Whether or not the block excludes another key.
  if (GENERATE(false, true))
    owned.problem.key_lengths = two.data();
  check_against_reference(target, owned);
}

TEST_CASE("a key with a score of -infinity is attended: a finite value adds 0", "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(1, 5, 50);
  const std::array<std::int32_t, 1> two = {2};
  OfScores owned(rows, {1, -infinity, 1}, {5, 6, nan});
  owned.problem.key_lengths = two.data();
  check_against_reference(target, owned);
}

TEST_CASE("a row whose attended scores are all -infinity is NaN, beside a row without keys",
          "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(2, 6, 51);
  OfScores owned(rows, {-infinity, -infinity, 3}, {5, 6, 7});
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(3 * rows), 0);
  mask[0] = mask[1] = 1; // row 0 attends two keys, the others none
  owned.problem.mask = {.data = mask.data(), .extents = {1, 1, rows, 3}};
  check_against_reference(target, owned);
}

TEST_CASE("an excluded key weighs 0 in a row that is NaN", "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(1, 7);
  OfScores owned(rows, {1, nan, 2}, {5, 6, 7});
  const std::array<std::uint8_t, 3> mask = {0, 1, 1};
  owned.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, 3}};
  const Result result = owned.attend(target, true);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    CHECK(result.weights[3 * row] == 0);
    CHECK(std::isnan(result.weights[3 * row + 1]));
    CHECK(std::isnan(result.output[row]));
  }
}

TEST_CASE("a sink takes all of a row whose scores are -infinity", "[limits]") {
  FOR_EACH_TARGET(target);
  const float sink = -3;
  OfScores owned(GENERATE(1, 9), {-infinity, -infinity}, {5, 6});
  owned.problem.sinks = &sink;
  check_against_reference(target, owned);
}

TEST_CASE("a score that is finite after its scale is finite", "[limits]") {
  FOR_EACH_TARGET(target);
  struct Case {
    float scale, query;
    std::array<float, 2> key;
  };
  const auto [scale, query, key] = GENERATE(Catch::Generators::values<Case>({
      {1e-30F, 1e20F, {1e20F, 0.9999999e20F}},       // Q·Kᵀ overflows
      {1.5e30F, 1e9F, {1e-38F, 2e-38F}},             // scale·Q overflows: scores 15 and 30
      {1e-38F, 1e19F, {1e20F, 1.2e20F}},             // scores 10 and 12
      {-1e-38F, 1e19F, {1e20F, 1.2e20F}},            //
      {0x1p-149F, 0x1p127F, {0x1p22F, 0x1.8p22F}},   // a denormal scale: scores 1 and 1.5
      {0x1p127F, 0x1p-100F, {0x1p-27F, 0x1.8p-27F}}, // scores 1 and 1.5
      {0x1p126F, 0x1p126F, {0x1p-149F, 0x1p-148F}},  // far apart, finite
      {1e-30F, 1e-10F, {1e38F, 3e38F}},              // small, with large keys
      {0.25F, most, {1.5F, 1.25F}},                  // just in range
      {0.125F, 1e-38F, {1e38F, 3e38F}},              // tiny queries, ordinary scale
      {0.0F, most, {most, 1}},                       // a scale of 0
  }));
  CAPTURE(scale, query, key[0], key[1]);
  OfScores owned(GENERATE(1, 5, 50), {key[0], key[1]}, {1, 2});
  std::fill(owned.query.begin(), owned.query.end(), query);
  owned.problem.scale = scale;
  check_against_reference(target, owned, {.absolute = 1e-6, .relative = 4e-6});
}

TEST_CASE("a score that overflows after its scale is infinite: its row is NaN", "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(1, 5, 50);
  const float sign = GENERATE(1.0F, -1.0F); // all overflow to −∞, too
  // With 64 products the prescaled scores, 1e39/64, are finite.
  const int depth = GENERATE(1, 64);
  OwnedProblem owned({.queries = rows, .keys = 2, .depth = depth, .value_depth = 1});
  std::fill(owned.query.begin(), owned.query.end(), 0.0F);
  std::fill(owned.key.begin(), owned.key.end(), 0.0F);
  for (std::size_t at = 0; at < owned.query.size(); at += static_cast<std::size_t>(depth))
    owned.query[at] = 1e19F;
  owned.key[0] = sign * 1e20F;
  owned.key[static_cast<std::size_t>(depth)] = sign * 2e20F;
  owned.problem.scale = 1;
  const Result result = owned.attend(target, true);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    CHECK(result.scores_raw[2 * row] == sign * infinity);
    CHECK(std::isnan(result.output[row]));
    CHECK(std::isnan(result.log_sum_exp[row]));
    CHECK(std::isnan(result.weights[2 * row]));
  }
}

TEST_CASE("no partial sum overflows where all scaled products are finite", "[limits]") {
  FOR_EACH_TARGET(target);
  const int depth = GENERATE(4, 64, 100);
  OwnedProblem owned({.queries = GENERATE(1, 6), .keys = 2, .depth = depth, .value_depth = 1});
  std::fill(owned.query.begin(), owned.query.end(), 0x1p63F);
  for (std::size_t i = 0; i < owned.key.size(); ++i) // products of 2^126, then of −2^126
    owned.key[i] = i % static_cast<std::size_t>(depth) < static_cast<std::size_t>(depth) / 2
                       ? 0x1p63F
                       : -0x1p63F;
  owned.problem.scale = 1;
  check_against_reference(target, owned);
}

TEST_CASE("small elements of a row count beside large keys", "[limits]") {
  FOR_EACH_TARGET(target);
  const int depth = GENERATE(2, 64, 4096);
  OwnedProblem owned({.queries = GENERATE(1, 5), .keys = 2, .depth = depth, .value_depth = 1});
  std::fill(owned.query.begin(), owned.query.end(), 0.0F);
  std::fill(owned.key.begin(), owned.key.end(), 0.0F);
  const auto width = static_cast<std::size_t>(depth);
  for (std::size_t at = 0; at < owned.query.size(); at += width) {
    owned.query[at] = 1;
    owned.query[at + 1] = 1e-33F;
  }
  owned.key[1] = 3e33F; // 3·scale, but nothing where 1e-33 was lost
  check_against_reference(target, owned);
}

TEST_CASE("small elements count at a tiny scale, and scores stay finite", "[limits]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = GENERATE(1, 5), .keys = 3, .depth = 2, .value_depth = 1});
  const auto [first, second] = GENERATE(Catch::Generators::values<std::pair<float, float>>(
      {{1.0F, -1e-30F}, {1e18F, 1e-16F}, {1e20F, 3.0F}}));
  for (std::size_t at = 0; at < owned.query.size(); at += 2) {
    owned.query[at] = first;
    owned.query[at + 1] = second;
  }
  owned.key = {0, -infinity, 1e20F, 1, 1e19F, -3e38F};
  owned.problem.key.data = owned.key.data();
  owned.problem.scale = 1e-25F;
  check_against_reference(target, owned, {.absolute = 1e-6, .relative = 4e-6});
}

TEST_CASE("a denormal beside -infinity gives -infinity, not NaN", "[limits]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = GENERATE(1, 5), .keys = 2, .depth = 2, .value_depth = 1});
  for (std::size_t at = 0; at < owned.query.size(); at += 2) {
    owned.query[at] = 1;
    owned.query[at + 1] = 1e-45F;
  }
  owned.key = {1, -infinity, 1, 0};
  owned.problem.key.data = owned.key.data();
  owned.problem.scale = 1;
  check_against_reference(target, owned);
}

TEST_CASE("an infinite value with a small weight stays infinite", "[limits]") {
  FOR_EACH_TARGET(target);
  const float value = GENERATE(infinity, -infinity);
  OfScores owned(GENERATE(1, 5), {0, -80}, {1, value});
  owned.problem.scale = 1;
  check_against_reference(target, owned);
}

TEST_CASE("the scale of one row does not depend on the rows beside it", "[limits]") {
  FOR_EACH_TARGET(target);
  OfScores owned(6, {1e-38F, 2e-38F}, {1, 2});
  owned.problem.scale = 1.5e30F;
  for (std::size_t row = 0; row < 6; ++row)
    owned.query[row] = row % 2 == 0 ? 1e9F : 1e-20F;
  check_against_reference(target, owned, {.absolute = 1e-6, .relative = 4e-6});
}

TEST_CASE("softcap of scores that are NaN, infinite or huge", "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(1, 5);
  const float softcap = GENERATE(1.0F, 30.0F, 1e-30F);
  const float score = GENERATE(7e20F, -7e20F, infinity, -infinity, 9e10F, nan);
  CAPTURE(score, softcap);
  OfScores owned(rows, {score, 0.5F}, {3, 4});
  owned.problem.softcap = softcap;
  check_against_reference(target, owned);
}

TEST_CASE("a score that overflows is capped to the softcap", "[limits]") {
  FOR_EACH_TARGET(target);
  // In exact numbers the capped scores would be 1.96e38 and 2e38, and the second key would win.
  OfScores owned(GENERATE(1, 5), {1.5F, 3.0F}, {3, 4});
  owned.problem.scale = 3e38F;
  owned.problem.softcap = 2e38F;
  for (const float output : owned.attend(target).output)
    CHECK(output == 3.5F);
}

TEST_CASE("outputs of values at the largest float32 are finite", "[limits]") {
  FOR_EACH_TARGET(target);
  const int rows = GENERATE(1, 5, 50);
  const int keys = GENERATE(2, 3, 7, 200);
  OwnedProblem owned({.queries = rows, .keys = keys, .depth = 3, .value_depth = 5});
  const float value = GENERATE(most, -most, 0.9999999F * most);
  std::fill(owned.value.begin(), owned.value.end(), value);
  for (const float output : owned.attend(target).output) {
    CHECK(std::isfinite(output));
    CHECK(std::abs(output / value - 1) < 2e-6F);
  }
}

TEST_CASE("merged outputs of values at the largest float32 are finite", "[limits]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 1, .value_depth = 2};
  const std::array<float, 2> output = {most, -most};
  const std::array<float, 3> log_sum_exp = {0.3F, 1.7F, -2.4F};
  std::vector<MergePart> parts;
  parts.reserve(log_sum_exp.size());
  for (const float& l : log_sum_exp)
    parts.push_back({.output = OwnedProblem::dense(output.data(), 1, 1, 2), .log_sum_exp = &l});
  std::array<float, 2> merged{};
  float merged_log_sum_exp = 0;
  target.merge(e, parts, OwnedProblem::dense(merged.data(), 1, 1, 2), &merged_log_sum_exp);
  CHECK(std::isfinite(merged[0]));
  CHECK(merged[0] >= 0.999999F * most);
  CHECK(merged[1] == -merged[0]);
}

TEST_CASE("extents whose product overflows beside a 0", "[limits]") {
  FOR_EACH_TARGET(target);
  Problem problem;
  problem.extents = {.batch = 0,
                     .heads = 65536,
                     .key_heads = 1,
                     .queries = 65536,
                     .keys = 65536,
                     .depth = 1,
                     .value_depth = 1};
  const float nothing = 0;
  problem.bias = {.data = &nothing, .extents = {0, 65536, 65536, 65536}};
  CHECK(validate(problem).ok());
  Workspace workspace(target.workspace_bytes(problem));
  target.attend(problem, workspace.data()); // reads and writes nothing
}

TEST_CASE("2^31 - 1 query heads of one key head, or keys, do not wrap", "[limits]") {
  FOR_EACH_TARGET(target);
  constexpr std::int32_t all = std::numeric_limits<std::int32_t>::max();
  // Strides of 0: one row stands for all. A window keeps the work small.
  const float one = 1;
  float output = 0;
  Problem problem;
  problem.extents = {.queries = 1, .keys = all, .depth = 1, .value_depth = 1};
  problem.query = {.data = &one};
  problem.key = {.data = &one};
  problem.value = {.data = &one};
  problem.output = {.data = &output};
  problem.align_end = 1;
  problem.window_left = 500;
  REQUIRE(validate(problem).ok());
  Workspace workspace(target.workspace_bytes(problem));
  target.attend(problem, workspace.data());
  CHECK(output == 1);
}

TEST_CASE("the best target is the last of those that the CPU runs", "[limits]") {
  REQUIRE_FALSE(targets().empty());
  CHECK(&best_arch() == targets().back());
  for (const Target* target : targets())
    CHECK_FALSE(std::string(target->name).empty());
#if defined(__x86_64__)
  CHECK((std::string(best_arch().name) == "fused") ==
        (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")));
#endif
}

} // namespace qkv::testing
