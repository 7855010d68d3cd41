#include "closeness.hpp"
#include "each_target.hpp"
#include "operations/merge.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <array>

namespace qkv::testing {

namespace {

/// Parts with row_max and row_sum; those without pass their log-sum-exp.
Result merge_dense(const Target& target, const Extents& e, std::span<const Result> results) {
  std::vector<MergePart> parts;
  for (const Result& r : results) {
    MergePart& part = parts.emplace_back();
    part.output = OwnedProblem::dense(r.output.data(), e.heads, e.queries, e.value_depth);
    if (r.row_max.empty()) {
      part.log_sum_exp = r.log_sum_exp.data();
    } else {
      part.row_max = r.row_max.data();
      part.row_sum = r.row_sum.data();
    }
  }
  Result m;
  m.output.resize(OwnedProblem::size({e.batch, e.heads, e.queries, e.value_depth}));
  for (auto* sums : {&m.log_sum_exp, &m.row_max, &m.row_sum})
    sums->resize(OwnedProblem::size({e.batch, e.heads, e.queries}));
  target.merge(e, parts,
               {.output = OwnedProblem::dense(m.output.data(), e.heads, e.queries, e.value_depth),
                .log_sum_exp = m.log_sum_exp.data(),
                .row_max = m.row_max.data(),
                .row_sum = m.row_sum.data()});
  return m;
}

/// The results of a problem on the keys [bounds[i], bounds[i + 1]): the whole with a mask.
std::vector<Result> parts_of(OwnedProblem& whole, const Target& target,
                             const std::vector<int>& bounds) {
  const int keys = whole.problem.extents.keys;
  std::vector<Result> results;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(keys));
    std::fill(mask.begin() + bounds[i], mask.begin() + bounds[i + 1], std::uint8_t{1});
    whole.problem.mask = {.data = mask.data(), .extents = {1, 1, 1, keys}};
    results.push_back(whole.attend(target, true));
  }
  whole.problem.mask = {};
  return results;
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

  std::vector<Result> results = parts_of(whole, target, {0, 1, 130, 130, 299, 300});
  if (GENERATE(false, true)) // only their log-sum-exps
    for (Result& part : results)
      part.row_max.clear();
  const Result merged = merge_dense(target, e, results);
  require_close("output", merged.output, expected.output, {4e-6, 4e-6});
  require_close("log-sum-exp", merged.log_sum_exp, expected.log_sum_exp, {4e-6, 4e-6});
}

TEST_CASE("large scores merge as exactly as they are attended", "[merge]") {
  FOR_EACH_TARGET(target);
  // Products are exact in float32, so only the merge can lose anything. Their scaled maxima are no
  // float32 with the scales of 0.7.
  const float scale = GENERATE(1.0F, 0.7F, -0.7F);
  const int queries = GENERATE(1, 6);
  const Extents e{.queries = queries, .keys = 400, .depth = 1, .value_depth = 3};
  OwnedProblem whole(e, 5);
  whole.problem.scale = scale;
  whole.query.assign(whole.query.size(), 3000);
  Normal normal(9);
  for (float& key : whole.key)
    key = 1 + static_cast<float>(normal.below(12)) / 4096;
  const auto expected = reference::attend<double>(whole.problem);
  require_close("one attend", whole.attend(target).output, expected.output, {1e-6, 0});
  const Result merged = merge_dense(target, e, parts_of(whole, target, {0, 3, 130, 399, 400}));
  require_close("output", merged.output, expected.output, {1e-6, 0});
  // Merged parts merge again.
  const std::vector<Result> halves = {
      merge_dense(target, e, parts_of(whole, target, {0, 3, 130})),
      merge_dense(target, e, parts_of(whole, target, {130, 399, 400}))};
  require_close("in two steps", merge_dense(target, e, halves).output, expected.output, {1e-6, 0});
}

TEST_CASE("parts with huge scores: the larger one wins", "[merge]") {
  FOR_EACH_TARGET(target);
  // Some of these pairs have scaled maxima that round to the same float32.
  const Extents e{.queries = 1, .keys = 2, .depth = 1, .value_depth = 1};
  OwnedProblem whole(e);
  whole.problem.scale = 0.7F;
  whole.query = {1};
  whole.value = {1, 2};
  for (int i = 0; i < 64; ++i) {
    const float key = 1e30F * (1 + static_cast<float>(i) / 64);
    whole.key = {key, std::nextafter(key, 3e30F)};
    CHECK(merge_dense(target, e, parts_of(whole, target, {0, 1, 2})).output == std::vector{2.0F});
  }
}

TEST_CASE("many parts with equal outputs merge to that output", "[merge]") {
  FOR_EACH_TARGET(target);
  const int count = GENERATE(2, 115, 5000);
  const float value = GENERATE(1.0F / 3, 0.9999999F, -0.1F);
  const Extents e{.queries = 1, .value_depth = 3};
  const std::vector<Result> parts(static_cast<std::size_t>(count),
                                  Result{.output = {value, 1, value}, .log_sum_exp = {7}});
  CHECK(merge_dense(target, e, parts).output == std::vector{value, 1.0F, value});
}

TEST_CASE("rows that are empty in some parts or in all", "[merge]") {
  FOR_EACH_TARGET(target);
  const float minus_infinity = -std::numeric_limits<float>::infinity();
  const Extents e{.queries = 2, .value_depth = 1};
  const std::array<Result, 2> results = {
      Result{.output = {0, 0}, .log_sum_exp = {minus_infinity, minus_infinity}},
      Result{.output = {0, 5}, .log_sum_exp = {minus_infinity, 1}}};
  const Result merged = merge_dense(target, e, results);
  CHECK(merged.output == std::vector{0.0F, 5.0F});
  CHECK(merged.log_sum_exp == std::vector{minus_infinity, 1.0F});
}

TEST_CASE("one part is itself, no part is empty, NaN stays in its row", "[merge]") {
  FOR_EACH_TARGET(target);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Extents e{.queries = 2, .value_depth = 1};
  const std::array<Result, 2> results = {Result{.output = {3, 4}, .log_sum_exp = {100, -200}},
                                         Result{.output = {nan, 4}, .log_sum_exp = {nan, -200}}};
  const Result one = merge_dense(target, e, std::span(results).first(1));
  CHECK(one.output == std::vector{3.0F, 4.0F});
  CHECK(one.log_sum_exp == std::vector{100.0F, -200.0F});
  const Result none = merge_dense(target, e, std::span(results).first(0));
  CHECK(none.output == std::vector{0.0F, 0.0F});
  const Result both = merge_dense(target, e, results);
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
