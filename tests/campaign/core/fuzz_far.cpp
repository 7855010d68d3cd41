// Positions near 2³¹ on the key axis. A key row of stride 0 is as many keys as extents say; windows
// and lengths leave a few of them, so that there is an answer to compare with: the same problem
// with few keys.
#include "expectation.hpp"
#include "findings.hpp"
#include "run.hpp"

namespace qkv::campaign {

namespace {

constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();

/// One row of keys and of values, however many times.
Strided<float> one_row(FuzzedDataProvider& bytes, int columns) {
  Strided<float> row = strided(bytes, 1, 1, 1, columns);
  fill(bytes, row, Kind::whole_number);
  row.batch_stride = row.head_stride = row.row_stride = 0;
  return row;
}

void fuzz(FuzzedDataProvider& bytes) {
  const int queries = bytes.ConsumeIntegralInRange(1, 60);
  const int near_keys = bytes.ConsumeIntegralInRange(1, 700);
  const int window = bytes.ConsumeIntegralInRange(0, 300);
  const std::int32_t far_keys = most - bytes.ConsumeIntegralInRange(0, 1000);
  const std::int32_t moved = far_keys - near_keys;

  FuzzedProblem near;
  Extents& e = near.options.extents;
  e.queries = queries;
  e.keys = near_keys;
  e.depth = 1; // so that a key tensor has fewer than 2³¹ elements
  e.value_depth = 1;
  near.query = strided(bytes, 1, 1, queries, e.depth);
  fill(bytes, near.query, Kind::whole_number);
  near.key = one_row(bytes, e.depth);
  near.value = one_row(bytes, e.value_depth);
  near.output = strided(bytes, 1, 1, queries, e.value_depth);
  near.options.window_left = window;
  near.options.causal = bytes.ConsumeBool() ? 1 : 0;
  near.options.window_right =
      bytes.ConsumeBool() ? bytes.ConsumeIntegralInRange(0, 300) : unbounded;
  // All rows see only keys that both problems have: those from `moved` on.
  const int offset = bytes.ConsumeIntegralInRange(window, window + near_keys);
  near.query_offset = {offset};
  if (bytes.ConsumeBool())
    near.alibi_slopes = {bytes.PickValueInArray({0.5F, -0.25F, 0.0F})};
  if (static_cast<std::int64_t>(offset) + moved + queries > most)
    return;

  FuzzedProblem far = near;
  far.options.extents.keys = far_keys;
  far.query_offset = {offset + moved};
  if (!validate(far.problem()).ok())
    fail("a valid problem is refused");
  const Context context(describe(far));
  const Expectation expected = expectation_of(near);
  for (const Target* target : targets()) {
    const Context on("  target " + std::string(target->name));
    const Run far_run = run(*target, far, 0b10000, 0xFF);
    require_allowed("output", far_run.output, expected.output);
    require_allowed("log_sum_exp", far_run.captured.log_sum_exp, expected.log_sum_exp);
  }
}

} // namespace

} // namespace qkv::campaign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  qkv::campaign::fuzz(bytes);
  return 0;
}
