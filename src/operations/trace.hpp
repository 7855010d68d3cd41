// Every intermediate of the formula, for one small problem, as the engine computes it.
#pragma once

#include "../problem/problem.hpp"

#include <cstddef>

namespace qkv {

/// Where to write; none is null. [B, H, L, S] unless said otherwise, dense.
struct Trace {
  float* products = nullptr;      ///< Q·Kᵀ
  float* scaled = nullptr;        ///< × scale
  float* masked = nullptr;        ///< after all options; −∞ where excluded
  float* row_max = nullptr;       ///< maximum over keys and sink, [B, H, L]; −∞ for an empty row
  float* exponentials = nullptr;  ///< exp(masked − row_max)
  float* row_sum = nullptr;       ///< Σ exponentials, plus the sink's, [B, H, L]
  float* weights = nullptr;       ///< exponentials / row_sum, up to rounding; 0 for an empty row
  float* contributions = nullptr; ///< weights[i, j]·V[j, :], [B, H, L, S, Dv]
};

/// Computes a validated problem as `attend` does, and writes its intermediates. Ignores the
/// captures of the problem. Unlike for `attend`, the output must not be the query.
void trace(const Problem& problem, const Trace& to, std::byte* workspace);

} // namespace qkv
