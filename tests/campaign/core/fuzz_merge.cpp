// merge: of parts of one problem, which must be the whole, and of parts that are only numbers.
#include "expectation.hpp"
#include "findings.hpp"
#include "parts.hpp"
#include "run.hpp"
#include "scores.hpp"

namespace qkv::campaign {

namespace {

struct Merged {
  std::vector<float> output, log_sum_exp;
};

Merged merge_of(const Target& target, const Extents& extents, const std::vector<MergePart>& parts,
                Strided<float> output) {
  Merged merged;
  merged.log_sum_exp.assign(element_count({extents.batch, extents.heads, extents.queries}),
                            unwritten());
  target.merge(extents, parts, output.tensor(), merged.log_sum_exp.data());
  merged.output = dense_rows(output);
  return merged;
}

void require_same_merge(const std::vector<Merged>& merged) {
  const Context bits("  scalar and simd");
  if (merged.size() < 2)
    return;
  require_same_bits("output", merged[0].output, merged[1].output);
  require_same_bits("log_sum_exp", merged[0].log_sum_exp, merged[1].log_sum_exp);
}

Tensor<const float> dense(const std::vector<float>& output, const Extents& e) {
  return {.data = output.data(),
          .batch_stride = e.heads * e.queries * e.value_depth,
          .head_stride = e.queries * e.value_depth,
          .row_stride = e.value_depth};
}

void fuzz_whole(FuzzedDataProvider& bytes) {
  const FuzzedProblem whole = problem_from(bytes, 20'000);
  const Context context(describe(whole));
  const std::vector<FuzzedProblem> problems = parts_from(bytes, whole);
  if (problems.empty())
    return;
  std::string cuts = "  parts of";
  for (const FuzzedProblem& part : problems)
    cuts += ' ' + std::to_string(part.options.extents.keys);
  const Context of_parts(cuts + " keys");
  const Expectation expected = expectation_of(whole, Way::merged);
  const Extents& e = whole.options.extents;
  std::vector<Merged> merged;
  for (const Target* target : targets()) {
    const Context on("  target " + std::string(target->name));
    std::vector<Run> runs;
    for (const FuzzedProblem& part : problems)
      runs.push_back(run(*target, part, 0b10000, 0xFF));
    std::vector<MergePart> parts;
    for (const Run& part : runs)
      parts.push_back(
          {.output = dense(part.output, e), .log_sum_exp = part.captured.log_sum_exp.data()});
    const Merged& m = merged.emplace_back(merge_of(*target, e, parts, whole.output));
    require_allowed("output", m.output, expected.output);
    require_allowed("log_sum_exp", m.log_sum_exp, expected.log_sum_exp);
  }
  require_same_merge(merged);
}

/// Parts that no attend need have made.
struct LoosePart {
  Strided<float> output;
  std::vector<float> log_sum_exp;
};

LoosePart loose_part_from(FuzzedDataProvider& bytes, const Extents& e) {
  LoosePart part{.output = strided(bytes, e.batch, e.heads, e.queries, e.value_depth),
                 .log_sum_exp = {}};
  fill(bytes, part.output, last_kind);
  Strided<float> rows = strided(bytes, 1, 1, 1, e.batch * e.heads * e.queries);
  fill(bytes, rows, Kind::minus_infinity);
  part.log_sum_exp = dense_rows(rows);
  for (float& l : part.log_sum_exp) // +∞ is no log-sum-exp of finite scores
    l = l > std::numeric_limits<float>::max() ? std::numeric_limits<float>::quiet_NaN() : l;
  return part;
}

/// One element in double: Σ exp(l − max)·x / Σ exp(l − max).
Allowed merged_element(const std::vector<double>& l, const std::vector<double>& x) {
  const double lowest = -std::numeric_limits<double>::infinity();
  double max = lowest, sum = 0, output = 0, error = 0;
  bool is_finite = true;
  for (const double each : l)
    max = std::isnan(each) || each > max ? each : max;
  if (std::isnan(max))
    return Allowed::nan();
  for (std::size_t p = 0; p < l.size(); ++p) {
    if (l[p] == lowest)
      continue;
    if (std::isnan(x[p]))
      return Allowed::nan();
    is_finite &= std::isfinite(x[p]);
    const double share = std::exp(l[p] - max);
    sum += share;
    output += share * x[p];
    const double relative =
        of_naive * rounding * (3 * std::abs(l[p] - max) + 2 * static_cast<double>(l.size()) + 8);
    error += std::abs(x[p]) * (share * relative + of_naive * smallest) + of_naive * smallest;
  }
  if (max == lowest)
    return Allowed::exactly(0);
  if (!is_finite)
    return Allowed::not_finite();
  // What one share is off by, all are: the sum is.
  double off = 0;
  for (std::size_t p = 0; p < l.size(); ++p)
    if (l[p] != lowest)
      off += std::exp(l[p] - max) * of_naive * rounding * (3 * std::abs(l[p] - max) + 8);
  error = error / sum + std::abs(output) / sum * off / sum;
  return Allowed::near(output / sum, error).within(-largest, largest);
}

void fuzz_loose(FuzzedDataProvider& bytes) {
  Extents e;
  e.batch = bytes.ConsumeIntegralInRange(0, 2);
  e.heads = bytes.ConsumeIntegralInRange(0, 3);
  e.key_heads = e.heads;
  e.queries = bytes.ConsumeIntegralInRange(0, 20);
  e.value_depth = bytes.ConsumeIntegralInRange(0, 20);
  e.depth = 1;
  std::vector<LoosePart> loose;
  for (int count = bytes.ConsumeIntegralInRange(0, 4); count > 0; --count)
    loose.push_back(loose_part_from(bytes, e));
  std::vector<MergePart> parts;
  for (LoosePart& part : loose)
    parts.push_back(
        {.output = std::as_const(part.output).tensor(), .log_sum_exp = part.log_sum_exp.data()});
  const Strided<float> output = strided(bytes, e.batch, e.heads, e.queries, e.value_depth);
  std::vector<Allowed> expected;
  std::size_t row = 0;
  for (int b = 0; b < e.batch; ++b)
    for (int h = 0; h < e.heads; ++h)
      for (int i = 0; i < e.queries; ++i, ++row)
        for (int c = 0; c < e.value_depth; ++c) {
          std::vector<double> l, x;
          for (const LoosePart& part : loose) {
            l.push_back(static_cast<double>(part.log_sum_exp[row]));
            x.push_back(static_cast<double>(part.output.at(b, h, i, c)));
          }
          expected.push_back(merged_element(l, x));
        }
  const Context context("  loose parts: " + std::to_string(parts.size()) + ", B " +
                        std::to_string(e.batch) + ", H " + std::to_string(e.heads) + ", L " +
                        std::to_string(e.queries) + ", Dv " + std::to_string(e.value_depth));
  std::vector<Merged> merged;
  for (const Target* target : targets()) {
    const Context on("  target " + std::string(target->name));
    merged.push_back(merge_of(*target, e, parts, output));
    require_allowed("output", merged.back().output, expected);
  }
  require_same_merge(merged);
}

} // namespace

} // namespace qkv::campaign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  if (bytes.ConsumeBool())
    qkv::campaign::fuzz_whole(bytes);
  else
    qkv::campaign::fuzz_loose(bytes);
  return 0;
}
