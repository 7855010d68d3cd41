// Exact combination of attention over disjoint sets of keys.
//
// With o_p the output and l_p the log-sum-exp of part p, the whole is
//     o = Σ exp(l_p − l)·o_p,   l = ln Σ exp(l_p),
// the rescaling of the online softmax (FlashAttention, arXiv:2205.14135, §3.1) between parts
// instead of tiles. Parts may come from other calls, threads or machines.
#pragma once

#include "problem.hpp"
#include "simd/arch.hpp"

#include <span>

namespace qkv {

/// One part of a merge: its output [B, H, L, Dv] and log_sum_exp [B, H, L], dense.
struct MergePart {
  Tensor<const float> output;
  const float* log_sum_exp = nullptr; ///< −∞ where the part has no key: it then counts for nothing
};

/// Reads `batch`, `heads`, `queries` and `value_depth` of the extents. A row that is empty in every
/// part is 0 with a log-sum-exp of −∞. Neither result may overlap a part.
template <class Arch>
void merge(const Extents& extents, std::span<const MergePart> parts, Tensor<float> output,
           float* log_sum_exp);

#define QKV_DECLARE(ARCH)                                                                          \
  extern template void merge<ARCH>(const Extents&, std::span<const MergePart>, Tensor<float>,      \
                                   float*)
QKV_FOR_EACH_ARCH(QKV_DECLARE);
#undef QKV_DECLARE

} // namespace qkv
