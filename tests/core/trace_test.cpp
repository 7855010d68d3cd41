#include "closeness.hpp"
#include "each_target.hpp"
#include "operations/trace.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <array>
#include <numeric>

namespace qkv::testing {

namespace {

struct OwnedTrace {
  explicit OwnedTrace(const Extents& e)
      : rows(OwnedProblem::size({e.batch, e.heads, e.queries})),
        pairs(rows * static_cast<std::size_t>(e.keys)), products(pairs), scaled(pairs),
        masked(pairs), row_max(rows), exponentials(pairs), row_sum(rows), weights(pairs),
        contributions(pairs * static_cast<std::size_t>(e.value_depth)),
        output(rows * static_cast<std::size_t>(e.value_depth)) {}

  void run(const Target& target, Problem problem) {
    const Extents& e = problem.extents;
    problem.output = OwnedProblem::dense(output.data(), e.heads, e.queries, e.value_depth);
    Workspace workspace(target.workspace_bytes(problem));
    target.trace(problem,
                 {.products = products.data(),
                  .scaled = scaled.data(),
                  .masked = masked.data(),
                  .row_max = row_max.data(),
                  .exponentials = exponentials.data(),
                  .row_sum = row_sum.data(),
                  .weights = weights.data(),
                  .contributions = contributions.data()},
                 workspace.data());
  }

  std::size_t rows, pairs;
  std::vector<float> products, scaled, masked, row_max, exponentials, row_sum, weights,
      contributions, output;
};

} // namespace

TEST_CASE("the worked example, step by step", "[trace]") {
  FOR_EACH_TARGET(target);
  // Q = [3 4], K = [1 2; 2 3], V = [7 8; 9 10]; the numbers are those of the article, in float64.
  OwnedProblem owned({.queries = 1, .keys = 2, .depth = 2, .value_depth = 2});
  owned.query = {3, 4};
  owned.key = {1, 2, 2, 3};
  owned.value = {7, 8, 9, 10};
  OwnedTrace t(owned.problem.extents);
  t.run(target, owned.problem);
  using Row = std::vector<double>;
  const Tolerance close{.absolute = 0, .relative = 5e-7};
  require_close("products", t.products, Row{11, 18}, {.absolute = 0, .relative = 0});
  require_close("scaled", t.scaled, Row{7.778174593, 12.727922061}, close);
  require_close("masked", t.masked, Row{7.778174593, 12.727922061}, close);
  require_close("row max", t.row_max, Row{12.727922061}, close);
  require_close("exponentials", t.exponentials, Row{0.0070851976, 1}, {1e-8, 5e-6});
  require_close("row sum", t.row_sum, Row{1.0070851976}, close);
  require_close("weights", t.weights, Row{0.007035351, 0.992964649}, {1e-8, 5e-6});
  require_close("contributions", t.contributions,
                Row{0.049247457, 0.056282808, 8.936681841, 9.92964649}, {1e-7, 5e-6});
  require_close("output", t.output, Row{8.985929298, 9.985929298}, close);
}

TEST_CASE("a trace holds together with every option", "[trace]") {
  FOR_EACH_TARGET(target);
  const Extents e{.batch = 2,
                  .heads = 4,
                  .key_heads = 2,
                  .queries = 3,
                  .keys = 9,
                  .depth = 5,
                  .value_depth = 3};
  OwnedProblem owned(e);
  const std::array slopes = {0.1F, 0.2F, 0.3F, 0.4F};
  const std::array sinks = {0.0F, 1.0F, -1.0F, 30.0F};
  const std::array<std::uint8_t, 9> mask = {1, 1, 0, 1, 1, 1, 0, 1, 1};
  std::fill_n(owned.value.begin() + 2 * e.value_depth, e.value_depth,
              std::numeric_limits<float>::quiet_NaN()); // of a masked key of the first head
  owned.problem.causal = 1;
  owned.problem.softcap = 2;
  owned.problem.alibi_slopes = slopes.data();
  owned.problem.sinks = sinks.data();
  owned.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, 9}};
  OwnedTrace t(e);
  t.run(target, owned.problem);

  const auto expected = reference::attend<double>(owned.problem);
  require_close("scaled", t.scaled, expected.scores_raw);
  require_close("masked", t.masked, expected.scores_masked);
  require_close("weights", t.weights, expected.weights);
  require_close("output", t.output, expected.output);
  for (std::size_t row = 0; row < t.rows; ++row) {
    std::vector<double> output(3);
    for (std::size_t k = 0; k < 9; ++k) {
      const std::size_t i = row * 9 + k;
      CHECK(std::abs(t.exponentials[i] / t.row_sum[row] - t.weights[i]) <= 1e-6F);
      for (std::size_t c = 0; c < 3; ++c)
        output[c] += static_cast<double>(t.contributions[i * 3 + c]);
    }
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(std::abs(output[c] - static_cast<double>(t.output[row * 3 + c])) <= 1e-6);
  }
}

TEST_CASE("the trace of a row that is NaN or overflowed is NaN", "[trace]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 1, .keys = 1, .depth = 1, .value_depth = 1});
  owned.query = {GENERATE(1e30F, std::numeric_limits<float>::quiet_NaN())};
  owned.key = {-1e30F};
  OwnedTrace t(owned.problem.extents);
  t.run(target, owned.problem);
  for (const auto* part : {&t.exponentials, &t.row_sum, &t.weights, &t.contributions, &t.output})
    CHECK(std::isnan((*part)[0]));
}

TEST_CASE("the trace of an empty row", "[trace]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = 1, .keys = 2, .depth = 2, .value_depth = 1});
  const std::array<std::uint8_t, 2> mask{};
  owned.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, 2}};
  OwnedTrace t(owned.problem.extents);
  t.run(target, owned.problem);
  const float minus_infinity = -std::numeric_limits<float>::infinity();
  CHECK(t.masked == std::vector{minus_infinity, minus_infinity});
  CHECK(t.row_max == std::vector{minus_infinity});
  CHECK(t.exponentials == std::vector{0.0F, 0.0F});
  CHECK(t.row_sum == std::vector{0.0F});
  CHECK(t.weights == std::vector{0.0F, 0.0F});
  CHECK(t.output == std::vector{0.0F});
}

} // namespace qkv::testing
