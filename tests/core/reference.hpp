// Attention as semantics are written down: plain loops, one row at a time, in `Real`.
// In double it is what every arch and option is held against; in float it is "naive float32
// attention", whose error is the yardstick for ours.
#pragma once

#include "attention.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

namespace qkv::reference {

template <class Real>
struct Result {
  std::vector<Real> output;        // [B, H, L, Dv]
  std::vector<Real> scores_raw;    // [B, H, L, S]
  std::vector<Real> scores_capped; // [B, H, L, S]
  std::vector<Real> scores_masked; // [B, H, L, S]
  std::vector<Real> weights;       // [B, H, L, S]
  std::vector<Real> log_sum_exp;   // [B, H, L]
};

template <class Element>
Element at(const Broadcast<Element>& t, int b, int h, int i, int j) {
  const int* n = t.extents;
  const auto index = [&](int axis, int position) { return n[axis] == 1 ? 0 : position; };
  return t.data[((index(0, b) * n[1] + index(1, h)) * n[2] + index(2, i)) * n[3] + index(3, j)];
}

template <class Element>
const Element* row(const Tensor<Element>& t, int b, int h, int i) {
  return t.data + static_cast<std::ptrdiff_t>(b) * t.batch_stride +
         static_cast<std::ptrdiff_t>(h) * t.head_stride +
         static_cast<std::ptrdiff_t>(i) * t.row_stride;
}

inline bool is_excluded(const Problem& p, int b, int h, int i, int j) {
  const int length = p.key_lengths != nullptr ? p.key_lengths[b] : p.extents.keys;
  const int offset = p.align_end != 0            ? length - p.extents.queries
                     : p.query_offset != nullptr ? p.query_offset[b]
                                                 : 0;
  const long long position = static_cast<long long>(i) + offset;
  return j >= length || (p.causal != 0 && j > position) ||
         (p.window_left != unbounded && j < position - p.window_left) ||
         (p.window_right != unbounded && j > position + p.window_right) ||
         (p.mask.data != nullptr && at(p.mask, b, h, i, j) == 0) ||
         (p.bias.data != nullptr && std::isinf(at(p.bias, b, h, i, j)));
}

/// One row of Result: scores, weights and output of query i.
template <class Real>
void attend_row(const Problem& p, int b, int h, int i, Result<Real>& result) {
  const Extents& e = p.extents;
  const int key_head = h / (e.heads / e.key_heads);
  const int length = p.key_lengths != nullptr ? p.key_lengths[b] : e.keys;
  const int offset = p.align_end != 0            ? length - e.queries
                     : p.query_offset != nullptr ? p.query_offset[b]
                                                 : 0;
  const Real scale =
      std::isnan(p.scale) ? 1 / std::sqrt(static_cast<Real>(e.depth)) : static_cast<Real>(p.scale);
  const Real infinity = std::numeric_limits<Real>::infinity();

  std::vector<Real> masked;
  std::vector<bool> excluded;
  bool empty = true;
  Real max = p.sinks != nullptr ? static_cast<Real>(p.sinks[h]) : -infinity;
  for (int j = 0; j < e.keys; ++j) {
    Real s = 0;
    for (int d = 0; d < e.depth; ++d)
      s += static_cast<Real>(row(p.query, b, h, i)[d]) *
           static_cast<Real>(row(p.key, b, key_head, j)[d]);
    s *= scale;
    result.scores_raw.push_back(s);
    if (p.softcap > 0)
      s = static_cast<Real>(p.softcap) * std::tanh(s / static_cast<Real>(p.softcap));
    result.scores_capped.push_back(s);
    if (p.alibi_slopes != nullptr)
      s -= static_cast<Real>(p.alibi_slopes[h]) *
           static_cast<Real>(std::llabs(static_cast<long long>(i) + offset - j));
    excluded.push_back(is_excluded(p, b, h, i, j));
    if (excluded.back()) {
      s = -infinity;
    } else {
      empty = false;
      if (p.bias.data != nullptr)
        s += static_cast<Real>(at(p.bias, b, h, i, j));
      max = std::isnan(s) ? s : std::max(max, s);
    }
    masked.push_back(s);
    result.scores_masked.push_back(s);
  }

  Real sum = p.sinks != nullptr ? std::exp(static_cast<Real>(p.sinks[h]) - max) : Real{0};
  for (int j = 0; j < e.keys; ++j)
    if (!excluded[static_cast<std::size_t>(j)])
      sum += std::exp(masked[static_cast<std::size_t>(j)] - max);

  std::vector<Real> output(static_cast<std::size_t>(e.value_depth), 0);
  for (int j = 0; j < e.keys; ++j) {
    Real weight = 0;
    if (!excluded[static_cast<std::size_t>(j)]) {
      weight = std::exp(masked[static_cast<std::size_t>(j)] - max) / sum;
      for (int c = 0; c < e.value_depth; ++c)
        output[static_cast<std::size_t>(c)] +=
            weight * static_cast<Real>(row(p.value, b, key_head, j)[c]);
    }
    result.weights.push_back(weight);
  }
  result.output.insert(result.output.end(), output.begin(), output.end());
  result.log_sum_exp.push_back(empty && p.sinks == nullptr ? -infinity : max + std::log(sum));
}

template <class Real>
Result<Real> attend(const Problem& p) {
  Result<Real> result;
  for (int b = 0; b < p.extents.batch; ++b)
    for (int h = 0; h < p.extents.heads; ++h)
      for (int i = 0; i < p.extents.queries; ++i)
        attend_row(p, b, h, i, result);
  return result;
}

} // namespace qkv::reference
