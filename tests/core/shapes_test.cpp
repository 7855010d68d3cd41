// Shapes on the boundaries of lanes, panels, register tiles and blocks.
#include "blocks.hpp"
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <catch_amalgamated.hpp>

namespace qkv::testing {

namespace {

void check_against_reference(const Target& target, const OwnedProblem& owned) {
  const Extents& extents = owned.problem.extents;
  CAPTURE(extents.batch, extents.heads, extents.key_heads, extents.queries, extents.keys,
          extents.depth, extents.value_depth, owned.problem.causal);
  REQUIRE(validate(owned.problem).ok());
  const auto expected = reference::attend<double>(owned.problem);
  const Result plain = owned.attend(target);
  const Result captured = owned.attend(target, true);
  require_close("output", plain.output, expected.output);
  CHECK(plain.output == captured.output);
  // A score of D unit-normal products grows as √D before it is scaled.
  const Tolerance score{.absolute = 2e-6, .relative = 2e-6};
  require_close("scores raw", captured.scores_raw, expected.scores_raw, score);
  require_close("scores capped", captured.scores_capped, expected.scores_capped, score);
  require_close("scores masked", captured.scores_masked, expected.scores_masked, score);
  require_close("weights", captured.weights, expected.weights);
  require_close("log-sum-exp", captured.log_sum_exp, expected.log_sum_exp, score);
}

void check_against_reference(const Target& target, const Extents& extents, bool causal = false) {
  OwnedProblem owned(extents);
  owned.problem.causal = causal ? 1 : 0;
  check_against_reference(target, owned);
}

constexpr int W = 4; // lanes of `scalar` and `simd`; `fused` has 4 or 8
/// Queries for both kinds of tile where there are two, wide ones of 24 or 12 rows and narrow ones
/// of 8, and for some that are padding. With 8 lanes a wide one is a whole block, of 48 rows.
constexpr int wide_and_narrow = 29;

} // namespace

TEST_CASE("depth at W-1, W, W+1 and the usual ones", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int depth = GENERATE(1, 2, W - 1, W, W + 1, 2 * W - 1, 2 * W, 2 * W + 1, 40, 64, 80, 128);
  const int queries = GENERATE(9, wide_and_narrow);
  check_against_reference(target,
                          {.queries = queries, .keys = 11, .depth = depth, .value_depth = 8});
}

TEST_CASE("value depth at W-1, W, W+1 and the usual ones", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int depth =
      GENERATE(1, 2, W - 1, W, W + 1, 2 * W - 1, 2 * W, 2 * W + 1, 4 * W - 1, 4 * W + 1,
               panel_group - 1, panel_group, panel_group + 1, 40, 2 * panel_group + 1, 64, 80, 128);
  const int queries = GENERATE(9, wide_and_narrow);
  check_against_reference(target,
                          {.queries = queries, .keys = 11, .depth = 8, .value_depth = depth});
}

TEST_CASE("queries around a register tile, a panel and a block", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 20, 21, 23, 24,
                               25, 31, 32, 33, 36, 37, 40, 41, 44, 45, block_rows - 1, block_rows,
                               block_rows + 1, 2 * block_rows + 5);
  check_against_reference(target, {.queries = queries, .keys = 20, .depth = 5, .value_depth = 6},
                          GENERATE(false, true));
}

TEST_CASE("keys around a register tile and a block", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int keys = GENERATE(1, 2, 3, 4, 5, 6, 7, 11, 12, 13, panel_group - 1, panel_group,
                            panel_group + 1, 2 * panel_group + 1, block_keys - 1, block_keys,
                            block_keys + 1, 2 * block_keys - 1, 2 * block_keys, 2 * block_keys + 1);
  const int queries = GENERATE(10, wide_and_narrow);
  check_against_reference(target, {.queries = queries, .keys = keys, .depth = 7, .value_depth = 9},
                          GENERATE(false, true));
}

TEST_CASE("few rows: keys around lanes, a tile, a block and a run of blocks", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 2, 3, 4, 5);
  const int block = decode_block_keys;
  const int run = run_of_keys(std::min(queries, decode_rows));
  const int keys = GENERATE_COPY(1, W - 1, W, W + 1, 3 * W - 1, 3 * W, 3 * W + 1, block_keys - 1,
                                 block_keys, block_keys + 1, block - 1, block, block + 1, run - 1,
                                 run, run + 1, run + block + 7);
  const auto [depth, value_depth] =
      GENERATE(std::pair{1, 1}, std::pair{W + 3, 2 * W + 1}, std::pair{64, 64});
  check_against_reference(
      target, {.queries = queries, .keys = keys, .depth = depth, .value_depth = value_depth},
      GENERATE(false, true));
}

TEST_CASE("few rows: keys left of a run, of values near each other and far apart", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 2, 3, 4);
  const int keys = GENERATE(2, 3, decode_run - 1, decode_run, decode_run + 1, decode_run + 2,
                            decode_run + 3, block_keys + 2);
  const auto [value_depth, stride] =
      GENERATE(std::pair{96, 96}, std::pair{97, 97}, std::pair{128, 128}, std::pair{5, 96},
               std::pair{5, 97});
  OwnedProblem owned({.queries = queries, .keys = keys, .depth = 3, .value_depth = stride});
  owned.problem.extents.value_depth = value_depth;
  check_against_reference(target, owned);
}

TEST_CASE("outputs may take the place of the queries", "[shapes]") {
  FOR_EACH_TARGET(target);
  // Rows of one head, of several in a block, and of several blocks.
  const int queries = GENERATE(1, 2, 7, 50, 101);
  const Extents e{.batch = 2,
                  .heads = 4,
                  .key_heads = 2,
                  .queries = queries,
                  .keys = 130,
                  .depth = 12,
                  .value_depth = 12};
  OwnedProblem owned(e);
  // Sums that overflow: a block is computed twice.
  if (GENERATE(false, true))
    std::fill(owned.value.begin(), owned.value.begin() + 130 * 12, 3e38F);
  const std::vector<float> expected = owned.attend(target).output;

  Problem in_place = owned.problem;
  in_place.output = OwnedProblem::dense(owned.query.data(), e.heads, e.queries, e.value_depth);
  Workspace workspace(target.workspace_bytes(in_place));
  target.attend(in_place, workspace.data());
  CHECK(owned.query == expected);
}

TEST_CASE("batches and grouped heads", "[shapes]") {
  FOR_EACH_TARGET(target);
  const auto [heads, key_heads] = GENERATE(std::pair{4, 4}, std::pair{6, 2}, std::pair{5, 1});
  // One query: the group shares a block; 20: two heads do; 60: a head has two.
  const int queries = GENERATE(1, 20, 60);
  check_against_reference(target,
                          {.batch = 2,
                           .heads = heads,
                           .key_heads = key_heads,
                           .queries = queries,
                           .keys = 33,
                           .depth = 8,
                           .value_depth = 5},
                          GENERATE(false, true));
}

TEST_CASE("causal with long sequences", "[shapes]") {
  FOR_EACH_TARGET(target);
  check_against_reference(target, {.queries = 300, .keys = 300, .depth = 16, .value_depth = 16},
                          true);
}

TEST_CASE("empty extents", "[shapes]") {
  FOR_EACH_TARGET(target);
  const Extents full{.batch = 2,
                     .heads = 2,
                     .key_heads = 2,
                     .queries = 3,
                     .keys = 4,
                     .depth = 5,
                     .value_depth = 6};
  SECTION("no queries, no batch, no heads or no value depth: an empty output") {
    Extents e = full;
    const int which = GENERATE(0, 1, 2, 3);
    (which == 0 ? e.queries : which == 1 ? e.batch : which == 2 ? e.heads : e.value_depth) = 0;
    if (which == 2)
      e.key_heads = 0;
    const OwnedProblem owned(e);
    REQUIRE(validate(owned.problem).ok());
    CHECK(owned.attend(target).output.empty());
  }
  SECTION("no keys: zeros") {
    Extents e = full;
    e.keys = 0;
    const OwnedProblem owned(e);
    REQUIRE(validate(owned.problem).ok());
    const Result result = owned.attend(target, true);
    CHECK(result.output == std::vector<float>(2 * 2 * 3 * 6, 0.0F));
    CHECK(result.log_sum_exp ==
          std::vector<float>(2 * 2 * 3, -std::numeric_limits<float>::infinity()));
  }
}

TEST_CASE("[B, L, H, D] by strides is [B, H, L, D]", "[shapes]") {
  FOR_EACH_TARGET(target);
  const Extents e{.batch = 2,
                  .heads = 4,
                  .key_heads = 2,
                  .queries = 5,
                  .keys = 7,
                  .depth = 6,
                  .value_depth = 3};
  OwnedProblem owned(e);
  const std::vector<float> expected = owned.attend(target).output;

  const auto transposed = [&](const std::vector<float>& from, int heads, int rows, int columns) {
    std::vector<float> to(from.size());
    for (int b = 0; b < e.batch; ++b)
      for (int h = 0; h < heads; ++h)
        for (int r = 0; r < rows; ++r)
          for (int c = 0; c < columns; ++c)
            to[static_cast<std::size_t>(((b * rows + r) * heads + h) * columns + c)] =
                from[static_cast<std::size_t>(((b * heads + h) * rows + r) * columns + c)];
    return to;
  };
  const auto blhd = [](const float* data, int heads, int rows, int columns) {
    return Tensor<const float>{.data = data,
                               .batch_stride = heads * rows * columns,
                               .head_stride = columns,
                               .row_stride = heads * columns};
  };
  const auto query = transposed(owned.query, e.heads, e.queries, e.depth);
  const auto key = transposed(owned.key, e.key_heads, e.keys, e.depth);
  const auto value = transposed(owned.value, e.key_heads, e.keys, e.value_depth);
  owned.problem.query = blhd(query.data(), e.heads, e.queries, e.depth);
  owned.problem.key = blhd(key.data(), e.key_heads, e.keys, e.depth);
  owned.problem.value = blhd(value.data(), e.key_heads, e.keys, e.value_depth);
  CHECK(owned.attend(target).output == expected);
}

TEST_CASE("a batch stride of 0: all batch elements share a key, a value or both", "[shapes]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 5, 60); // few rows and many
  const Extents e{.batch = 3,
                  .heads = 4,
                  .key_heads = 2,
                  .queries = queries,
                  .keys = 130,
                  .depth = 6,
                  .value_depth = 3};
  OwnedProblem repeated(e);
  const auto repeat = [&](std::vector<float>& data) {
    const std::size_t one = data.size() / static_cast<std::size_t>(e.batch);
    for (std::size_t i = one; i < data.size(); ++i)
      data[i] = data[i % one];
  };
  const bool shares_key = GENERATE(false, true);
  const bool shares_value = GENERATE(false, true);
  if (shares_key)
    repeat(repeated.key);
  if (shares_value)
    repeat(repeated.value);
  const auto expected = repeated.attend(target, true);
  if (shares_key)
    repeated.problem.key.batch_stride = 0;
  if (shares_value)
    repeated.problem.value.batch_stride = 0;
  REQUIRE(validate(repeated.problem).ok());
  const auto shared = repeated.attend(target, true);
  CHECK(shared.output == expected.output);
  CHECK(shared.weights == expected.weights);
  CHECK(shared.log_sum_exp == expected.log_sum_exp);
}

} // namespace qkv::testing
