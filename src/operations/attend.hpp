// softmax(scale·Q·Kᵀ + …)·V.
#pragma once

#include "../problem/problem.hpp"

#include <cstddef>

namespace qkv {

/// Align a workspace to 64 bytes, so that no vector load straddles a cache line. The alignment of
/// `operator new` also works, only slower.
inline constexpr std::size_t workspace_alignment = 64;

/// Scratch memory that `attend` and `trace` need, in bytes. It grows with D and Dv, not with L or
/// S.
[[nodiscard]] std::size_t workspace_bytes(const Problem& problem);

/// Computes a validated problem on the best target of this CPU; `best_arch()` and `targets()` offer
/// the same operation by target. The captures must not overlap the inputs. The output must not
/// overlap them either, but it may be the query itself, with the same strides.
void attend(const Problem& problem, std::byte* workspace);

} // namespace qkv
