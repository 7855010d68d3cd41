// An xsimd arch for WebAssembly's relaxed SIMD: simd128 with `fma`, `nearbyint` and
// `nearbyint_as_int` as the engine's own instructions.
//
// xsimd has none. Its kernels dispatch on the arch tag, so a tag derived from xsimd::wasm inherits
// all of them and needs overloads of these. They must be declared before <xsimd/xsimd.hpp>
// (two-phase lookup: declared later they are silently ignored) and defined after it. A test finds
// f32x4.relaxed_madd in the binary.
//
// Include through simd.hpp only.
#pragma once

#include <complex> // xsimd's forward headers use it without including it

// clang-format off: the order matters
#if __has_include(<xsimd/types/xsimd_batch_fwd.hpp>) // xsimd 14
#include <xsimd/types/xsimd_batch_fwd.hpp>
#else // xsimd 13
#include <xsimd/config/xsimd_inline.hpp>
#include <xsimd/config/xsimd_arch.hpp>
#include <xsimd/types/xsimd_utils.hpp>
#endif
// clang-format on

namespace qkv::arch {

struct wasm_relaxed : xsimd::wasm {
  static constexpr const char* name() noexcept { return "wasm+relaxed"; }
};

} // namespace qkv::arch

namespace xsimd {

template <class T, class A>
class batch;

namespace types {
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(qkv::arch::wasm_relaxed, wasm);
} // namespace types

namespace kernel {
template <class A>
batch<float, A> fma(const batch<float, A>& x, const batch<float, A>& y, const batch<float, A>& z,
                    requires_arch<qkv::arch::wasm_relaxed>) noexcept;
template <class A>
batch<float, A> nearbyint(const batch<float, A>& x,
                          requires_arch<qkv::arch::wasm_relaxed>) noexcept;
template <class A>
batch<std::int32_t, A> nearbyint_as_int(const batch<float, A>& x,
                                        requires_arch<qkv::arch::wasm_relaxed>) noexcept;
} // namespace kernel

} // namespace xsimd

#include <xsimd/xsimd.hpp>

namespace xsimd::kernel {

template <class A>
XSIMD_INLINE batch<float, A> fma(const batch<float, A>& x, const batch<float, A>& y,
                                 const batch<float, A>& z,
                                 requires_arch<qkv::arch::wasm_relaxed>) noexcept {
  return wasm_f32x4_relaxed_madd(x, y, z);
}

template <class A>
XSIMD_INLINE batch<float, A> nearbyint(const batch<float, A>& x,
                                       requires_arch<qkv::arch::wasm_relaxed>) noexcept {
  return wasm_f32x4_nearest(x);
}

template <class A>
XSIMD_INLINE batch<std::int32_t, A>
nearbyint_as_int(const batch<float, A>& x, requires_arch<qkv::arch::wasm_relaxed>) noexcept {
  return wasm_i32x4_relaxed_trunc_f32x4(wasm_f32x4_nearest(x));
}

} // namespace xsimd::kernel
