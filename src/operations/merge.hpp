// Exact combination of attention over disjoint sets of keys.
//
// With o_p the output and l_p the log-sum-exp of part p, the whole is
//     o = Σ exp(l_p − l)·o_p,   l = ln Σ exp(l_p),
// the rescaling of the online softmax (FlashAttention, arXiv:2205.14135, §3.1) between parts
// instead of blocks. Parts may come from other calls, threads or machines.
#pragma once

#include "../problem/problem.hpp"

#include <span>

namespace qkv {

/// One part of a merge: its output [B, H, L, Dv] and log_sum_exp [B, H, L], dense.
struct MergePart {
  Tensor<const float> output;
  const float* log_sum_exp = nullptr; ///< −∞ where the part has no key: it then counts for nothing
};

/// Reads `batch`, `heads`, `queries` and `value_depth` of the extents. A row that is empty in every
/// part is 0 with a log-sum-exp of −∞; NaN in one part gives NaN. Outputs of finite parts are
/// finite. Neither result may overlap a part.
void merge(const Extents& extents, std::span<const MergePart> parts, Tensor<float> output,
           float* log_sum_exp);

} // namespace qkv
