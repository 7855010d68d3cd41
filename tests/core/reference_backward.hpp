// The gradient of attention as semantics are written down: plain loops over every pair of a query
// and a key, in `Real`. In double it is what every arch and option is held against; in float it is
// "naive float32 backward", whose error is the yardstick for ours.
#pragma once

#include "operations/backward.hpp"
#include "reference.hpp"

namespace qkv::reference {

template <class Real>
struct Gradients {
  std::vector<Real> query;        // [B, H, L, D]
  std::vector<Real> key;          // [B, Hk, S, D]
  std::vector<Real> value;        // [B, Hk, S, Dv]
  std::vector<Real> bias;         // as the bias
  std::vector<Real> sinks;        // [H]
  std::vector<Real> alibi_slopes; // [H]
};

/// The gradients, and for each element the sum of the magnitudes of all that is added up to it.
template <class Real>
struct Sums {
  Gradients<Real> gradients;
  Gradients<Real> magnitudes;

  void add(std::vector<Real> Gradients<Real>::* of, std::size_t index, Real term, Real magnitude) {
    (gradients.*of)[index] += term;
    (magnitudes.*of)[index] += std::abs(magnitude);
  }
};

/// How p is computed: as forward does, or as exp(s − lse), from a rounded log-sum-exp.
enum class Weights { of_forward, of_log_sum_exp };

/// Index of an element of a dense tensor that broadcasts.
template <class Element>
std::size_t index_in(const Broadcast<Element>& t, int b, int h, int i, int j) {
  const int* n = t.extents;
  const auto index = [&](int axis, int position) { return n[axis] == 1 ? 0 : position; };
  return static_cast<std::size_t>(((index(0, b) * n[1] + index(1, h)) * n[2] + index(2, i)) * n[3] +
                                  index(3, j));
}

/// The gradients of Σ dO·O for one row, added to `to`. dO: [B, H, L, Dv].
template <class Real>
void add_row_gradient(const Problem& p, const Result<Real>& forward, Weights weights,
                      const float* output_gradient, int b, int h, int i, Sums<Real>& to) {
  using G = Gradients<Real>;
  const Extents& e = p.extents;
  const int key_head = h / (e.heads / e.key_heads);
  const int length = p.key_lengths != nullptr ? p.key_lengths[b] : e.keys;
  const int offset = p.align_end != 0            ? length - e.queries
                     : p.query_offset != nullptr ? p.query_offset[b]
                                                 : 0;
  const Real scale =
      std::isnan(p.scale) ? 1 / std::sqrt(static_cast<Real>(e.depth)) : static_cast<Real>(p.scale);
  const auto row_index = static_cast<std::size_t>((b * e.heads + h) * e.queries + i);
  const auto columns = static_cast<std::size_t>(e.value_depth);
  const auto depth = static_cast<std::size_t>(e.depth);
  const float* const dO = output_gradient + row_index * columns;

  Real delta = 0;
  Real size_of_delta = 0;
  for (std::size_t c = 0; c < columns; ++c) {
    const Real product = static_cast<Real>(dO[c]) * forward.output[row_index * columns + c];
    delta += product;
    size_of_delta += std::abs(product);
  }
  bool empty = true;
  for (int j = 0; j < e.keys; ++j) {
    if (is_excluded(p, b, h, i, j))
      continue;
    empty = false;
    const std::size_t pair =
        row_index * static_cast<std::size_t>(e.keys) + static_cast<std::size_t>(j);
    const auto key_row = static_cast<std::size_t>((b * e.key_heads + key_head) * e.keys + j);
    const Real weight =
        weights == Weights::of_forward
            ? forward.weights[pair]
            : std::exp(forward.scores_masked[pair] - forward.log_sum_exp[row_index]);
    Real dp = 0;
    Real size_of_dp = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      const Real product =
          static_cast<Real>(dO[c]) * static_cast<Real>(row(p.value, b, key_head, j)[c]);
      dp += product;
      size_of_dp += std::abs(product);
      const Real term = weight * static_cast<Real>(dO[c]);
      to.add(&G::value, key_row * columns + c, term, term);
    }
    Real ds = weight * (dp - delta);
    Real size = weight * (size_of_dp + size_of_delta);
    if (p.bias.data != nullptr)
      to.add(&G::bias, index_in(p.bias, b, h, i, j), ds, size);
    if (p.alibi_slopes != nullptr) {
      const auto distance = static_cast<Real>(std::llabs(static_cast<long long>(i) + offset - j));
      to.add(&G::alibi_slopes, static_cast<std::size_t>(h), -ds * distance, size * distance);
    }
    if (p.softcap > 0) {
      const Real tanh = forward.scores_capped[pair] / static_cast<Real>(p.softcap);
      ds *= 1 - tanh * tanh;
    }
    for (std::size_t d = 0; d < depth; ++d) {
      const Real k = scale * static_cast<Real>(row(p.key, b, key_head, j)[d]);
      const Real q = scale * static_cast<Real>(row(p.query, b, h, i)[d]);
      to.add(&G::query, row_index * depth + d, ds * k, size * k);
      to.add(&G::key, key_row * depth + d, ds * q, size * q);
    }
  }
  if (p.sinks != nullptr && !empty) {
    const Real weight = std::exp(static_cast<Real>(p.sinks[h]) - forward.log_sum_exp[row_index]);
    to.add(&G::sinks, static_cast<std::size_t>(h), -weight * delta, weight * size_of_delta);
  }
}

/// All elements of `to` become 0.
template <class Real>
void clear(const Problem& p, Gradients<Real>& to) {
  const Extents& e = p.extents;
  const auto size = [](int b, int h, int rows, int columns) {
    return static_cast<std::size_t>(b) * static_cast<std::size_t>(h) *
           static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  };
  to.query.assign(size(e.batch, e.heads, e.queries, e.depth), 0);
  to.key.assign(size(e.batch, e.key_heads, e.keys, e.depth), 0);
  to.value.assign(size(e.batch, e.key_heads, e.keys, e.value_depth), 0);
  to.bias.assign(p.bias.data == nullptr ? 0 : static_cast<std::size_t>(elements(p.bias)), 0);
  to.sinks.assign(p.sinks == nullptr ? 0 : static_cast<std::size_t>(e.heads), 0);
  to.alibi_slopes.assign(p.alibi_slopes == nullptr ? 0 : static_cast<std::size_t>(e.heads), 0);
}

template <class Real>
Sums<Real> backward(const Problem& p, const float* output_gradient,
                    Weights weights = Weights::of_forward) {
  Sums<Real> to;
  clear(p, to.gradients);
  clear(p, to.magnitudes);
  const Result<Real> forward = attend<Real>(p);
  for (int b = 0; b < p.extents.batch; ++b)
    for (int h = 0; h < p.extents.heads; ++h)
      for (int i = 0; i < p.extents.queries; ++i)
        add_row_gradient(p, forward, weights, output_gradient, b, h, i, to);
  return to;
}

} // namespace qkv::reference
