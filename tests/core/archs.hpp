// The arches that this build holds and this machine runs, for TEMPLATE_LIST_TEST_CASE.
#pragma once

#include "simd/arch.hpp"

#include <catch_amalgamated.hpp>
#include <tuple>

namespace qkv::testing {

#if defined(__wasm_relaxed_simd__)
using Archs = std::tuple<arch::fused>;
#elif defined(__wasm_simd128__)
using Archs = std::tuple<arch::simd>;
#elif defined(__wasm__)
using Archs = std::tuple<arch::scalar>;
#elif defined(__x86_64__)
using Archs = std::tuple<arch::scalar, arch::simd, arch::fused>;
#elif defined(__aarch64__)
using Archs = std::tuple<arch::scalar, arch::simd>;
#else
using Archs = std::tuple<arch::scalar>;
#endif

template <class Arch>
bool runs_here() {
#if defined(__x86_64__)
  if constexpr (std::is_same_v<Arch, arch::fused>)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return true;
}

/// Skips, visibly, what this machine cannot run.
#define REQUIRE_ARCH(ARCH)                                                                         \
  if (!qkv::testing::runs_here<ARCH>())                                                            \
  SKIP("this CPU lacks the instructions of the arch")

} // namespace qkv::testing
