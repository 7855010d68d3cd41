// attend, on every target, with every option and any subset of the captures.
#include "expectation.hpp"
#include "findings.hpp"
#include "run.hpp"

#include <numeric>

namespace qkv::campaign {

namespace {

constexpr std::uint8_t as_nan = 0xFF;  // floats of these bytes are NaN
constexpr std::uint8_t as_huge = 0x7E; // 8.4e37

void require_expected(const Run& run, const Expectation& expected) {
  require_allowed("output", run.output, expected.output);
  const Captured& c = run.captured;
  require_allowed("scores_raw", c.scores_raw, expected.scores_raw);
  require_allowed("scores_capped", c.scores_capped, expected.scores_capped);
  require_allowed("scores_masked", c.scores_masked, expected.scores_masked);
  require_allowed("weights", c.weights, expected.weights);
  require_allowed("log_sum_exp", c.log_sum_exp, expected.log_sum_exp);
}

/// Exactly 0 where no key is left, −0 is not; weights that sum to 1 where some is.
void require_whole_rows(const FuzzedProblem& fuzzed, const Run& run, const Expectation& expected) {
  const auto keys = static_cast<std::size_t>(fuzzed.options.extents.keys);
  const auto columns = static_cast<std::size_t>(fuzzed.options.extents.value_depth);
  for (std::size_t row = 0; row < expected.empty.size(); ++row) {
    if (expected.empty[row] != 0)
      for (std::size_t c = 0; c < columns; ++c)
        if (!same_bits(run.output[row * columns + c], 0))
          fail("a row without a key is not exactly 0");
    const float* weights = run.captured.weights.data() + row * keys;
    const double sum = std::accumulate(weights, weights + keys, 0.0);
    if (expected.sums_to_one[row] != 0 && std::abs(sum - 1) > 1e-6)
      fail("weights sum to " + std::to_string(sum));
  }
}

void require_same_run(const Run& run, const Run& full) {
  require_same_bits("output", run.output, full.output);
  const auto same = [](const char* what, const std::vector<float>& some,
                       const std::vector<float>& all) {
    if (!some.empty())
      require_same_bits(what, some, all);
  };
  const Captured &a = run.captured, &b = full.captured;
  same("scores_raw", a.scores_raw, b.scores_raw);
  same("scores_capped", a.scores_capped, b.scores_capped);
  same("scores_masked", a.scores_masked, b.scores_masked);
  same("weights", a.weights, b.weights);
  same("log_sum_exp", a.log_sum_exp, b.log_sum_exp);
}

/// A key whose numbers are poison, for the rows that exclude it.
struct Poison {
  int key;
  float with;

  FuzzedProblem in(const FuzzedProblem& clean) const {
    FuzzedProblem f = clean;
    for (Strided<float>* t : {&f.key, &f.value})
      for (int b = 0; b < t->extents[0]; ++b)
        for (int h = 0; h < t->extents[1]; ++h)
          for (int c = 0; c < t->extents[3]; ++c)
            t->at(b, h, key, c) = with;
    return f;
  }
};

void require_no_influence(const Target& target, const FuzzedProblem& fuzzed, const Run& full,
                          const Expectation& expected, const Poison& poison) {
  const Context context("  poison in key " + std::to_string(poison.key));
  const Run poisoned = run(target, poison.in(fuzzed), all_captures, as_nan);
  const auto keys = static_cast<std::size_t>(fuzzed.options.extents.keys);
  const auto columns = static_cast<std::size_t>(fuzzed.options.extents.value_depth);
  const auto rows_of = [](const std::vector<float>& all, std::size_t row, std::size_t width) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(row * width);
    return std::vector(first, first + static_cast<std::ptrdiff_t>(width));
  };
  for (std::size_t row = 0; row < expected.empty.size(); ++row) {
    if (expected.excluded[row * keys + static_cast<std::size_t>(poison.key)] == 0)
      continue;
    const auto same = [&](const char* what, const auto& a, const auto& b, std::size_t width) {
      require_same_bits(what, rows_of(a, row, width), rows_of(b, row, width));
    };
    same("output beside poison", full.output, poisoned.output, columns);
    same("masked scores beside poison", full.captured.scores_masked,
         poisoned.captured.scores_masked, keys);
    same("weights beside poison", full.captured.weights, poisoned.captured.weights, keys);
    same("log_sum_exp beside poison", full.captured.log_sum_exp, poisoned.captured.log_sum_exp, 1);
  }
}

/// The output may be the query itself, with the same strides.
void require_in_place(const Target& target, const FuzzedProblem& fuzzed, const Run& full) {
  const Context context("  the output is the query");
  FuzzedProblem f = fuzzed;
  Problem problem = f.problem();
  problem.output = f.query.tensor();
  Scratch workspace(target.workspace_bytes(problem), as_nan);
  target.attend(problem, workspace.data());
  require_same_bits("output", dense_rows(f.query), full.output);
}

void fuzz(FuzzedDataProvider& bytes) {
  const FuzzedProblem fuzzed = problem_from(bytes, 30'000);
  const Context context(describe(fuzzed));
  if (!validate(fuzzed.problem()).ok())
    fail("a valid problem is refused");
  const auto subset = bytes.ConsumeIntegralInRange(no_captures, all_captures);
  const int keys = fuzzed.options.extents.keys;
  const Poison poison{.key = bytes.ConsumeIntegralInRange(0, std::max(0, keys - 1)),
                      .with = bytes.ConsumeBool() ? std::numeric_limits<float>::quiet_NaN()
                                                  : std::numeric_limits<float>::infinity()};
  const Expectation expected = expectation_of(fuzzed);
  std::vector<Run> runs;
  for (const Target* target : targets()) {
    const Context on("  target " + std::string(target->name));
    const Run& full = runs.emplace_back(run(*target, fuzzed, all_captures, as_nan));
    require_expected(full, expected);
    require_whole_rows(fuzzed, full, expected);
    {
      const Context captures("  captures " + std::to_string(subset) + " and all");
      require_same_run(run(*target, fuzzed, subset, as_huge), full);
    }
    if (fuzzed.options.extents.depth == fuzzed.options.extents.value_depth)
      require_in_place(*target, fuzzed, full);
    if (keys > 0)
      require_no_influence(*target, fuzzed, full, expected, poison);
  }
  const Context bits("  scalar and simd");
  if (runs.size() > 1)
    require_same_run(runs[0], runs[1]);
}

} // namespace

} // namespace qkv::campaign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  qkv::campaign::fuzz(bytes);
  return 0;
}
