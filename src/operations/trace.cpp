// trace on one target: attend with captures, then plain loops.
#include "trace.hpp"

#include "../kernels/capture.hpp"

#include <cmath>

namespace qkv::QKV_TARGET {

void attend(const Problem& problem, std::byte* workspace); // of the same target

namespace {

/// Q·Kᵀ: the raw scores with a scale of 1 and nothing of V, so that no output is written.
void trace_products(const Problem& problem, float* products, std::byte* workspace) {
  Problem plain;
  plain.extents = problem.extents;
  plain.extents.value_depth = 0;
  plain.query = problem.query;
  plain.key = problem.key;
  plain.scale = 1;
  plain.capture.scores_raw = products;
  attend(plain, workspace);
}

/// row_max, exponentials and row_sum of one row of masked scores.
void trace_softmax(const Problem& problem, const Trace& to, std::ptrdiff_t row,
                   const KeysOfRow& attended, const float* sink) {
  const std::int32_t keys = problem.extents.keys;
  const float* const masked = to.masked + row * keys;
  float* const exponentials = to.exponentials + row * keys;

  float max = sink != nullptr ? *sink : minus_infinity;
  for (std::int32_t k = 0; k < keys; ++k)
    max = std::isnan(masked[k]) || masked[k] > max ? masked[k] : max;
  to.row_max[row] = max;

  copy(masked, keys, exponentials);
  exponentiate_row(exponentials, keys, max, log2_e);
  for (std::int32_t k = 0; k < keys; ++k)
    if (!attended.has(k)) // 0, in a row that is NaN or empty as well
      exponentials[k] = 0;

  float of_sink = 0;
  if (sink != nullptr) {
    of_sink = *sink;
    exponentiate_row(&of_sink, 1, max, log2_e);
  }
  to.row_sum[row] = sum_of_row(exponentials, keys, of_sink);
}

void trace_contributions(const Problem& problem, const Trace& to, std::ptrdiff_t row,
                         const KeysOfRow& attended, const float* value) {
  const Extents& e = problem.extents;
  for (std::int32_t k = 0; k < e.keys; ++k) {
    const std::ptrdiff_t index = row * e.keys + k;
    const bool counts = attended.has(k);
    for (std::int32_t c = 0; c < e.value_depth; ++c)
      to.contributions[index * e.value_depth + c] =
          counts ? to.weights[index] * value[std::ptrdiff_t{k} * problem.value.row_stride + c] : 0;
  }
}

} // namespace

void trace(const Problem& problem, const Trace& to, std::byte* workspace) {
  trace_products(problem, to.products, workspace);

  Problem captured = problem;
  captured.capture = {.scores_raw = to.scaled, .scores_masked = to.masked, .weights = to.weights};
  attend(captured, workspace);

  const Extents& e = problem.extents;
  const Plan plan(problem);
  for (std::int32_t b = 0; b < e.batch; ++b)
    for (std::int32_t h = 0; h < e.heads; ++h) {
      const float* const sink = problem.sinks != nullptr ? problem.sinks + h : nullptr;
      const float* const value = row_of(problem.value, b, h / plan.group, 0);
      for (std::int32_t i = 0; i < e.queries; ++i) {
        const std::ptrdiff_t row = (std::ptrdiff_t{b} * e.heads + h) * e.queries + i;
        const KeysOfRow attended{.plan = plan,
                                 .range = plan.key_range(b, i),
                                 .mask_row = plan.mask.row(b, h, i),
                                 .bias_row = plan.bias.row(b, h, i)};
        trace_softmax(problem, to, row, attended, sink);
        trace_contributions(problem, to, row, attended, value);
      }
    }
}

} // namespace qkv::QKV_TARGET
