// What gradients promise beside their numbers: identities, exact zeros, poison, bits and memory.
#include "blocks.hpp"
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_backward.hpp"
#include "random_problem.hpp"

#include <algorithm>
#include <catch_amalgamated.hpp>
#include <cstring>
#include <numeric>

namespace qkv::testing {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

constexpr Extents usual{.batch = 2,
                        .heads = 4,
                        .key_heads = 2,
                        .queries = 53,
                        .keys = 150,
                        .depth = 9,
                        .value_depth = 7};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void require_same_bits(const Gradients& actual, const Gradients& expected) {
  actual.for_each(expected, [](const char* what, const auto& a, const auto& b) {
    INFO(what);
    REQUIRE(same_bits(a, b));
  });
}

float* row_in(std::vector<float>& tensor, int row, int columns) {
  return tensor.data() + static_cast<std::ptrdiff_t>(row) * columns;
}

bool is_zero(const std::vector<float>& tensor, int row, int columns) {
  const auto first = tensor.begin() + static_cast<std::ptrdiff_t>(row) * columns;
  return std::all_of(first, first + columns, [](float x) { return x == 0; });
}

} // namespace

TEST_CASE("the gradients of a row's scores sum to 0", "[backward]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  const std::vector<float> bias(OwnedProblem::size({2, 4, 53, 150})); // whose gradient is ds
  owned.problem.bias = {.data = bias.data(), .extents = {2, 4, 53, 150}};
  owned.problem.causal = GENERATE(0, 1);
  const Gradients g = backward(target, owned, random_output_gradient(usual, 1));
  for (auto row = g.bias.begin(); row != g.bias.end(); row += usual.keys)
    REQUIRE(std::abs(std::accumulate(row, row + usual.keys, 0.0)) <= 2e-6);
}

TEST_CASE("causal gradients do not reach later keys", "[backward]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 200, .keys = 300, .depth = 6, .value_depth = 5};
  OwnedProblem owned(e);
  owned.problem.causal = 1;
  const int only = GENERATE(0, 30, 119, 120, 199); // the one row with a gradient
  auto output_gradient = random_output_gradient(e, 2);
  std::fill(output_gradient.begin(), output_gradient.begin() + only * 5, 0.0F);
  std::fill(output_gradient.begin() + (only + 1) * 5, output_gradient.end(), 0.0F);
  const Gradients g = backward(target, owned, output_gradient);
  for (int j = 0; j < e.keys; ++j) {
    CAPTURE(j);
    REQUIRE(is_zero(g.value, j, 5) == (j > only));
    REQUIRE((is_zero(g.key, j, 6) || j <= only));
  }
  REQUIRE((only == 0 || !is_zero(g.key, only, 6)));
}

TEST_CASE("a permutation of keys permutes their gradients", "[backward]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 50, .keys = 260, .depth = 6, .value_depth = 5};
  OwnedProblem owned(e);
  OwnedProblem permuted(e);
  std::vector<int> order(260);
  std::iota(order.begin(), order.end(), 0);
  std::rotate(order.begin(), order.begin() + 77, order.end());
  std::reverse(order.begin() + 100, order.end());
  for (int j = 0; j < e.keys; ++j) {
    const int from = order[static_cast<std::size_t>(j)];
    std::copy_n(row_in(owned.key, from, 6), 6, row_in(permuted.key, j, 6));
    std::copy_n(row_in(owned.value, from, 5), 5, row_in(permuted.value, j, 5));
  }
  const auto output_gradient = random_output_gradient(e, 3);
  Gradients expected = backward(target, owned, output_gradient);
  const Gradients actual = backward(target, permuted, output_gradient);
  require_close("query", actual.query, expected.query);
  Gradients moved = expected;
  for (int j = 0; j < e.keys; ++j) {
    const int from = order[static_cast<std::size_t>(j)];
    std::copy_n(row_in(expected.key, from, 6), 6, row_in(moved.key, j, 6));
    std::copy_n(row_in(expected.value, from, 5), 5, row_in(moved.value, j, 5));
  }
  require_close("key", actual.key, moved.key);
  require_close("value", actual.value, moved.value);
}

TEST_CASE("excluded keys get exactly 0 and their poison touches nothing", "[backward]") {
  FOR_EACH_TARGET(target);
  const float poison = GENERATE(nan, infinity, -infinity);
  const int queries = GENERATE(1, 4, 60);
  const Extents e{.queries = queries, .keys = 290, .depth = 6, .value_depth = 9};
  OwnedProblem clean(e);
  OwnedProblem poisoned(e);
  const int excluded = GENERATE(0, 50, 119, 120, 289);
  std::vector<std::uint8_t> mask(290, 1);
  std::vector<float> bias(290);
  mask[static_cast<std::size_t>(excluded)] = 0;
  bias[static_cast<std::size_t>(excluded)] = -infinity;
  const bool by_mask = GENERATE(true, false);
  const float softcap = GENERATE(0.0F, 2.0F);
  for (OwnedProblem* owned : {&clean, &poisoned}) {
    owned->problem.softcap = softcap;
    owned->problem.scale = -0.5F;
    if (by_mask)
      owned->problem.mask = {.data = mask.data(), .extents = {1, 1, 1, 290}};
    else
      owned->problem.bias = {.data = bias.data(), .extents = {1, 1, 1, 290}};
  }
  std::fill_n(row_in(poisoned.key, excluded, 6), 6, poison);
  std::fill_n(row_in(poisoned.value, excluded, 9), 9, poison);
  const auto output_gradient = random_output_gradient(e, 4);
  const Gradients actual = backward(target, poisoned, output_gradient);
  require_same_bits(actual, backward(target, clean, output_gradient));
  CHECK(is_zero(actual.key, excluded, 6));
  CHECK(is_zero(actual.value, excluded, 9));
  if (!by_mask)
    CHECK(actual.bias[static_cast<std::size_t>(excluded)] == 0);
}

TEST_CASE("an empty row gives and gets exactly 0, whatever it holds", "[backward]") {
  FOR_EACH_TARGET(target);
  const float poison = GENERATE(nan, infinity, 1.0F);
  const Forward forward = GENERATE(Forward::given, Forward::computed_again);
  const Extents e{.queries = 70, .keys = 150, .depth = 6, .value_depth = 9};
  const int empty = GENERATE(0, 47, 48, 69);
  OwnedProblem clean(e);
  OwnedProblem poisoned(e);
  std::vector<std::uint8_t> mask(70 * 150, 1);
  std::fill_n(mask.begin() + empty * 150, 150, std::uint8_t{0});
  const std::vector<float> sinks = {0.5F};
  for (OwnedProblem* owned : {&clean, &poisoned}) {
    owned->problem.mask = {.data = mask.data(), .extents = {1, 1, 70, 150}};
    owned->problem.sinks = sinks.data();
  }
  auto of_clean = random_output_gradient(e, 5);
  auto of_poisoned = of_clean;
  std::fill_n(row_in(of_clean, empty, 9), 9, 0.0F);
  std::fill_n(row_in(of_poisoned, empty, 9), 9, poison);
  std::fill_n(row_in(poisoned.query, empty, 6), 6, poison);
  const Gradients actual = backward(target, poisoned, of_poisoned, forward);
  require_same_bits(actual, backward(target, clean, of_clean, forward));
  CHECK(is_zero(actual.query, empty, 6));
}

TEST_CASE("NaN in a key or a row reaches only the rows and keys that attend it", "[backward]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 60, .keys = 60, .depth = 4, .value_depth = 3};
  OwnedProblem owned(e);
  owned.problem.causal = 1;
  auto output_gradient = random_output_gradient(e, 6);
  const bool in_query = GENERATE(true, false);
  *row_in(in_query ? owned.query : output_gradient, 20, in_query ? 4 : 3) = nan;
  Gradients g = backward(target, owned, output_gradient);
  for (int j = 0; j < 60; ++j) {
    CAPTURE(j);
    REQUIRE(std::isnan(*row_in(g.query, j, 4)) == (j == 20));
    REQUIRE(std::isnan(*row_in(g.key, j, 4)) == (j <= 20));
  }
}

TEST_CASE("a forward pass that is given is as good as one computed again", "[backward]") {
  FOR_EACH_TARGET(target);
  const auto seed = static_cast<std::uint32_t>(GENERATE(range(0, 60)));
  CAPTURE(seed);
  Normal normal(seed);
  const Extents e = random_extents(normal, seed % 3 == 0);
  const RandomProblem random(seed, normal, e);
  const auto output_gradient = random_output_gradient(e, seed);
  // The log-sum-exp that is given has been rounded: all weights of a row are off by its last bits.
  const Gradients given = backward(target, random.owned, output_gradient, Forward::given);
  const Gradients again = backward(target, random.owned, output_gradient, Forward::computed_again);
  given.for_each(again, [](const char* what, const auto& a, const auto& b) {
    require_close(what, a, b, {.absolute = 2e-5, .relative = 2e-5});
  });
}

TEST_CASE("each gradient has the same bits without the others", "[backward]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(usual);
  const std::vector<float> sinks = {0, 1, 2, 3};
  const std::vector<float> slopes = {0.1F, 0, 0.2F, 0.3F};
  const std::vector<float> bias(150);
  owned.problem.bias = {.data = bias.data(), .extents = {1, 1, 1, 150}};
  owned.problem.sinks = sinks.data();
  owned.problem.alibi_slopes = slopes.data();
  owned.problem.causal = 1;
  const auto output_gradient = random_output_gradient(usual, 7);
  const Gradients all = backward(target, owned, output_gradient, Forward::given);
  static int kept;
  kept = GENERATE(range(0, 6));
  const Gradients one = backward(target, owned, output_gradient, Forward::given, [](Backward& to) {
    to.query = kept == 0 ? to.query : Tensor<float>{};
    to.key = kept == 1 ? to.key : Tensor<float>{};
    to.value = kept == 2 ? to.value : Tensor<float>{};
    to.bias = kept == 3 ? to.bias : nullptr;
    to.sinks = kept == 4 ? to.sinks : nullptr;
    to.alibi_slopes = kept == 5 ? to.alibi_slopes : nullptr;
  });
  int i = 0;
  one.for_each(all, [&](const char* what, const auto& alone, const auto& together) {
    INFO(what);
    if (i++ == kept)
      CHECK(same_bits(alone, together));
    else
      CHECK(same_bits(alone, std::vector<float>(together.size(), 12345.0F)));
  });
}

TEST_CASE("extents of 0 give gradients of 0", "[backward]") {
  FOR_EACH_TARGET(target);
  Extents e = usual;
  SECTION("queries") {
    e.queries = 0;
  }
  SECTION("keys") {
    e.keys = 0;
  }
  SECTION("value depth") {
    e.value_depth = 0;
  }
  SECTION("batch") {
    e.batch = 0;
  }
  OwnedProblem owned(e);
  const std::vector<float> sinks(4, 1.0F);
  owned.problem.sinks = sinks.data();
  const Gradients g = backward(target, owned, random_output_gradient(e, 8));
  g.for_each(g, [](const char* what, const auto& gradient, const auto&) {
    INFO(what);
    CHECK(std::all_of(gradient.begin(), gradient.end(), [](float x) { return x == 0; }));
  });
}

TEST_CASE("the workspace of backward does not grow with L or S", "[backward]") {
  FOR_EACH_TARGET(target);
  // From 1920 keys on, sums are also kept in double (long_sums.hpp).
  OwnedProblem owned({.keys = 2000, .depth = 128, .value_depth = 128});
  const std::size_t small = target.backward_workspace_bytes(owned.problem);
  owned.problem.extents.queries = owned.problem.extents.keys = 8192;
  owned.problem.extents.heads = 32;
  CHECK(target.backward_workspace_bytes(owned.problem) == small);
  CHECK(small <= 2U << 20U);
}

#if !defined(__wasm__) && (defined(__x86_64__) || defined(__aarch64__))

TEST_CASE("gradients of scalar and simd have the same bits", "[backward]") {
  const auto seed = static_cast<std::uint32_t>(GENERATE(range(0, 100)));
  CAPTURE(seed);
  Normal normal(seed);
  const Extents e = random_extents(normal, seed % 3 == 0);
  const RandomProblem random(seed, normal, e);
  const auto output_gradient = random_output_gradient(e, seed);
  require_same_bits(backward(*targets()[0], random.owned, output_gradient),
                    backward(*targets()[1], random.owned, output_gradient));
}

#endif

} // namespace qkv::testing
