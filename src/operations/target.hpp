// The instruction sets that this library holds, and the choice between them at run time.
#pragma once

#include "../problem/problem.hpp"
#include "merge.hpp"
#include "trace.hpp"

#include <cstddef>
#include <span>

namespace qkv {

/// One instruction set: its name and its operations, which `attend.hpp`, `merge.hpp` and
/// `trace.hpp` explain.
///
///   scalar  plain C++ on four lanes: runs everywhere, and gives `simd` its order of operations
///   simd    128-bit vectors; multiplies and adds apart, so it has the same bits as `scalar`
///   fused   fused multiply-add: relaxed SIMD in WebAssembly, AVX2 with FMA on x86-64, NEON on ARM
///
/// A WebAssembly module holds one target. A native library holds all targets of its architecture.
struct Target {
  const char* name;
  std::size_t (*workspace_bytes)(const Problem& problem);
  void (*attend)(const Problem& problem, std::byte* workspace);
  void (*trace)(const Problem& problem, const Trace& to, std::byte* workspace);
  void (*merge)(const Extents& extents, std::span<const MergePart> parts, Tensor<float> output,
                float* log_sum_exp);
};

/// The targets that this library holds and this CPU runs, from the slowest to the fastest.
[[nodiscard]] std::span<const Target* const> targets();

/// The fastest of them; chosen once. Every CPU of the architecture runs at least `scalar`.
[[nodiscard]] const Target& best_arch();

} // namespace qkv
