// Compiled for one arch (QKV_ARCH), as attend.cpp is.
#include "trace.hpp"

#include "kernels/capture.hpp"
#include "kernels/logits.hpp"

#include <algorithm>
#include <cmath>

namespace qkv {

namespace {

template <class Arch>
void trace_products(const Problem& problem, float* products, std::byte* workspace) {
  Problem plain;
  plain.extents = problem.extents;
  plain.query = problem.query;
  plain.key = problem.key;
  plain.value = problem.value;
  plain.output = problem.output; // overwritten by the real one
  plain.scale = 1;
  plain.capture.scores_raw = products;
  attend<Arch>(plain, workspace);
}

/// row_max, exponentials and row_sum of one row of masked scores.
template <class Arch>
void trace_softmax(const Problem& problem, const Trace& to, std::ptrdiff_t row, const float* sink) {
  const std::int32_t keys = problem.extents.keys;
  const float* masked = to.masked + row * keys;
  float* exponentials = to.exponentials + row * keys;

  float max = sink != nullptr ? *sink : minus_infinity;
  for (std::int32_t k = 0; k < keys; ++k)
    max = std::isnan(masked[k]) || masked[k] > max ? masked[k] : max;
  to.row_max[row] = max;

  std::copy_n(masked, keys, exponentials);
  // Weights of an empty row are 0; those of a row whose scores overflowed are not.
  const float* weights = to.weights + row * keys;
  if (std::all_of(weights, weights + keys, [](float w) { return w == 0; }) && sink == nullptr)
    std::fill_n(exponentials, keys, 0.0F);
  else
    exponentiate_row<Arch>(exponentials, keys, log2_e, max);

  float of_sink = 0;
  if (sink != nullptr) {
    of_sink = *sink;
    exponentiate_row<Arch>(&of_sink, 1, log2_e, max);
  }
  to.row_sum[row] = sum_of_row(exponentials, keys, of_sink);
}

void trace_contributions(const Problem& problem, const Trace& to, std::ptrdiff_t row,
                         const float* value) {
  const Extents& e = problem.extents;
  for (std::int32_t k = 0; k < e.keys; ++k) {
    const std::ptrdiff_t index = row * e.keys + k;
    const bool excluded = to.masked[index] == minus_infinity && to.weights[index] == 0;
    for (std::int32_t c = 0; c < e.value_depth; ++c)
      to.contributions[index * e.value_depth + c] =
          excluded ? 0
                   : to.weights[index] * value[std::ptrdiff_t{k} * problem.value.row_stride + c];
  }
}

} // namespace

template <class Arch>
void trace(const Problem& problem, const Trace& to, std::byte* workspace) {
  trace_products<Arch>(problem, to.products, workspace);

  Problem captured = problem;
  captured.capture = {.scores_raw = to.scaled, .scores_masked = to.masked, .weights = to.weights};
  attend<Arch>(captured, workspace);

  const Extents& e = problem.extents;
  const std::int32_t group = Plan(problem).group;
  for (std::int32_t b = 0; b < e.batch; ++b)
    for (std::int32_t h = 0; h < e.heads; ++h) {
      const float* sink = problem.sinks != nullptr ? problem.sinks + h : nullptr;
      const float* value = problem.value.data + std::ptrdiff_t{b} * problem.value.batch_stride +
                           std::ptrdiff_t{h / group} * problem.value.head_stride;
      for (std::int32_t i = 0; i < e.queries; ++i) {
        const std::ptrdiff_t row = (std::ptrdiff_t{b} * e.heads + h) * e.queries + i;
        trace_softmax<Arch>(problem, to, row, sink);
        trace_contributions(problem, to, row, value);
      }
    }
}

template void trace<QKV_ARCH>(const Problem&, const Trace&, std::byte*);

} // namespace qkv
