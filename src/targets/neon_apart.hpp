// NEON that rounds a product before it is added to: an xsimd arch for the target `simd` on ARM.
// xsimd's own neon64 fuses `fma`, so its bits differ from `scalar`.
//
// Include this through simd/vector.hpp only; relaxed.hpp says why the order of declarations
// matters.
#pragma once

#include "extend_xsimd.hpp"

namespace qkv {

struct NeonApart : xsimd::neon64 {
  static constexpr const char* name() noexcept { return "neon64, not fused"; }
};

} // namespace qkv

namespace xsimd {

namespace types {
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(qkv::NeonApart, neon64);
} // namespace types

namespace kernel {
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
