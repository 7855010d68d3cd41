// The vector vocabulary of the kernels: xsimd with the arch always named, and what it lacks.
#pragma once

#include "arch.hpp"

#if defined(__wasm_relaxed_simd__)
#include "relaxed.hpp"
#else
#include <xsimd/xsimd.hpp>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <numeric>
#include <type_traits>

/// Before a loop over a register tile: it ends up in registers only if the loop is unrolled.
#if defined(__clang__)
#define QKV_UNROLL _Pragma("unroll")
#else
#define QKV_UNROLL
#endif

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

/// The first `count` elements, and zeros; nothing is read past them.
template <class Arch>
[[gnu::noinline]] Vector<Arch> load_first(const float* from, std::ptrdiff_t count) {
  float element[static_cast<std::size_t>(lanes<Arch>)] = {};
  std::copy_n(from, count, element);
  return load<Arch>(element);
}

/// 0, 1, 2, …
template <class Arch>
inline Integers<Arch> iota() {
  std::int32_t element[static_cast<std::size_t>(lanes<Arch>)];
  std::iota(std::begin(element), std::end(element), 0);
  return load<Arch>(element);
}

/// Loads something of each 64 bytes of `rows` rows. WebAssembly has no prefetch; a run of loads
/// that nothing waits for is in flight together, where those of a computation come one by one.
/// Measured on data beyond the caches: up to twice the rate. Not inlined: a loop beside it
/// would have registers spilled.
[[gnu::noinline]] inline void bring_closer(const float* from, std::ptrdiff_t stride,
                                           std::ptrdiff_t rows, std::ptrdiff_t columns) {
  const bool contiguous = stride == columns; // one run is faster than many short ones
  const std::ptrdiff_t run = contiguous ? rows * columns : columns;
  for (std::ptrdiff_t row = 0; row < (contiguous ? 1 : rows); ++row, from += stride)
    for (std::ptrdiff_t i = 0; i < run; i += 16) {
      std::int32_t loaded;
      std::memcpy(&loaded, from + i, sizeof loaded);
      asm volatile("" : : "r"(loaded));
    }
}

template <class Arch>
inline void store(float* to, const Vector<Arch>& from) {
  from.store_unaligned(to);
}

/// A vector in a row. Two numbers: what is constant in an unrolled loop becomes a constant offset.
template <class Arch>
struct VectorOfRow {
  std::ptrdiff_t start;
  std::ptrdiff_t offset;

  template <class Element>
  Element* in(Element* row) const {
    return row + start + offset;
  }
  Vector<Arch> load_from(const float* row) const { return load<Arch>(in(row)); }
};

/// Calls for_vector(vector) for those of a row of `count` elements, in their order, `AtOnce` an
/// iteration, and for_element(i) for the elements that are left.
template <class Arch, int AtOnce, class ForVector, class ForElement>
[[gnu::always_inline]] inline void for_each_vector(std::ptrdiff_t count, ForVector&& for_vector,
                                                   ForElement&& for_element) {
  std::ptrdiff_t c = 0;
  for (; c + AtOnce * lanes<Arch> <= count; c += AtOnce * lanes<Arch>) {
    QKV_UNROLL
    for (std::ptrdiff_t i = 0; i < AtOnce; ++i)
      for_vector(VectorOfRow<Arch>{c, i * lanes<Arch>});
  }
  if constexpr (AtOnce > 1)
    for (; c + lanes<Arch> <= count; c += lanes<Arch>)
      for_vector(VectorOfRow<Arch>{c, 0});
  for (; c < count; ++c)
    for_element(c);
}

#if __has_cpp_attribute(clang::no_builtin)
#define QKV_NO_MEMSET clang::no_builtin("memset")
#else
#define QKV_NO_MEMSET
#endif

/// to [count], a multiple of the lanes, = 0. Without bulk memory, memset stores 8 bytes at a time.
template <class Arch>
[[gnu::noinline, QKV_NO_MEMSET]] void clear(float* to, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += lanes<Arch>)
    store(to + i, Vector<Arch>(0.0F));
}

/// max(x, low), and NaN where x is NaN. Which operand xsimd::max returns for a NaN depends on the
/// arch: WebAssembly's pmax (one instruction on x86, unlike its max) and the emulation keep the
/// first one, SSE and AVX the second.
template <class Arch>
inline Vector<Arch> at_least(const Vector<Arch>& x, const Vector<Arch>& low) {
  if constexpr (std::is_base_of_v<xsimd::wasm, Arch> || std::is_same_v<Arch, arch::scalar>)
    return xsimd::max(x, low);
  else
    return xsimd::select(x < low, low, x);
}

/// Whether all that was included is finite: x − x is 0 for finite x and NaN otherwise.
template <class Arch>
class FiniteTest {
public:
  void include(const Vector<Arch>& x) { vectors_ = vectors_ | (x - x); }
  void include(float x) { scalars_ += x - x; }
  [[nodiscard]] bool is_passed() const {
    return xsimd::all(vectors_ == Vector<Arch>(0.0F)) && scalars_ == 0;
  }

private:
  Vector<Arch> vectors_{0.0F};
  float scalars_ = 0;
};

} // namespace qkv
