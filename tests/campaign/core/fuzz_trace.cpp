// trace: each step follows from the one before it, and what attend captures too has the same bits.
#include "expectation.hpp"
#include "findings.hpp"
#include "run.hpp"
#include "scores.hpp"

#include <algorithm>

namespace qkv::campaign {

namespace {

struct Traced {
  std::vector<float> products, scaled, masked, row_max, exponentials, row_sum, weights,
      contributions, output;
};

Traced trace_of(const Target& target, const FuzzedProblem& fuzzed) {
  Problem problem = fuzzed.problem();
  const Extents& e = problem.extents;
  const std::size_t rows = element_count({e.batch, e.heads, e.queries});
  const std::size_t scores = rows * element_count({e.keys});
  Traced t;
  for (auto* array : {&t.products, &t.scaled, &t.masked, &t.exponentials, &t.weights})
    array->assign(scores, unwritten());
  t.row_max.assign(rows, unwritten());
  t.row_sum.assign(rows, unwritten());
  t.contributions.assign(scores * element_count({e.value_depth}), unwritten());
  Strided<float> output = fuzzed.output;
  problem.output = output.tensor();
  Scratch workspace(target.workspace_bytes(problem), 0xFF);
  target.trace(problem,
               {.products = t.products.data(),
                .scaled = t.scaled.data(),
                .masked = t.masked.data(),
                .row_max = t.row_max.data(),
                .exponentials = t.exponentials.data(),
                .row_sum = t.row_sum.data(),
                .weights = t.weights.data(),
                .contributions = t.contributions.data()},
               workspace.data());
  t.output = dense_rows(output);
  return t;
}

double as_double(float x) {
  return static_cast<double>(x);
}

/// exp(x) as float32 has it, from an x that was rounded.
Allowed exponential(double x) {
  const double y = std::exp(x);
  if (y == 0) // x is −∞ or near
    return Allowed::between(0, smallest);
  return Allowed::near(y, of_naive * (rounding * (3 * std::abs(x) + 4) * y + smallest));
}

/// One row, from what the trace says of the step before.
void require_row(const FuzzedProblem& f, const Traced& t, const Expectation& expected,
                 std::size_t row) {
  const Extents& e = f.options.extents;
  const auto keys = static_cast<std::size_t>(e.keys);
  const std::size_t head =
      row / static_cast<std::size_t>(e.queries) % static_cast<std::size_t>(e.heads);
  const bool has_sink = !f.sinks.empty();
  float max = has_sink ? f.sinks[head] : -std::numeric_limits<float>::infinity();
  for (std::size_t k = row * keys; k < (row + 1) * keys; ++k)
    max = std::isnan(t.masked[k]) || t.masked[k] > max ? t.masked[k] : max;
  require_allowed("row_max", {t.row_max[row]},
                  {std::isnan(max) ? Allowed::nan() : Allowed::exactly(as_double(max))});
  if (!std::isfinite(max))
    return;
  double sum = has_sink ? std::exp(as_double(f.sinks[head]) - as_double(max)) : 0;
  std::vector<Allowed> exponentials, weights;
  for (std::size_t k = row * keys; k < (row + 1) * keys; ++k) {
    const double x = as_double(t.masked[k]) - as_double(max);
    exponentials.push_back(expected.excluded[k] != 0 ? Allowed::exactly(0) : exponential(x));
    sum += as_double(t.exponentials[k]);
    const double weight = as_double(t.exponentials[k]) / as_double(t.row_sum[row]);
    // Scores are rounded when they are written; attend's weights come from those that were not.
    const double scores =
        std::isinf(x) ? 0 : std::abs(as_double(t.masked[k])) + std::abs(as_double(max));
    const double moved = std::exp(std::min(200.0, of_naive * rounding * (2 * scores + 4)));
    weights.push_back(
        Allowed::between(weight / moved - 4 * smallest, (weight + 4 * smallest) * moved));
  }
  const auto of_row = [&](const std::vector<float>& all) {
    return std::vector(all.begin() + static_cast<std::ptrdiff_t>(row * keys),
                       all.begin() + static_cast<std::ptrdiff_t>((row + 1) * keys));
  };
  require_allowed("exponentials", of_row(t.exponentials), exponentials);
  require_allowed("row_sum", {t.row_sum[row]}, {Allowed::near(sum, 8 * rounding * sum)});
  require_allowed("weights of exponentials", of_row(t.weights), weights);
}

/// weights[i, j]·V[j, :], one multiplication, and 0 for a key that is excluded; in a row that is
/// NaN neither its weight nor this is promised.
void require_contributions(const FuzzedProblem& f, const Traced& t, const Expectation& expected) {
  const Extents& e = f.options.extents;
  std::vector<float> contributions;
  std::size_t index = 0;
  for (int b = 0; b < e.batch; ++b)
    for (int h = 0; h < e.heads; ++h)
      for (int i = 0; i < e.queries; ++i)
        for (int j = 0; j < e.keys; ++j, ++index)
          for (int c = 0; c < e.value_depth; ++c)
            contributions.push_back(expected.excluded[index] != 0 && !std::isnan(t.weights[index])
                                        ? 0
                                        : t.weights[index] *
                                              f.value.at(b, h / (e.heads / e.key_heads), j, c));
  require_same_bits("contributions", t.contributions, contributions);
}

Expectation expectation_of_products(FuzzedProblem f) {
  Problem plain;
  plain.extents = f.options.extents;
  plain.scale = 1;
  f.options = plain;
  f.mask.clear();
  f.bias.clear();
  f.alibi_slopes.clear();
  f.sinks.clear();
  return expectation_of(f);
}

void fuzz(FuzzedDataProvider& bytes) {
  const FuzzedProblem fuzzed = problem_from(bytes, 8'000);
  const Context context(describe(fuzzed));
  const Extents& e = fuzzed.options.extents;
  if (element_count({e.batch, e.heads, e.queries, e.keys}) == 0)
    return; // no pointer of a trace may be null
  const Expectation expected = expectation_of(fuzzed);
  const Expectation products = expectation_of_products(fuzzed);
  for (const Target* target : targets()) {
    const Context on("  target " + std::string(target->name));
    const Run attended = run(*target, fuzzed, all_captures, 0xFF);
    const Traced traced = trace_of(*target, fuzzed);
    require_allowed("products", traced.products, products.scores_raw);
    require_same_bits("output", traced.output, attended.output);
    require_same_bits("scaled", traced.scaled, attended.captured.scores_raw);
    require_same_bits("masked", traced.masked, attended.captured.scores_masked);
    require_same_bits("weights", traced.weights, attended.captured.weights);
    require_allowed("masked", traced.masked, expected.scores_masked);
    for (std::size_t row = 0; row < expected.empty.size(); ++row)
      require_row(fuzzed, traced, expected, row);
    require_contributions(fuzzed, traced, expected);
  }
}

} // namespace

} // namespace qkv::campaign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  qkv::campaign::fuzz(bytes);
  return 0;
}
