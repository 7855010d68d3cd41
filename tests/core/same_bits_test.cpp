// `scalar` and `simd` promise the same bits. A WebAssembly module holds one arch: there the
// package's tests compare modules.
#include "blocks.hpp"
#include "each_target.hpp"
#include "owned_problem.hpp"

#include <catch_amalgamated.hpp>
#include <cstring>

namespace qkv::testing {

#if !defined(__wasm__) && (defined(__x86_64__) || defined(__aarch64__))

TEST_CASE("scalar and simd give the same bits", "[bits]") {
  const int queries = GENERATE(1, 7, 50, 130);
  const int keys = GENERATE(1, 5, 120, 300);
  const int depth = GENERATE(1, 6, 64);
  OwnedProblem owned({.heads = 2,
                      .key_heads = 1,
                      .queries = queries,
                      .keys = keys,
                      .depth = depth,
                      .value_depth = depth + 1});
  owned.problem.causal = GENERATE(0, 1);
  owned.problem.softcap = GENERATE(0.0F, 5.0F);
  const Result scalar = owned.attend(*targets()[0], true);
  const Result simd = owned.attend(*targets()[1], true);
  const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  CHECK(same(scalar.output, simd.output));
  CHECK(same(scalar.scores_masked, simd.scores_masked));
  CHECK(same(scalar.weights, simd.weights));
  CHECK(same(scalar.log_sum_exp, simd.log_sum_exp));
}

#endif

namespace {

/// The outputs of `rows` queries of a problem from `first` on, computed without the others.
std::vector<float> attend_alone(const Target& target, const OwnedProblem& whole, const Extents& e,
                                int first, int rows) {
  OwnedProblem part(
      {.queries = rows, .keys = e.keys, .depth = e.depth, .value_depth = e.value_depth});
  std::copy_n(whole.query.begin() + first * e.depth, rows * e.depth, part.query.begin());
  part.key = whole.key;
  part.value = whole.value;
  part.problem.key.data = part.key.data();
  part.problem.value.data = part.value.data();
  part.problem.causal = whole.problem.causal;
  part.problem.softcap = whole.problem.softcap;
  part.problem.window_left = whole.problem.window_left;
  part.problem.alibi_slopes = whole.problem.alibi_slopes;
  const std::int32_t* const offset = whole.problem.query_offset;
  const std::int32_t position = first + (offset == nullptr ? 0 : *offset);
  part.problem.query_offset = &position;
  return part.attend(target).output;
}

bool starts_with(const float* output, const std::vector<float>& rows) {
  return std::memcmp(output, rows.data(), rows.size() * sizeof(float)) == 0;
}

} // namespace

TEST_CASE("a row's bits do not depend on the rows beside it", "[bits]") {
  FOR_EACH_TARGET(target);
  // A block of few rows adds in another order than a block of more.
  const int rows = GENERATE(decode_rows + 1, decode_rows + 2, 2 * decode_rows);
  const int keys = GENERATE(200, 1500);
  const Extents e{.queries = 101, .keys = keys, .depth = 9, .value_depth = 5};
  OwnedProblem owned(e);
  owned.problem.causal = GENERATE(0, 1);
  owned.problem.softcap = GENERATE(0.0F, 5.0F);
  const std::vector<float> whole = owned.attend(target).output;
  for (const int row : {0, 40, 48, 93})
    CHECK(starts_with(whole.data() + static_cast<std::ptrdiff_t>(row) * e.value_depth,
                      attend_alone(target, owned, e, row, rows)));
}

TEST_CASE("of few rows, each has the bits it has alone", "[bits]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(2, 3, 4);
  REQUIRE(queries <= decode_rows);
  const int keys = GENERATE_COPY(5, 200, run_of_keys(queries) + 140);
  const int depth = GENERATE(9, 12, 64); // 9 and 12: vectors that are no whole four
  const Extents e{.queries = queries, .keys = keys, .depth = depth, .value_depth = depth};
  OwnedProblem owned(e);
  owned.problem.causal = GENERATE(0, 1);
  const std::vector<float> all = owned.attend(target).output;
  for (int row = 0; row < queries; ++row)
    CHECK(starts_with(all.data() + static_cast<std::ptrdiff_t>(row) * e.value_depth,
                      attend_alone(target, owned, e, row, 1)));
}

TEST_CASE("of few rows, neither the first key visited nor captures change bits", "[bits]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(2, decode_rows);
  const int block = decode_block_keys;
  const int first_key = GENERATE_COPY(0, block_keys - 1, block_keys, 2 * block_keys - 1, block - 1,
                                      block, block + block_keys - 1);
  // Beyond 2²⁴ not every distance is a float32.
  const std::int32_t window_left = GENERATE(700, (1 << 24) - 61);
  const float slope = 0x1p-20F;
  const std::int32_t offset = first_key + window_left;
  const Extents e{.queries = queries, .keys = 2 * block + 250, .depth = 9, .value_depth = 7};
  OwnedProblem owned(e);
  owned.problem.window_left = window_left;
  owned.problem.query_offset = &offset;
  owned.problem.alibi_slopes = &slope;
  const std::vector<float> all = owned.attend(target).output;
  CHECK(owned.attend(target, true).output == all);
  for (int row = 0; row < queries; ++row)
    CHECK(starts_with(all.data() + static_cast<std::ptrdiff_t>(row) * e.value_depth,
                      attend_alone(target, owned, e, row, 1)));
}

} // namespace qkv::testing
