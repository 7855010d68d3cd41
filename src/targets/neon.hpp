// NEON as two xsimd arches. xsimd's neon64 divides by an estimate of the reciprocal; both of these
// divide exactly, by an instruction of their own. `NeonApart` also rounds a product before it is
// added to, since the target `simd` has the bits of `scalar`.
//
// Include this through simd/vector.hpp only; relaxed.hpp says why the order of declarations
// matters.
#pragma once

#include "extend_xsimd.hpp"

namespace qkv {

struct Neon : xsimd::neon64 {
  static constexpr const char* name() noexcept { return "neon64, dividing exactly"; }
};

struct NeonApart : Neon {
  static constexpr const char* name() noexcept { return "neon64, not fused"; }
};

} // namespace qkv

namespace xsimd {

namespace types {
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(qkv::Neon, neon64);
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(qkv::NeonApart, neon64);

template <class T>
struct get_bool_simd_register<T, qkv::Neon> : detail::neon_bool_simd_register<T, qkv::Neon> {};
template <class T>
struct get_bool_simd_register<T, qkv::NeonApart>
    : detail::neon_bool_simd_register<T, qkv::NeonApart> {};
} // namespace types

namespace kernel {
template <class A>
batch<float, A> div(const batch<float, A>& x, const batch<float, A>& y,
                    requires_arch<qkv::Neon>) noexcept;
template <class A>
batch<float, A> fma(const batch<float, A>& x, const batch<float, A>& y, const batch<float, A>& z,
                    requires_arch<qkv::NeonApart>) noexcept;
template <class A>
batch<float, A> fms(const batch<float, A>& x, const batch<float, A>& y, const batch<float, A>& z,
                    requires_arch<qkv::NeonApart>) noexcept;
} // namespace kernel

} // namespace xsimd

#include <xsimd/xsimd.hpp>

namespace xsimd::kernel {

template <class A>
XSIMD_INLINE batch<float, A> div(const batch<float, A>& x, const batch<float, A>& y,
                                 requires_arch<qkv::Neon>) noexcept {
  return vdivq_f32(x, y);
}

template <class A>
XSIMD_INLINE batch<float, A> fma(const batch<float, A>& x, const batch<float, A>& y,
                                 const batch<float, A>& z, requires_arch<qkv::NeonApart>) noexcept {
  return x * y + z;
}

template <class A>
XSIMD_INLINE batch<float, A> fms(const batch<float, A>& x, const batch<float, A>& y,
                                 const batch<float, A>& z, requires_arch<qkv::NeonApart>) noexcept {
  return x * y - z;
}

} // namespace xsimd::kernel
