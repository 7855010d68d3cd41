// The instruction sets that the core is built for. Only tags: no vector code, safe to include
// anywhere.
//
//   scalar  plain C++ on four lanes: the fallback, and the order of operations of `simd`
//   simd    128-bit vectors, multiplication and addition rounded apart: the same bits as `scalar`
//   fused   fused multiply-add: relaxed SIMD as WebAssembly, AVX2 with FMA on x86-64
//
// A WebAssembly module is compiled with the flags of one arch and holds that one; a native library
// holds all that its machine can have. QKV_FOR_EACH_ARCH(DO) applies DO to each that is built.
#pragma once

#include <cstddef>

namespace xsimd {
template <std::size_t>
struct emulated;
struct wasm;
struct sse4_2;
struct avx2;
struct neon64;
template <class>
struct fma3;
} // namespace xsimd

namespace qkv::arch {

struct wasm_relaxed; // relaxed.hpp

using scalar = xsimd::emulated<128>;
#if defined(__wasm__)
using simd = xsimd::wasm;
using fused = wasm_relaxed;
#elif defined(__x86_64__)
using simd = xsimd::sse4_2;
using fused = xsimd::fma3<xsimd::avx2>;
#elif defined(__aarch64__)
using simd = xsimd::neon64;
using fused = xsimd::neon64;
#endif

} // namespace qkv::arch

#if defined(__wasm_relaxed_simd__)
#define QKV_FOR_EACH_ARCH(DO) DO(qkv::arch::fused)
#elif defined(__wasm_simd128__)
#define QKV_FOR_EACH_ARCH(DO) DO(qkv::arch::simd)
#elif defined(__wasm__)
#define QKV_FOR_EACH_ARCH(DO) DO(qkv::arch::scalar)
#elif defined(__x86_64__)
#define QKV_FOR_EACH_ARCH(DO)                                                                      \
  DO(qkv::arch::scalar);                                                                           \
  DO(qkv::arch::simd);                                                                             \
  DO(qkv::arch::fused)
#elif defined(__aarch64__)
#define QKV_FOR_EACH_ARCH(DO)                                                                      \
  DO(qkv::arch::scalar);                                                                           \
  DO(qkv::arch::simd)
#else
#define QKV_FOR_EACH_ARCH(DO) DO(qkv::arch::scalar)
#endif
