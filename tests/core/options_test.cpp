// Every option, alone and combined, against the reference; and what masks promise.
#include "blocks.hpp"
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <algorithm>
#include <array>
#include <catch_amalgamated.hpp>

namespace qkv::testing {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

void check_against_reference(const Target& target, const OwnedProblem& owned,
                             Tolerance tolerance = {.absolute = 4e-6, .relative = 4e-6}) {
  REQUIRE(validate(owned.problem).ok());
  const auto expected = reference::attend<double>(owned.problem);
  const Result plain = owned.attend(target);
  const Result captured = owned.attend(target, true);
  require_close("output", plain.output, expected.output, tolerance);
  CHECK(plain.output == captured.output);
  require_close("scores raw", captured.scores_raw, expected.scores_raw, tolerance);
  require_close("scores capped", captured.scores_capped, expected.scores_capped, tolerance);
  require_close("scores masked", captured.scores_masked, expected.scores_masked, tolerance);
  require_close("weights", captured.weights, expected.weights, tolerance);
  require_close("log-sum-exp", captured.log_sum_exp, expected.log_sum_exp, tolerance);
}

constexpr Extents usual{.batch = 2,
                        .heads = 4,
                        .key_heads = 2,
                        .queries = 13,
                        .keys = 150,
                        .depth = 8,
                        .value_depth = 7};

} // namespace

TEST_CASE("scale of any sign and size", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  owned.problem.scale = GENERATE(1.0F, 0.3F, -0.3F, 0.0F, -0.0F, 1e-3F, 1e-35F, -1e-35F, 5.0F);
  check_against_reference(target, owned, {.absolute = 2e-5, .relative = 4e-6});
}

TEST_CASE("huge scales of tiny queries", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  for (float& q : owned.query)
    q *= 1e-36F;
  owned.problem.scale = 1e36F;
  check_against_reference(target, owned, {.absolute = 2e-5, .relative = 4e-6});
}

TEST_CASE("softcap", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  owned.problem.softcap = GENERATE(0.5F, 2.0F, 50.0F);
  check_against_reference(target, owned);
}

TEST_CASE("causal with offsets and alignment", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  owned.problem.causal = 1;
  const std::array<std::int32_t, 2> offsets = {GENERATE(-20, -5, 0, 3, 119, 1000), 1};
  const std::array<std::int32_t, 2> lengths = {150, GENERATE(0, 7, 120)};
  SECTION("offset") {
    owned.problem.query_offset = offsets.data();
  }
  SECTION("offset and key lengths") {
    owned.problem.query_offset = offsets.data();
    owned.problem.key_lengths = lengths.data();
  }
  SECTION("end") {
    owned.problem.align_end = 1;
  }
  SECTION("end of key lengths") {
    owned.problem.align_end = 1;
    owned.problem.key_lengths = lengths.data();
  }
  check_against_reference(target, owned);
}

TEST_CASE("sliding window", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  owned.problem.window_left = GENERATE(0, 1, 30, unbounded);
  owned.problem.window_right = GENERATE(0, 1, 30, unbounded);
  owned.problem.causal = GENERATE(0, 1);
  owned.problem.align_end = GENERATE(0, 1);
  check_against_reference(target, owned);
}

TEST_CASE("mask and bias of every broadcast", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  const int broadcast = GENERATE(range(0, 16));
  const std::array full = {usual.batch, usual.heads, usual.queries, usual.keys};
  std::array<std::int32_t, 4> extents{};
  for (std::size_t axis = 0; axis < 4; ++axis)
    extents[axis] = (broadcast >> axis & 1) != 0 ? full[axis] : 1;
  const std::size_t count = OwnedProblem::size({extents[0], extents[1], extents[2], extents[3]});
  Normal normal(7);
  std::vector<std::uint8_t> mask(count);
  for (std::uint8_t& m : mask)
    m = static_cast<std::uint8_t>(normal.below(3));
  std::vector<float> bias = normal.vector(count);
  for (float& b : bias)
    b = normal.below(4) == 0 ? -infinity : b;

  const int which = GENERATE(1, 2, 3);
  if ((which & 1) != 0) {
    owned.problem.mask.data = mask.data();
    std::copy(extents.begin(), extents.end(), owned.problem.mask.extents);
  }
  if ((which & 2) != 0) {
    owned.problem.bias.data = bias.data();
    std::copy(extents.begin(), extents.end(), owned.problem.bias.extents);
  }
  owned.problem.causal = GENERATE(0, 1);
  check_against_reference(target, owned);
}

TEST_CASE("ALiBi and sinks", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  const std::array slopes = {0.5F, 0.25F, 0.0F, -0.125F};
  const std::array sinks = {0.0F, -3.0F, 10.0F, 100.0F};
  const int which = GENERATE(1, 2, 3);
  if ((which & 1) != 0)
    owned.problem.alibi_slopes = slopes.data();
  if ((which & 2) != 0)
    owned.problem.sinks = sinks.data();
  owned.problem.causal = GENERATE(0, 1);
  owned.problem.align_end = GENERATE(0, 1);
  check_against_reference(target, owned, {.absolute = 1e-5, .relative = 4e-6});
}

TEST_CASE("ALiBi at far positions", "[options]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 20, .keys = 5, .depth = 1, .value_depth = 2});
  const std::array slope = {1.0F};
  const std::array<std::int32_t, 1> offset = {GENERATE(16777217, 2147483647, -2147483647)};
  owned.problem.alibi_slopes = slope.data();
  owned.problem.query_offset = offset.data();
  owned.query.assign(20, 0);
  const Result result = owned.attend(target, true);
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j = 0; j < 5; ++j) {
      const double distance = std::abs(static_cast<double>(i) + offset[0] - static_cast<double>(j));
      // Two roundings to float32, whatever the distance.
      REQUIRE(std::abs(static_cast<double>(result.scores_masked[i * 5 + j]) + distance) <=
              1.2e-7 * distance);
    }
}

TEST_CASE("random combinations of all options", "[options]") {
  FOR_EACH_TARGET(target);
  const auto seed = static_cast<std::uint32_t>(GENERATE(range(0, 300)));
  CAPTURE(seed);
  Normal normal(seed);
  const int key_heads = 1 + normal.below(2);
  const bool few = seed % 3 == 0; // rows, which are computed in another way
  const Extents e{.batch = 1 + normal.below(2),
                  .heads = key_heads * (1 + normal.below(few ? 2 : 3)),
                  .key_heads = key_heads,
                  .queries = 1 + normal.below(few ? 2 : 60),
                  .keys = 1 + normal.below(few ? run_of_keys(decode_rows) + 340 : 290),
                  .depth = 1 + normal.below(20),
                  .value_depth = 1 + normal.below(20)};
  OwnedProblem owned(e, seed);
  Problem& p = owned.problem;
  const auto sometimes = [&] { return normal.below(3) == 0; };
  const auto heads = static_cast<std::size_t>(e.heads);
  const auto batch = static_cast<std::size_t>(e.batch);

  p.causal = normal.below(2);
  p.align_end = normal.below(2);
  const std::vector<std::int32_t> offsets(batch, normal.below(100) - 30);
  if (sometimes())
    p.query_offset = offsets.data();
  std::vector<std::int32_t> lengths(batch);
  for (auto& length : lengths)
    length = normal.below(e.keys + 1);
  if (sometimes())
    p.key_lengths = lengths.data();
  if (sometimes())
    p.window_left = normal.below(200);
  if (sometimes())
    p.window_right = normal.below(200);
  if (sometimes())
    p.softcap = 3;
  // Times the distance of the furthest key: larger scores have no digits for the tolerance.
  const float steepest = 130.0F / static_cast<float>(std::max(e.keys, 1300));
  const std::vector<float> slopes = normal.vector(heads, steepest);
  if (sometimes())
    p.alibi_slopes = slopes.data();
  const std::vector<float> sinks = normal.vector(heads);
  if (sometimes())
    p.sinks = sinks.data();
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(e.queries) *
                                 static_cast<std::size_t>(e.keys));
  for (auto& m : mask)
    m = normal.below(5) != 0 ? 1 : 0;
  if (sometimes())
    p.mask = {.data = mask.data(), .extents = {1, 1, e.queries, e.keys}};
  std::vector<float> bias = normal.vector(heads * static_cast<std::size_t>(e.keys));
  if (sometimes())
    p.bias = {.data = bias.data(), .extents = {1, e.heads, 1, e.keys}};
  check_against_reference(target, owned, {.absolute = 1e-5, .relative = 4e-6});
}

TEST_CASE("excluded keys have no influence, whatever they hold", "[masks]") {
  FOR_EACH_TARGET(target);
  const float poison = GENERATE(nan, infinity, -infinity);
  const Extents e{.queries = 60, .keys = 140, .depth = 6, .value_depth = 9};
  OwnedProblem clean(e);
  OwnedProblem poisoned(e);
  const int poisoned_key = GENERATE(3, 50, 119, 120, 139);

  // Queries at or past the poisoned key may not attend it; those before may, without harm to these.
  std::vector<std::uint8_t> mask(60 * 140, 1);
  for (int i = 20; i < 60; ++i)
    mask[static_cast<std::size_t>(i * 140 + poisoned_key)] = 0;
  const auto row = [&](std::vector<float>& data, int columns) {
    return data.data() + static_cast<std::ptrdiff_t>(poisoned_key) * columns;
  };
  const bool in_key = GENERATE(true, false);
  if (in_key)
    std::fill_n(row(poisoned.key, e.depth), e.depth, poison);
  std::fill_n(row(poisoned.value, e.value_depth), e.value_depth, poison);
  for (OwnedProblem* owned : {&clean, &poisoned})
    owned->problem.mask = {.data = mask.data(), .extents = {1, 1, 60, 140}};

  const Result expected = clean.attend(target, true);
  const Result actual = poisoned.attend(target, true);
  const std::ptrdiff_t first_safe = 20;
  CHECK(std::equal(actual.output.begin() + first_safe * e.value_depth, actual.output.end(),
                   expected.output.begin() + first_safe * e.value_depth));
  CHECK(std::equal(actual.weights.begin() + first_safe * e.keys, actual.weights.end(),
                   expected.weights.begin() + first_safe * e.keys));
  CHECK(std::equal(actual.log_sum_exp.begin() + first_safe, actual.log_sum_exp.end(),
                   expected.log_sum_exp.begin() + first_safe));
  if (std::isnan(poison))
    for (std::ptrdiff_t i = 0; i < first_safe * e.value_depth; ++i)
      REQUIRE(std::isnan(actual.output[static_cast<std::size_t>(i)]));
}

TEST_CASE("of few rows, too, excluded keys have no influence", "[masks]") {
  FOR_EACH_TARGET(target);
  const float poison = GENERATE(nan, infinity, -infinity);
  static constexpr std::size_t run = run_of_keys(2);
  const std::size_t poisoned_key = GENERATE(std::size_t{0}, 119U, 120U, run - 1, run, run + 139);
  const Extents e{.queries = 2, .keys = run_of_keys(2) + 140, .depth = 6, .value_depth = 9};
  OwnedProblem clean(e);
  OwnedProblem poisoned(e);
  std::vector<std::uint8_t> mask(run + 140, 1);
  mask[poisoned_key] = 0;
  std::fill_n(poisoned.key.data() + poisoned_key * 6, 6, poison);
  std::fill_n(poisoned.value.data() + poisoned_key * 9, 9, poison);
  for (OwnedProblem* owned : {&clean, &poisoned})
    owned->problem.mask = {.data = mask.data(), .extents = {1, 1, 1, e.keys}};
  CHECK(poisoned.attend(target).output == clean.attend(target).output);
}

TEST_CASE("a score that is NaN is not lost where values of excluded keys are skipped", "[masks]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 2, decode_rows, decode_rows + 1);
  OwnedProblem owned({.queries = queries, .keys = 5, .depth = 6, .value_depth = 9});
  std::vector<std::uint8_t> mask = {0, 1, 1, 1, 1};
  std::fill_n(owned.value.begin(), 9, infinity); // of the excluded key
  std::fill(owned.query.begin(), owned.query.end(), 0.0F);
  std::fill_n(owned.key.begin() + 3 * 6, 6, infinity); // 0·∞, whose sign x86 sets
  owned.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, 5}};
  for (const float output : owned.attend(target).output)
    CHECK(std::isnan(output));
}

TEST_CASE("blocks of keys that a mask or bias excludes or includes as a whole", "[masks]") {
  FOR_EACH_TARGET(target);
  // Keys 0 to 119 excluded, 120 to 239 included, of the rest one for each row.
  const Extents e{.queries = 50, .keys = 300, .depth = 6, .value_depth = 5};
  OwnedProblem owned(e);
  std::vector<std::uint8_t> mask(50 * 300);
  std::vector<float> bias(50 * 300, -infinity);
  for (std::size_t i = 0; i < 50; ++i)
    for (std::size_t j = 120; j < 300; ++j)
      if (j < 240 || j - 240 == i % 60) {
        mask[i * 300 + j] = 1;
        bias[i * 300 + j] = static_cast<float>(i) - static_cast<float>(j) / 64;
      }
  std::fill_n(owned.key.begin(), 120 * e.depth, nan);
  std::fill_n(owned.value.begin(), 120 * e.value_depth, nan);
  const int which = GENERATE(1, 2, 3);
  if ((which & 1) != 0)
    owned.problem.mask = {.data = mask.data(), .extents = {1, 1, 50, 300}};
  if ((which & 2) != 0)
    owned.problem.bias = {.data = bias.data(), .extents = {1, 1, 50, 300}};
  check_against_reference(target, owned, {.absolute = 1e-5, .relative = 4e-6});
}

TEST_CASE("of few rows, too, blocks of keys that are excluded as a whole", "[masks]") {
  FOR_EACH_TARGET(target);
  static constexpr int block = decode_block_keys;
  static constexpr int keys = 3 * block + 60;
  const int excluded_block = GENERATE(0, 1, 2);
  const Extents e{
      .queries = GENERATE(1, 2, decode_rows), .keys = keys, .depth = 6, .value_depth = 5};
  OwnedProblem owned(e);
  std::vector<std::uint8_t> mask(keys, 1);
  std::vector<float> bias(keys);
  std::fill_n(mask.begin() + excluded_block * block, block, std::uint8_t{0});
  std::fill_n(bias.begin() + excluded_block * block, block, -infinity);
  std::fill_n(owned.key.begin() + excluded_block * block * e.depth, block * e.depth, nan);
  std::fill_n(owned.value.begin() + excluded_block * block * e.value_depth, block * e.value_depth,
              nan);
  const int which = GENERATE(1, 2, 3);
  if ((which & 1) != 0)
    owned.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, keys}};
  if ((which & 2) != 0)
    owned.problem.bias = {.data = bias.data(), .extents = {1, 1, 1, keys}};
  check_against_reference(target, owned, {.absolute = 1e-5, .relative = 4e-6});
}

TEST_CASE("NaN in a query stays in its row", "[masks]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 10, .keys = 20, .depth = 4, .value_depth = 3};
  const OwnedProblem clean(e);
  OwnedProblem poisoned(e);
  poisoned.query[4 * 4] = nan;
  const Result expected = clean.attend(target);
  const Result actual = poisoned.attend(target);
  for (std::size_t i = 0; i < actual.output.size(); ++i)
    if (i / 3 == 4)
      CHECK(std::isnan(actual.output[i]));
    else
      CHECK(actual.output[i] == expected.output[i]);
}

TEST_CASE("a row with no key left is exactly 0", "[masks]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 7, .keys = 5, .depth = 4, .value_depth = 3};
  OwnedProblem owned(e);
  const std::array<std::uint8_t, 5> no_key{};
  const std::array<float, 5> excluding = {-infinity, -infinity, -infinity, -infinity, -infinity};
  const std::array<std::int32_t, 1> before_all = {-7};
  const std::array<std::int32_t, 1> length = {0};
  SECTION("mask") {
    owned.problem.mask = {.data = no_key.data(), .extents = {1, 1, 1, 5}};
  }
  SECTION("bias") {
    owned.problem.bias = {.data = excluding.data(), .extents = {1, 1, 1, 5}};
  }
  SECTION("key length") {
    owned.problem.key_lengths = length.data();
  }
  SECTION("causal offset") {
    owned.problem.causal = 1;
    owned.problem.query_offset = before_all.data();
  }
  SECTION("poisoned values") {
    owned.problem.mask = {.data = no_key.data(), .extents = {1, 1, 1, 5}};
    std::fill(owned.value.begin(), owned.value.end(), nan);
    std::fill(owned.key.begin(), owned.key.end(), nan);
  }
  const Result result = owned.attend(target, true);
  CHECK(result.output == std::vector<float>(21, 0.0F));
  CHECK(result.weights == std::vector<float>(35, 0.0F));
  CHECK(result.log_sum_exp == std::vector<float>(7, -infinity));
}

TEST_CASE("the log-sum-exp of an empty row with a sink is the sink", "[masks]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 7, .keys = 5, .depth = 4, .value_depth = 3});
  const std::array<std::uint8_t, 5> no_key{};
  const std::array sink = {2.5F};
  owned.problem.mask = {.data = no_key.data(), .extents = {1, 1, 1, 5}};
  owned.problem.sinks = sink.data();
  const Result result = owned.attend(target, true);
  CHECK(result.output == std::vector<float>(21, 0.0F));
  CHECK(result.weights == std::vector<float>(35, 0.0F));
  CHECK(result.log_sum_exp == std::vector<float>(7, 2.5F));
}

} // namespace qkv::testing
