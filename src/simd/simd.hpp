// The vector vocabulary of the kernels: xsimd with the arch always named, and what it lacks.
#pragma once

#include "arch.hpp"

#if defined(__wasm_relaxed_simd__)
#include "relaxed.hpp"
#else
#include <xsimd/xsimd.hpp>
#endif

#include <cstddef>
#include <type_traits>

namespace qkv {

template <class Arch>
using Vector = xsimd::batch<float, Arch>;
template <class Arch>
using Integers = xsimd::batch<std::int32_t, Arch>;

template <class Arch>
inline constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(Vector<Arch>::size);

template <class Arch>
inline Vector<Arch> load(const float* from) {
  return Vector<Arch>::load_unaligned(from);
}

template <class Arch>
inline Integers<Arch> load(const std::int32_t* from) {
  return Integers<Arch>::load_unaligned(from);
}

template <class Arch>
inline void store(float* to, const Vector<Arch>& from) {
  from.store_unaligned(to);
}

/// max(x, low), and NaN where x is NaN. Which operand xsimd::max returns for a NaN depends on the
/// arch: WebAssembly's pmax (one instruction on x86, unlike its max) and the emulation keep the
/// first one, SSE and AVX the second.
template <class Arch>
inline Vector<Arch> at_least(const Vector<Arch>& x, float low) {
  if constexpr (std::is_base_of_v<xsimd::wasm, Arch> || std::is_same_v<Arch, arch::scalar>)
    return xsimd::max(x, Vector<Arch>(low));
  else
    return xsimd::select(x < Vector<Arch>(low), Vector<Arch>(low), x);
}

} // namespace qkv
