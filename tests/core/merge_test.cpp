#include "closeness.hpp"
#include "each_target.hpp"
#include "operations/merge.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <array>

namespace qkv::testing {

namespace {

struct Merged {
  std::vector<float> output, log_sum_exp;
};

Merged merge_dense(const Target& target, const Extents& e, std::span<const Result> results) {
  std::vector<MergePart> parts;
  for (const Result& r : results)
    parts.push_back(
        {.output = OwnedProblem::dense(r.output.data(), e.heads, e.queries, e.value_depth),
         .log_sum_exp = r.log_sum_exp.data()});
  Merged m;
  m.output.resize(OwnedProblem::size({e.batch, e.heads, e.queries, e.value_depth}));
  m.log_sum_exp.resize(OwnedProblem::size({e.batch, e.heads, e.queries}));
  target.merge(e, parts, OwnedProblem::dense(m.output.data(), e.heads, e.queries, e.value_depth),
               m.log_sum_exp.data());
  return m;
}

} // namespace

TEST_CASE("parts over disjoint keys merge to the whole", "[merge]") {
  FOR_EACH_TARGET(target);
  const Extents e{.batch = 2,
                  .heads = 4,
                  .key_heads = 2,
                  .queries = 9,
                  .keys = 300,
                  .depth = 8,
                  .value_depth = 5};
  // Strong scores, so that a merge that forgets to rescale is far off.
  OwnedProblem whole(e, 11, 3);
  whole.problem.causal = 1;
  const std::array<std::int32_t, 2> offsets = {250, -3}; // some rows are empty, some in some parts
  whole.problem.query_offset = offsets.data();
  const auto expected = reference::attend<double>(whole.problem);

  std::vector<Result> results;
  for (const auto [first, end] : {std::pair{0, 1}, {1, 130}, {130, 130}, {130, 299}, {299, 300}}) {
    // A part is the whole with the mask of its keys.
    std::vector<std::uint8_t> mask(300);
    std::fill(mask.begin() + first, mask.begin() + end, std::uint8_t{1});
    whole.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, 300}};
    results.push_back(whole.attend(target, true));
  }
  const Merged merged = merge_dense(target, e, results);
  require_close("output", merged.output, expected.output, {4e-6, 4e-6});
  require_close("log-sum-exp", merged.log_sum_exp, expected.log_sum_exp, {4e-6, 4e-6});
}

TEST_CASE("rows that are empty in some parts or in all", "[merge]") {
  FOR_EACH_TARGET(target);
  const float minus_infinity = -std::numeric_limits<float>::infinity();
  const Extents e{.queries = 2, .value_depth = 1};
  const std::array<Result, 2> results = {
      Result{.output = {0, 0}, .log_sum_exp = {minus_infinity, minus_infinity}},
      Result{.output = {0, 5}, .log_sum_exp = {minus_infinity, 1}}};
  const Merged merged = merge_dense(target, e, results);
  CHECK(merged.output == std::vector{0.0F, 5.0F});
  CHECK(merged.log_sum_exp == std::vector{minus_infinity, 1.0F});
}

TEST_CASE("one part is itself, no part is empty, NaN stays in its row", "[merge]") {
  FOR_EACH_TARGET(target);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Extents e{.queries = 2, .value_depth = 1};
  const std::array<Result, 2> results = {Result{.output = {3, 4}, .log_sum_exp = {100, -200}},
                                         Result{.output = {nan, 4}, .log_sum_exp = {nan, -200}}};
  const Merged one = merge_dense(target, e, std::span(results).first(1));
  CHECK(one.output == std::vector{3.0F, 4.0F});
  CHECK(one.log_sum_exp == std::vector{100.0F, -200.0F});
  const Merged none = merge_dense(target, e, std::span(results).first(0));
  CHECK(none.output == std::vector{0.0F, 0.0F});
  const Merged both = merge_dense(target, e, results);
  CHECK(std::isnan(both.output[0]));
  CHECK(both.output[1] == 4.0F);
}

TEST_CASE("parts near the largest float32 do not overflow", "[merge]") {
  FOR_EACH_TARGET(target);
  const Extents e{.queries = 1, .value_depth = 1};
  const Result part{.output = {1e38F}, .log_sum_exp = {2}};
  const std::array<Result, 4> results = {part, part, part, part};
  CHECK(merge_dense(target, e, results).output == std::vector{1e38F});
}

} // namespace qkv::testing
