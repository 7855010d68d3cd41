// `scalar` and `simd` promise the same bits. A WebAssembly module holds one arch: there the
// package's tests compare modules.
#include "archs.hpp"
#include "blocks.hpp"
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
  const Result scalar = owned.attend<arch::scalar>(true);
  const Result simd = owned.attend<arch::simd>(true);
  const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  CHECK(same(scalar.output, simd.output));
  CHECK(same(scalar.scores_masked, simd.scores_masked));
  CHECK(same(scalar.weights, simd.weights));
  CHECK(same(scalar.log_sum_exp, simd.log_sum_exp));
}

#endif

TEMPLATE_LIST_TEST_CASE("a row's bits do not depend on the rows beside it", "[bits]", Archs) {
  REQUIRE_ARCH(TestType);
  // Alone, two at a time and more: few rows and many are computed in other ways.
  const int rows = GENERATE(1, 2, 3, 5);
  const int keys = GENERATE(200, run_of_keys + 140);
  const Extents e{.queries = 101, .keys = keys, .depth = 9, .value_depth = 5};
  OwnedProblem owned(e);
  owned.problem.causal = GENERATE(0, 1);
  owned.problem.softcap = GENERATE(0.0F, 5.0F);
  const std::vector<float> whole = owned.attend<TestType>().output;
  for (const int row : {0, 47, 48, 96}) {
    OwnedProblem part(
        {.queries = rows, .keys = e.keys, .depth = e.depth, .value_depth = e.value_depth});
    std::copy_n(owned.query.begin() + row * e.depth, rows * e.depth, part.query.begin());
    part.key = owned.key;
    part.value = owned.value;
    part.problem.key.data = part.key.data();
    part.problem.value.data = part.value.data();
    part.problem.causal = owned.problem.causal;
    part.problem.softcap = owned.problem.softcap;
    part.problem.query_offset = &row;
    const std::vector<float> alone = part.attend<TestType>().output;
    CHECK(std::memcmp(alone.data(), whole.data() + static_cast<std::ptrdiff_t>(row) * e.value_depth,
                      alone.size() * sizeof(float)) == 0);
  }
}

} // namespace qkv::testing
