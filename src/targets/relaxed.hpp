// WebAssembly's relaxed SIMD as an xsimd arch: simd128 whose `fma`, `nearbyint` and
// `nearbyint_as_int` are the engine's own instructions. xsimd has no relaxed SIMD.
//
// xsimd's kernels dispatch on the tag, so a tag derived from xsimd::wasm inherits all of them and
// needs overloads of these three. Declare them before <xsimd/xsimd.hpp> and define them after it:
// two-phase lookup silently ignores later declarations. A test finds f32x4.relaxed_madd in the
// binary.
//
// Include this through simd/vector.hpp only.
#pragma once

#include "extend_xsimd.hpp"

namespace qkv {

struct WasmRelaxed : xsimd::wasm {
  static constexpr const char* name() noexcept { return "wasm+relaxed"; }
};

} // namespace qkv

namespace xsimd {

namespace types {
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(qkv::WasmRelaxed, wasm);
} // namespace types

namespace kernel {
template <class A>
batch<float, A> fma(const batch<float, A>& x, const batch<float, A>& y, const batch<float, A>& z,
                    requires_arch<qkv::WasmRelaxed>) noexcept;
template <class A>
batch<float, A> nearbyint(const batch<float, A>& x, requires_arch<qkv::WasmRelaxed>) noexcept;
template <class A>
batch<std::int32_t, A> nearbyint_as_int(const batch<float, A>& x,
                                        requires_arch<qkv::WasmRelaxed>) noexcept;
} // namespace kernel

} // namespace xsimd

#include <xsimd/xsimd.hpp>

namespace xsimd::kernel {

template <class A>
XSIMD_INLINE batch<float, A> fma(const batch<float, A>& x, const batch<float, A>& y,
                                 const batch<float, A>& z,
                                 requires_arch<qkv::WasmRelaxed>) noexcept {
  return wasm_f32x4_relaxed_madd(x, y, z);
}

template <class A>
XSIMD_INLINE batch<float, A> nearbyint(const batch<float, A>& x,
                                       requires_arch<qkv::WasmRelaxed>) noexcept {
  return wasm_f32x4_nearest(x);
}

template <class A>
XSIMD_INLINE batch<std::int32_t, A> nearbyint_as_int(const batch<float, A>& x,
                                                     requires_arch<qkv::WasmRelaxed>) noexcept {
  return wasm_i32x4_relaxed_trunc_f32x4(wasm_f32x4_nearest(x));
}

} // namespace xsimd::kernel
