// Exact combination of attention over disjoint sets of keys.
//
// With o_p the output of part p, m_p its row maximum and l_p its row sum, the whole is
//     o = Σ exp(m_p − m)·l_p·o_p / l,   m = max m_p,   l = Σ exp(m_p − m)·l_p,
// the rescaling of the online softmax (FlashAttention, arXiv:2205.14135, §3.1) between parts
// instead of blocks. Parts may come from other calls, threads or machines.
#pragma once

#include "../problem/problem.hpp"

#include <span>

namespace qkv {

/// One part of a merge, dense: its output [B, H, L, Dv], and [B, H, L] either row_max and row_sum,
/// or log_sum_exp alone. The first are as exact as one `attend`. A log-sum-exp in float32 adds its
/// own rounding, 2^−24·|log_sum_exp|, to each weight.
struct MergePart {
  Tensor<const float> output;
  const float* log_sum_exp = nullptr; ///< read if row_max is null; −∞ where the part has no key
  const float* row_max = nullptr;
  const float* row_sum = nullptr; ///< 0 where the part has no key: it then counts for nothing
};

/// Where a merge writes; any but the output may be null.
struct Merged {
  Tensor<float> output;
  float* log_sum_exp = nullptr;
  float* row_max = nullptr;
  float* row_sum = nullptr;
};

/// Reads `batch`, `heads`, `queries` and `value_depth` of the extents. A row that is empty in every
/// part is 0 with a log-sum-exp of −∞; NaN in one part gives NaN. Outputs lie within the range of
/// the parts' outputs. No result may overlap a part.
void merge(const Extents& extents, std::span<const MergePart> parts, const Merged& to);

} // namespace qkv
