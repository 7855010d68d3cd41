// The gradient against the numbers of the worked example, double precision and central differences.
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_backward.hpp"
#include "random_problem.hpp"
#include "reference_backward.hpp"

#include <algorithm>
#include <catch_amalgamated.hpp>

namespace qkv::testing {

namespace {

/// Σ dO·O of the reference.
double loss(const Problem& p, const std::vector<float>& output_gradient) {
  const auto output = reference::attend<double>(p).output;
  double sum = 0;
  for (std::size_t i = 0; i < output.size(); ++i)
    sum += static_cast<double>(output_gradient[i]) * output[i];
  return sum;
}

/// d loss / dx by central differences of four points, whose error is of order h⁴. x ± 2h are
/// float32 numbers.
double slope_at(float& x, const Problem& p, const std::vector<float>& output_gradient) {
  const float at = x;
  const float h = 0x1p-12F;
  const auto difference = [&](float step) {
    x = at + step;
    const double above = loss(p, output_gradient);
    x = at - step;
    const double below = loss(p, output_gradient);
    x = at;
    return (above - below) / (2 * static_cast<double>(step));
  };
  return (4 * difference(h) - difference(2 * h)) / 3;
}

/// Holds each derivative of the reference to central differences. Elements of −∞ exclude keys.
void check_differences(const char* what, float* elements, const std::vector<double>& gradient,
                       const Problem& p, const std::vector<float>& output_gradient) {
  INFO(what);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (std::isinf(elements[i])) {
      REQUIRE(gradient[i] == 0);
      continue;
    }
    const double expected = slope_at(elements[i], p, output_gradient);
    CAPTURE(i, gradient[i], expected);
    REQUIRE(std::abs(gradient[i] - expected) <= 1e-7 + 1e-6 * std::abs(expected));
  }
}

float* changeable(const float* from) {
  return const_cast<float*>(from); // NOLINT: the arrays belong to the test
}

/// The largest error of a gradient against double precision is at most twice that of naive float32
/// backward. `floor`: ULPs of the largest sum of magnitudes. Of a few numbers, naive hits some by
/// luck.
void check_accuracy(const Target& target, const OwnedProblem& owned, std::uint32_t seed,
                    double floor, Forward forward = Forward::computed_again) {
  const Problem& p = owned.problem;
  const auto output_gradient = random_output_gradient(p.extents, seed);
  const auto weights = forward == Forward::given ? reference::Weights::of_log_sum_exp
                                                 : reference::Weights::of_forward;
  const auto exact = reference::backward<double>(p, output_gradient.data());
  const auto naive = reference::backward<float>(p, output_gradient.data(), weights).gradients;
  const Gradients ours = backward(target, owned, output_gradient, forward);
  const auto check = [&](const char* what, const std::vector<float>& actual,
                         const std::vector<float>& of_naive, const std::vector<double>& expected,
                         const std::vector<double>& magnitudes) {
    INFO(what);
    REQUIRE(actual.size() == expected.size());
    CHECK(std::all_of(actual.begin(), actual.end(), [](float x) { return std::isfinite(x); }));
    const double naive_error = largest_error(of_naive, expected);
    const double our_error = largest_error(actual, expected);
    const double largest = largest_error(magnitudes, std::vector<double>(magnitudes.size()));
    CAPTURE(naive_error, our_error, largest);
    CHECK(our_error <= 2 * naive_error + floor * 0x1p-24 * largest);
  };
  const auto& e = exact.gradients;
  const auto& m = exact.magnitudes;
  check("query", ours.query, naive.query, e.query, m.query);
  check("key", ours.key, naive.key, e.key, m.key);
  check("value", ours.value, naive.value, e.value, m.value);
  check("bias", ours.bias, naive.bias, e.bias, m.bias);
  check("sinks", ours.sinks, naive.sinks, e.sinks, m.sinks);
  check("ALiBi slopes", ours.alibi_slopes, naive.alibi_slopes, e.alibi_slopes, m.alibi_slopes);
}

} // namespace

TEST_CASE("the gradients of the worked example", "[backward]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 1, .keys = 2, .depth = 2, .value_depth = 2});
  owned.query = {3, 4};
  owned.key = {1, 2, 2, 3};
  owned.value = {7, 8, 9, 10};
  const std::vector<float> bias(2); // whose gradient is ds
  owned.problem.bias = {.data = bias.data(), .extents = {1, 1, 1, 2}};
  const Gradients g = backward(target, owned, {1, 1});
  const Tolerance close{.absolute = 0, .relative = 1e-6};
  require_close("ds", g.bias, std::vector{-0.0279434196811, 0.0279434196811}, close);
  require_close("dQ", g.query, std::vector{0.0197589815461, 0.0197589815461}, close);
  require_close("dK", g.key,
                std::vector{-0.0592769446382, -0.0790359261843, 0.0592769446382, 0.0790359261843},
                close);
  require_close("dV", g.value,
                std::vector{0.00703535108517, 0.00703535108517, 0.992964648915, 0.992964648915},
                close);
}

TEST_CASE("the reference's gradients are its central differences", "[backward]") {
  const auto seed = static_cast<std::uint32_t>(GENERATE(range(0, 200)));
  CAPTURE(seed);
  Normal normal(seed);
  const int key_heads = 1 + normal.below(2);
  const Extents e{.batch = 1 + normal.below(2),
                  .heads = key_heads * (1 + normal.below(2)),
                  .key_heads = key_heads,
                  .queries = 1 + normal.below(4),
                  .keys = 1 + normal.below(6),
                  .depth = 1 + normal.below(3),
                  .value_depth = 1 + normal.below(3)};
  RandomProblem random(seed, normal, e);
  OwnedProblem& owned = random.owned;
  const Problem& p = owned.problem;
  const auto output_gradient = random_output_gradient(e, seed);
  auto exact = reference::backward<double>(p, output_gradient.data()).gradients;
  struct Input {
    const char* name;
    float* elements;
    std::vector<double> reference::Gradients<double>::* gradient;
  };
  const Input inputs[] = {
      {"query", owned.query.data(), &reference::Gradients<double>::query},
      {"key", owned.key.data(), &reference::Gradients<double>::key},
      {"value", owned.value.data(), &reference::Gradients<double>::value},
      {"bias", changeable(p.bias.data), &reference::Gradients<double>::bias},
      {"sinks", changeable(p.sinks), &reference::Gradients<double>::sinks},
      {"ALiBi slopes", changeable(p.alibi_slopes), &reference::Gradients<double>::alibi_slopes}};
  for (const Input& input : inputs) // to a grid on which x ± 2h is exact
    for (std::size_t i = 0; i < (exact.*input.gradient).size(); ++i)
      input.elements[i] = std::round(input.elements[i] * 0x1p14F) * 0x1p-14F;
  exact = reference::backward<double>(p, output_gradient.data()).gradients;
  for (const Input& input : inputs)
    check_differences(input.name, input.elements, exact.*input.gradient, p, output_gradient);
}

TEST_CASE("gradients of random combinations of all options", "[backward]") {
  FOR_EACH_TARGET(target);
  const auto seed = static_cast<std::uint32_t>(GENERATE(range(1000, 1500)));
  CAPTURE(seed);
  Normal normal(seed);
  const Extents e = random_extents(normal, seed % 3 == 0);
  const RandomProblem random(seed, normal, e);
  REQUIRE(validate(random.owned.problem).ok());
  check_accuracy(target, random.owned, seed, 8);
}

TEST_CASE("the error of gradients is at most twice that of naive float32", "[backward]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 4, 200);
  const double floor = queries < 200 ? 6 : 0; // few rows have few numbers
  const int keys = GENERATE(64, 1000);
  const int depth = GENERATE(16, 64, 128);
  CAPTURE(queries, keys, depth);
  OwnedProblem owned({.heads = 2,
                      .key_heads = 1,
                      .queries = queries,
                      .keys = keys,
                      .depth = depth,
                      .value_depth = depth},
                     static_cast<std::uint32_t>(keys + depth));
  owned.problem.causal = GENERATE(0, 1);
  owned.problem.align_end = 1;
  check_accuracy(target, owned, 5, floor, GENERATE(Forward::given, Forward::computed_again));
}

TEST_CASE("gradients of softcap, slopes, sinks and a bias over many keys", "[backward]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned(
      {.heads = 2, .key_heads = 2, .queries = 100, .keys = 500, .depth = 32, .value_depth = 32}, 9);
  Normal normal(3);
  const std::vector<float> bias = normal.vector(500);
  const std::vector<float> sinks = {1, 3};
  const std::vector<float> slopes = {0.01F, 0.002F};
  owned.problem.bias = {.data = bias.data(), .extents = {1, 1, 1, 500}};
  owned.problem.sinks = sinks.data();
  owned.problem.alibi_slopes = slopes.data();
  owned.problem.softcap = GENERATE(0.0F, 2.0F);
  check_accuracy(target, owned, 6, 1);
}

TEST_CASE("gradients where Q·Kᵀ alone would overflow or vanish", "[backward]") {
  FOR_EACH_TARGET(target);
  const auto [size, scale] =
      GENERATE(std::pair{1e20F, 1e-40F}, std::pair{1e20F, -1e-40F}, std::pair{1e-18F, 1e36F});
  OwnedProblem owned({.queries = 7, .keys = 130, .depth = 5, .value_depth = 3}, 4, size);
  owned.problem.scale = scale;
  const auto output_gradient = random_output_gradient(owned.problem.extents, 8);
  const auto exact = reference::backward<double>(owned.problem, output_gradient.data()).gradients;
  const Gradients ours = backward(target, owned, output_gradient);
  const auto check = [](const char* what, const std::vector<float>& actual,
                        const std::vector<double>& expected) {
    const double largest = largest_error(expected, std::vector<double>(expected.size()));
    require_close(what, actual, expected, {.absolute = 4e-6 * largest, .relative = 0});
  };
  check("query", ours.query, exact.query);
  check("key", ours.key, exact.key);
  check("value", ours.value, exact.value);
}

} // namespace qkv::testing
