// Scaled dot-product attention: the public interface of the core.
//
//     O = softmax(scale·Q·Kᵀ)·V
//
// computed in tiles with an online softmax (Milakov & Gimelshein, arXiv:1805.02867; FlashAttention,
// arXiv:2205.14135): memory beyond inputs and output does not grow with L or S unless scores or
// weights are captured. float32 in and out. Nothing here allocates, throws or locks.
//
//     Problem problem = ...;
//     if (Status status = validate(problem); !status.ok()) ...
//     std::vector<std::byte> workspace(workspace_bytes<arch::simd>(problem));
//     attend<arch::simd>(problem, workspace.data());
#pragma once

#include "problem.hpp"
#include "simd/arch.hpp"
#include "status.hpp"

#include <cstddef>

namespace qkv {

/// Checks extents and options; reads the arrays of options, not the tensors, whose pointers may
/// still be null. That pointers and strides fit the extents is the caller's to know.
[[nodiscard]] Status validate(const Problem& problem);

/// Scratch memory that `attend` needs, in bytes: grows with D and Dv, not with L or S.
template <class Arch>
[[nodiscard]] std::size_t workspace_bytes(const Problem& problem);

/// The best alignment of a workspace in bytes: no cache line is read twice. That of operator new
/// does.
inline constexpr std::size_t workspace_alignment = 64;

/// Computes a validated problem. The output and captures must not overlap the inputs.
template <class Arch>
void attend(const Problem& problem, std::byte* workspace);

#define QKV_DECLARE(ARCH)                                                                          \
  extern template std::size_t workspace_bytes<ARCH>(const Problem&);                               \
  extern template void attend<ARCH>(const Problem&, std::byte*)
QKV_FOR_EACH_ARCH(QKV_DECLARE);
#undef QKV_DECLARE

} // namespace qkv
