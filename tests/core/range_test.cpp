// Outputs lie within the range of the values that their rows attend, at any number of keys, and
// sums over many keys do not drift.
#include "blocks.hpp"
#include "closeness.hpp"
#include "each_target.hpp"
#include "owned_problem.hpp"
#include "reference.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace qkv::testing {

namespace {

constexpr int many_keys = 1 << 20;

/// As many keys, each 1, with values of 1.
void lengthen(OwnedProblem& owned, int keys) {
  owned.key.assign(static_cast<std::size_t>(keys), 1);
  owned.value = owned.key;
  owned.problem.extents.keys = keys;
  owned.problem.key = OwnedProblem::dense(std::as_const(owned.key).data(), 1, keys, 1);
  owned.problem.value = OwnedProblem::dense(std::as_const(owned.value).data(), 1, keys, 1);
}

/// The range of the values that a row attends, in one column.
struct Range {
  float least = std::numeric_limits<float>::infinity();
  float most = -std::numeric_limits<float>::infinity();
};

Range range_of(const Problem& p, int b, int h, int i, int column) {
  const int key_head = h / (p.extents.heads / p.extents.key_heads);
  Range range;
  if (p.sinks != nullptr)
    range = {.least = 0, .most = 0};
  for (int j = 0; j < p.extents.keys; ++j)
    if (!reference::is_excluded(p, b, h, i, j)) {
      const float value = reference::row(p.value, b, key_head, j)[column];
      range.least = std::min(range.least, value);
      range.most = std::max(range.most, value);
    }
  return range;
}

void require_in_range(const OwnedProblem& owned, const Target& target) {
  const Problem& p = owned.problem;
  const Extents& e = p.extents;
  const std::vector<float> output = owned.attend(target).output;
  std::size_t at = 0;
  for (int b = 0; b < e.batch; ++b)
    for (int h = 0; h < e.heads; ++h)
      for (int i = 0; i < e.queries; ++i)
        for (int c = 0; c < e.value_depth; ++c, ++at) {
          const Range range = range_of(p, b, h, i, c);
          CAPTURE(b, h, i, c, output[at], range.least, range.most);
          if (range.least > range.most) // no key
            REQUIRE(output[at] == 0);
          else
            REQUIRE((output[at] >= range.least && output[at] <= range.most));
        }
}

} // namespace

TEST_CASE("equal values are the output", "[range]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, decode_rows, 9, block_rows + 1);
  const int keys = GENERATE(1, 2, 23, panel_group, 25, 47, 48, 49, 115, block_keys - 1, block_keys,
                            block_keys + 1, decode_block_keys - 1, decode_block_keys,
                            decode_block_keys + 1, span_keys, span_keys + 1, 2 * span_keys + 1);
  const float score = GENERATE(0.0F, 1.0F); // equal weights, and unlike ones
  OwnedProblem owned({.queries = queries, .keys = keys, .depth = 2, .value_depth = 6}, 3, score);
  const float values[] = {1.0F / 3, 0.9999999F, 1.0000001F, -0.1F, 1e-40F, 3e38F};
  for (std::size_t i = 0; i < owned.value.size(); ++i)
    owned.value[i] = values[i % 6];
  const std::vector<float> output = owned.attend(target).output;
  for (std::size_t i = 0; i < output.size(); ++i) {
    CAPTURE(queries, keys, score, i);
    REQUIRE(output[i] == values[i % 6]);
  }
}

TEST_CASE("with every option, outputs lie within the range of the values attended", "[range]") {
  FOR_EACH_TARGET(target);
  // Attended values differ by an ULP at most; those of excluded keys are far away.
  const int queries = GENERATE(1, 3, 60);
  const int keys = GENERATE(50, block_keys + 1, decode_block_keys + 7);
  const std::string option = GENERATE("causal", "end", "window", "lengths", "mask", "padding",
                                      "bias", "sinks", "grouped", "softcap");
  CAPTURE(queries, keys, option);
  const bool is_grouped = option == "grouped";
  const Extents e{.heads = 2,
                  .key_heads = is_grouped ? 1 : 2,
                  .queries = queries,
                  .keys = keys,
                  .depth = 2,
                  .value_depth = 5};
  OwnedProblem owned(e, 7, 0.1F);
  Problem& p = owned.problem;
  Normal normal(11);
  const std::array<std::int32_t, 1> lengths = {keys / 2};
  const std::array<float, 2> sinks = {-1, -80};
  std::vector<std::uint8_t> mask;
  std::vector<float> bias;
  if (option == "causal" || option == "end")
    p.causal = 1;
  if (option == "end")
    p.align_end = 1;
  if (option == "window")
    p.window_left = p.window_right = keys / 3;
  if (option == "lengths")
    p.key_lengths = lengths.data();
  if (option == "mask" || option == "padding") {
    const int rows = option == "mask" ? queries : 1;
    for (int i = 0; i < rows * keys; ++i)
      mask.push_back(rows == 1 ? i > 3 : normal.below(5) > 0);
    p.mask = {.data = mask.data(), .extents = {1, 1, rows, keys}};
  }
  if (option == "bias") {
    for (int i = 0; i < 2 * keys; ++i)
      bias.push_back(normal.below(5) > 0 ? 0.1F * normal()
                                         : -std::numeric_limits<float>::infinity());
    p.bias = {.data = bias.data(), .extents = {1, 2, 1, keys}};
  }
  if (option == "sinks")
    p.sinks = sinks.data();
  if (option == "softcap")
    p.softcap = 1;
  for (float& value : owned.value)
    value = normal.below(2) == 0 ? 1.0F / 3 : std::nextafter(1.0F / 3, 1.0F);
  for (int j = 0; j < keys; ++j) { // a key that nobody attends
    bool is_attended = false;
    for (int i = 0; i < queries; ++i)
      is_attended = is_attended || !reference::is_excluded(p, 0, 0, i, j) ||
                    !reference::is_excluded(p, 0, 1, i, j);
    if (!is_attended)
      std::fill_n(owned.value.begin() + j * 5, 5, 1000.0F);
  }
  require_in_range(owned, target);
}

TEST_CASE("values of any kind stay in range when one key has all the weight", "[range]") {
  FOR_EACH_TARGET(target);
  const int queries = GENERATE(1, 4, 50);
  const OwnedProblem owned({.queries = queries, .keys = 700, .depth = 8, .value_depth = 9}, 5, 4);
  require_in_range(owned, target);
}

TEST_CASE("many keys: equal values are the output", "[range]") {
  FOR_EACH_TARGET(target);
  OwnedProblem owned({.queries = GENERATE(1, 5), .keys = 1, .depth = 1, .value_depth = 1});
  lengthen(owned, many_keys);
  std::ranges::fill(owned.value, 1.0F / 3);
  for (const float o : owned.attend(target).output)
    CHECK(o == 1.0F / 3);
}

TEST_CASE("many keys: sums do not drift", "[range]") {
  FOR_EACH_TARGET(target);
  // Equal scores; scores that rise with every key, so that each block raises the maximum; and a
  // first key that weighs as much as half of the others.
  const int kind = GENERATE(0, 1, 2);
  const int queries = GENERATE(1, 5);
  CAPTURE(queries, kind);
  OwnedProblem owned({.queries = queries, .keys = 1, .depth = 1, .value_depth = 1});
  lengthen(owned, many_keys);
  owned.query.assign(owned.query.size(), 1);
  // In float64, in the order of the keys.
  double sum = 0, weighted = 0;
  const double max = kind == 0 ? 0 : kind == 1 ? (many_keys - 1) * 0x1p-18 : 13;
  for (int j = 0; j < many_keys; ++j) {
    const auto at = static_cast<std::size_t>(j);
    owned.key[at] = kind == 1 ? static_cast<float>(j) * 0x1p-18F : kind == 2 && j == 0 ? 13 : 0;
    owned.value[at] = 0.5F + 0.1F * static_cast<float>(j % 5);
    const double weight = std::exp(static_cast<double>(owned.key[at]) - max);
    sum += weight;
    weighted += weight * static_cast<double>(owned.value[at]);
  }
  // Where every block raises the maximum, each rescales the sum by a factor that is rounded. The
  // output has the same factors above and below its division.
  const double drift = kind == 1 ? 4e-5 : 4e-6;
  const Result result = owned.attend(target, OwnedProblem::Captures::sums);
  for (std::size_t i = 0; i < result.output.size(); ++i) {
    CHECK(std::abs(static_cast<double>(result.output[i]) * sum / weighted - 1) <= 2e-6);
    CHECK(std::abs(static_cast<double>(result.row_sum[i]) / sum - 1) <= drift);
    CHECK(std::abs(static_cast<double>(result.log_sum_exp[i]) - max - std::log(sum)) <= drift);
    CHECK(static_cast<double>(result.row_max[i]) == max);
  }
}

TEST_CASE("a long row has its bits, whatever rows are beside it", "[range]") {
  FOR_EACH_TARGET(target);
  const int offset = GENERATE(0, span_keys - 1, span_keys, 2 * span_keys + 200);
  const Extents e{.queries = 60, .keys = 3 * span_keys, .depth = 4, .value_depth = 4};
  OwnedProblem owned(e, 9);
  owned.problem.causal = 1;
  owned.problem.window_left = 300;
  const std::array<std::int32_t, 1> offsets = {offset};
  owned.problem.query_offset = offsets.data();
  const Result together = owned.attend(target);
  const Result captured = owned.attend(target, true); // visits all keys
  CHECK(together.output == captured.output);
}

TEST_CASE("scalar and simd have the same bits where outputs are bounded", "[range]") {
  const auto all = all_targets();
  const auto named = [&](const std::string& name) {
    const auto it =
        std::ranges::find(all, name, [](const Target* t) { return std::string(t->name); });
    return it == all.end() ? nullptr : *it;
  };
  const Target* const scalar = named("scalar");
  const Target* const simd = named("simd");
  if (scalar == nullptr || simd == nullptr)
    SKIP("one target");
  const int queries = GENERATE(2, 50);
  const int keys = GENERATE(115, 2 * span_keys + 77);
  OwnedProblem owned({.queries = queries, .keys = keys, .depth = 4, .value_depth = 7}, 2, 0.3F);
  for (std::size_t i = 0; i < owned.value.size(); ++i)
    owned.value[i] = i % 7 < 3 ? 0.3333333F : 0.3333333F * (1 + 0x1p-23F * owned.value[i]);
  CHECK(owned.attend(*scalar).output == owned.attend(*simd).output);
}

} // namespace qkv::testing
