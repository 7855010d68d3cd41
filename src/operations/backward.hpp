// The gradient of attention: what a change of each input does to a sum Σ dO·O.
//
// Scores are computed again from Q, K and the log-sum-exp, block by block, as FlashAttention-2 does
// (arXiv:2307.08691, algorithm 2): nothing of size L × S is kept. With p the weights and dO the
// gradient of the output,
//     dV[j] = Σ p·dO[i]         ds = p·(dO[i]·V[j] − dO[i]·O[i])
//     dQ[i] = Σ scale·ds·K[j]   dK[j] = Σ scale·ds·Q[i]
// where sums over i include the query heads that share a key head, and the ds of the last line is
// that before softcap.
#pragma once

#include "../problem/gradients.hpp"

#include <cstddef>

namespace qkv {

/// Scratch memory that `backward` needs, in bytes. It grows with D and Dv, not with L or S.
[[nodiscard]] std::size_t backward_workspace_bytes(const Problem& problem);

/// Computes the gradients of a validated problem. Its output and captures are ignored. A gradient
/// may be wanted only of an input that the problem has.
///
/// An excluded key gets exactly 0, and gives nothing to others, whatever it holds. The same holds
/// for a row with no key left, its output gradient included.
void backward(const Problem& problem, const Backward& backward, std::byte* workspace);

} // namespace qkv
