// `scalar` and `simd` promise the same bits. A WebAssembly module holds one arch: there the
// package's tests compare modules.
#include "archs.hpp"
#include "owned_problem.hpp"

#include <catch_amalgamated.hpp>
#include <cstring>

namespace qkv::testing {

#if !defined(__wasm__) && (defined(__x86_64__) || defined(__aarch64__))

TEST_CASE("scalar and simd give the same bits", "[bits]") {
  const int queries = GENERATE(1, 7, 50, 130);
  const int keys = GENERATE(1, 5, 128, 300);
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
  const Extents e{.queries = 101, .keys = 200, .depth = 9, .value_depth = 5};
  OwnedProblem owned(e);
  owned.problem.causal = 1;
  const std::vector<float> whole = owned.attend<TestType>().output;
  for (const int row : {0, 47, 48, 100}) {
    OwnedProblem one(
        {.queries = 1, .keys = e.keys, .depth = e.depth, .value_depth = e.value_depth});
    std::copy_n(owned.query.begin() + row * e.depth, e.depth, one.query.begin());
    one.key = owned.key;
    one.value = owned.value;
    one.problem.key.data = one.key.data();
    one.problem.value.data = one.value.data();
    one.problem.causal = 1;
    one.problem.query_offset = &row;
    const std::vector<float> alone = one.attend<TestType>().output;
    CHECK(std::memcmp(alone.data(), whole.data() + static_cast<std::ptrdiff_t>(row) * e.value_depth,
                      alone.size() * sizeof(float)) == 0);
  }
}

} // namespace qkv::testing
