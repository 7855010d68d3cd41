// The backward products whose results are rows of keys: dV += Pᵀ·dO and dK += dSᵀ·Q. The elements
// that are broadcast are weights, so the panels of the micro-kernel are rows of dO or Q: a lane is
// a column, and a step is a row.
#pragma once

#include "exclusion.hpp"
#include "micro_kernel.hpp"

#include <algorithm>
#include <cstddef>

namespace qkv::QKV_TARGET {

/// Rows of dO or Q as panels of block_rows columns: [⌈columns / block_rows⌉][rows][block_rows],
/// zeros past the last column.
[[gnu::noinline]] inline void pack_panels(const float* const* row, std::int32_t rows,
                                          std::int32_t columns, float* to) {
  for (std::int32_t c = 0; c < columns; c += block_rows) {
    const std::int32_t count = std::min(block_rows, columns - c);
    for (std::int32_t r = 0; r < rows; ++r, to += block_rows) {
      for_each_vector<1>(
          count, [&](const auto& vector) { store(vector.in(to), vector.load_from(row[r] + c)); },
          [&](std::ptrdiff_t i) { to[i] = row[r][c + i]; });
      std::fill(to + count, to + block_rows, 0.0F);
    }
  }
}

/// Whether all of `rows` rows are finite.
[[gnu::noinline]] inline bool are_finite(const float* const* row, std::int32_t rows,
                                         std::int32_t columns) {
  FiniteTest test;
  for (std::int32_t r = 0; r < rows; ++r)
    for_each_vector<1>(
        columns, [&](const auto& vector) { test.include(vector.load_from(row[r])); },
        [&](std::ptrdiff_t i) { test.include(row[r][i]); });
  return test.is_passed();
}

struct StoreEpilogue {
  template <int items, int nr>
  static void apply(const Vector (&sum)[items][nr], float* to, float* /*row*/) {
    for (int i = 0; i < items; ++i)
      for (int v = 0; v < nr; ++v)
        store(to + i * block_rows + v * lanes, sum[i][v]);
  }
};

/// One product: to[k] += factor·Σ weights[k][r]·panels[r] over the rows r.
struct KeyGradient {
  const float* weights; ///< [keys][block_rows]: p or ds
  std::int32_t keys;
  std::int32_t rows;    ///< without padding
  const float* panels;  ///< of pack_panels
  std::int32_t columns; ///< the depth of the panels and of `to`
  float factor;
  float* to; ///< the first key's row
  std::ptrdiff_t stride;
};

/// sums [keys][block_rows] of one panel, without the rows for which a key is excluded.
[[gnu::noinline]] inline void multiply_attended(const KeyGradient& product, const float* panel,
                                                std::int32_t columns, float* sums) {
  for (std::int32_t k = 0; k < product.keys; ++k, sums += block_rows)
    for (std::int32_t c = 0; c < columns; c += lane_count) {
      Vector sum(0.0F);
      for (std::int32_t r = 0; r < product.rows; ++r) {
        const float weight = product.weights[k * block_rows + r];
        if (!is_excluded_weight(weight))
          sum = xsimd::fma(load(panel + r * block_rows + c), Vector(weight), sum);
      }
      store(sums + c, sum);
    }
}

/// to[k] += factor·sums[k] for the columns of one panel.
[[gnu::noinline]] inline void add_sums(const float* sums, const KeyGradient& product,
                                       std::int32_t columns, float* to) {
  const Vector factor(product.factor);
  for (std::int32_t k = 0; k < product.keys; ++k, sums += block_rows, to += product.stride)
    for_each_vector<1>(
        columns,
        [&](const auto& vector) {
          store(vector.in(to), xsimd::fma(vector.load_from(sums), factor, vector.load_from(to)));
        },
        [&](std::ptrdiff_t c) {
          to[c] = xsimd::fma(Vector(sums[c]), factor, Vector(to[c])).get(0);
        });
}

/// Computes the product panel by panel. sums: [keys][block_rows]. `skips_excluded` where a row is
/// not finite.
inline void add_key_gradient(const KeyGradient& product, bool skips_excluded, float* sums) {
  const Factor<Float32> weights{.data = product.weights,
                                .item_stride = block_rows,
                                .step_stride = 1,
                                .items = product.keys,
                                .steps = product.rows};
  const float* panel = product.panels;
  for (std::int32_t c = 0; c < product.columns; c += block_rows) {
    const std::int32_t columns = std::min(block_rows, product.columns - c);
    if (skips_excluded)
      multiply_attended(product, panel, columns, sums);
    else
      multiply<StoreEpilogue>(weights, panel, padded_rows(columns), sums, sums);
    add_sums(sums, product, columns, product.to + c);
    panel += std::ptrdiff_t{product.rows} * block_rows;
  }
}

} // namespace qkv::QKV_TARGET
