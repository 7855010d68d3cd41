// Each way to be wrong, one row each: the code, the argument and the numbers that explain it.
#include "owned_problem.hpp"

#include <array>
#include <catch_amalgamated.hpp>
#include <functional>

namespace qkv::testing {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
const std::array bad_numbers = {0.5F, nan};
const std::array bad_bias = {0.0F, -infinity, infinity, 0.0F, 0.0F};
const std::array nan_bias = {nan};
const std::array<std::uint8_t, 4> some_mask = {1, 1, 1, 1};
const std::array<std::int32_t, 2> too_long = {5, 6};
const std::array<std::int32_t, 2> too_short = {-1, 2};

struct Wrong {
  const char* what;
  std::function<void(Problem&)> make;
  Status expected;
};

const Wrong every_wrong[] = {
    {"negative batch",
     [](Problem& p) { p.extents.batch = -1; },
     {.code = Code::negative_extent, .argument = Argument::query, .received = -1}},
    {"negative keys",
     [](Problem& p) { p.extents.keys = -3; },
     {.code = Code::negative_extent, .argument = Argument::key, .received = -3}},
    {"negative value depth",
     [](Problem& p) { p.extents.value_depth = -2; },
     {.code = Code::negative_extent, .argument = Argument::value, .received = -2}},
    {"depth 0",
     [](Problem& p) { p.extents.depth = 0; },
     {.code = Code::zero_depth, .argument = Argument::query, .expected = 1}},
    {"3 key heads for 2 heads",
     [](Problem& p) { p.extents.key_heads = 3; },
     {.code = Code::heads_not_divisible, .argument = Argument::key, .expected = 2, .received = 3}},
    {"no key heads",
     [](Problem& p) { p.extents.key_heads = 0; },
     {.code = Code::heads_not_divisible, .argument = Argument::key, .expected = 2, .received = 0}},
    {"a query of 2^32 elements, 0 in 32 bits",
     [](Problem& p) { p.extents.queries = p.extents.depth = 65536; },
     {.code = Code::too_large, .argument = Argument::query}},
    {"a key of 70000² elements",
     [](Problem& p) {
       p.extents.keys = 70000;
       p.extents.depth = 70000;
       p.extents.queries = 1;
     },
     {.code = Code::too_large, .argument = Argument::key}},
    {"a key of 2^27 elements for each of 16 batch elements",
     [](Problem& p) {
       p.extents.batch = 16;
       p.extents.keys = 1 << 21;
       p.extents.depth = 64;
       p.key.batch_stride = 1 << 27;
     },
     {.code = Code::too_large, .argument = Argument::key}},
    {"a value of 2^27 elements for each of 16 batch elements",
     [](Problem& p) {
       p.extents.batch = 16;
       p.extents.keys = 1 << 21;
       p.extents.value_depth = 64;
       p.value.batch_stride = 1 << 27;
     },
     {.code = Code::too_large, .argument = Argument::value}},
    {"a key and value of 2^27 elements for all of 16 batch elements",
     [](Problem& p) {
       p.extents.batch = 16;
       p.extents.keys = 1 << 21;
       p.extents.depth = p.extents.value_depth = 64;
       p.key.batch_stride = p.value.batch_stride = 0;
     },
     {}},
    {"captured weights of 70000² elements",
     [](Problem& p) {
       static float unused;
       p.extents.keys = p.extents.queries = 70000;
       p.capture.weights = &unused;
     },
     {.code = Code::too_large, .argument = Argument::capture}},
    {"infinite scale",
     [](Problem& p) { p.scale = -infinity; },
     {.code = Code::not_finite, .argument = Argument::scale}},
    {"NaN softcap",
     [](Problem& p) { p.softcap = nan; },
     {.code = Code::not_finite, .argument = Argument::softcap}},
    {"negative softcap",
     [](Problem& p) { p.softcap = -1; },
     {.code = Code::negative, .argument = Argument::softcap}},
    {"negative window",
     [](Problem& p) { p.window_left = -4; },
     {.code = Code::negative, .argument = Argument::window, .received = -4}},
    {"mask that does not broadcast",
     [](Problem& p) { p.mask = {.data = some_mask.data(), .extents = {1, 1, 1, 4}}; },
     {.code = Code::not_broadcastable,
      .argument = Argument::mask,
      .index = 3,
      .expected = 5,
      .received = 4}},
    {"bias that does not broadcast",
     [](Problem& p) { p.bias = {.data = bad_numbers.data(), .extents = {3, 1, 1, 1}}; },
     {.code = Code::not_broadcastable,
      .argument = Argument::bias,
      .index = 0,
      .expected = 2,
      .received = 3}},
    {"+infinity in the bias",
     [](Problem& p) { p.bias = {.data = bad_bias.data(), .extents = {1, 1, 1, 5}}; },
     {.code = Code::bias_value, .argument = Argument::bias, .index = 2}},
    {"NaN in the bias",
     [](Problem& p) { p.bias = {.data = nan_bias.data(), .extents = {1, 1, 1, 1}}; },
     {.code = Code::bias_value, .argument = Argument::bias, .index = 0}},
    {"NaN slope",
     [](Problem& p) { p.alibi_slopes = bad_numbers.data(); },
     {.code = Code::not_finite, .argument = Argument::alibi_slopes, .index = 1}},
    {"NaN sink",
     [](Problem& p) { p.sinks = bad_numbers.data(); },
     {.code = Code::not_finite, .argument = Argument::sinks, .index = 1}},
    {"key length past the keys",
     [](Problem& p) { p.key_lengths = too_long.data(); },
     {.code = Code::key_length_range,
      .argument = Argument::key_lengths,
      .index = 1,
      .expected = 5,
      .received = 6}},
    {"negative key length",
     [](Problem& p) { p.key_lengths = too_short.data(); },
     {.code = Code::key_length_range,
      .argument = Argument::key_lengths,
      .index = 0,
      .expected = 5,
      .received = -1}},
};

} // namespace

TEST_CASE("validate explains what is wrong", "[validate]") {
  const OwnedProblem right({.batch = 2,
                            .heads = 2,
                            .key_heads = 1,
                            .queries = 3,
                            .keys = 5,
                            .depth = 4,
                            .value_depth = 4});
  CHECK(validate(right.problem).ok());
  for (const Wrong& wrong : every_wrong) {
    INFO(wrong.what);
    Problem problem = right.problem;
    wrong.make(problem);
    const Status status = validate(problem);
    CHECK(status.code == wrong.expected.code);
    CHECK(status.argument == wrong.expected.argument);
    CHECK(status.index == wrong.expected.index);
    CHECK(status.expected == wrong.expected.expected);
    CHECK(status.received == wrong.expected.received);
  }
}

} // namespace qkv::testing
