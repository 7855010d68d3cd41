// The vector vocabulary of the kernels: xsimd with the arch of one target, and what xsimd lacks.
//
// Everything here and in kernels/ stands in the namespace of the target that is being compiled
// (QKV_TARGET: scalar, simd or fused). The linker keeps one copy of an inline function, so two
// targets must never share one: the copy could hold instructions that a CPU lacks.
#pragma once

#include "../targets/arch.hpp"

#if defined(__wasm_relaxed_simd__)
#include "../targets/relaxed.hpp"
#elif defined(__aarch64__)
#include "../targets/neon.hpp"
#else
#include <xsimd/xsimd.hpp>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <numeric>
#include <type_traits>

/// Before a loop over a register tile: its sums stay in registers only if the loop is unrolled.
#if defined(__clang__)
#define QKV_UNROLL _Pragma("unroll")
#else
#define QKV_UNROLL
#endif

namespace qkv::QKV_TARGET {

using Vector = xsimd::batch<float, Arch>;
using Integers = xsimd::batch<std::int32_t, Arch>;

/// xsimd's emulation: plain C++.
inline constexpr bool is_scalar = std::is_same_v<Arch, scalar::Arch>;
/// A multiply-add is one instruction that rounds once, or may do so (relaxed SIMD).
inline constexpr bool is_fused = !is_scalar && !std::is_same_v<Arch, simd::Arch>;

/// float32 elements a vector; as `lanes` for pointers and as `lane_count` for sizes of problems.
inline constexpr auto lanes = static_cast<std::ptrdiff_t>(Vector::size);
inline constexpr auto lane_count = static_cast<std::int32_t>(lanes);

inline constexpr float infinity = std::numeric_limits<float>::infinity();
inline constexpr float minus_infinity = -infinity;

inline Vector load(const float* from) {
  return Vector::load_unaligned(from);
}

inline Integers load(const std::int32_t* from) {
  return Integers::load_unaligned(from);
}

/// to [count] = from. A loop, since std::copy leaves functions of the standard library that the
/// targets would share.
inline void copy(const float* from, std::ptrdiff_t count, float* to) {
  for (std::ptrdiff_t i = 0; i < count; ++i)
    to[i] = from[i];
}

/// The first `count` elements, then zeros; reads nothing past them.
[[gnu::noinline]] inline Vector load_first(const float* from, std::ptrdiff_t count) {
  float element[static_cast<std::size_t>(lanes)] = {};
  copy(from, count, element);
  return load(element);
}

/// 0, 1, 2, …
inline Integers iota() {
  std::int32_t element[static_cast<std::size_t>(lanes)];
  std::iota(std::begin(element), std::end(element), 0);
  return load(element);
}

inline void store(float* to, const Vector& from) {
  from.store_unaligned(to);
}

/// Prefetches `rows` rows: loads one word of each cache line of 64 bytes. WebAssembly has no
/// prefetch instruction. Nothing waits for these loads, so many are in flight at once, whereas a
/// computation waits for each of its own. On data beyond the caches this doubled the rate at best.
/// Not inlined: a loop beside it would spill registers.
template <class Element>
[[gnu::noinline]] inline void prefetch(const Element* from, std::ptrdiff_t stride,
                                       std::ptrdiff_t rows, std::ptrdiff_t columns) {
  constexpr std::ptrdiff_t line = 64 / sizeof(Element);
  const bool contiguous = stride == columns; // one long run is faster than many short ones
  const std::ptrdiff_t run = contiguous ? rows * columns : columns;
  for (std::ptrdiff_t row = 0; row < (contiguous ? 1 : rows); ++row, from += stride)
    for (std::ptrdiff_t i = 0; i < run; i += line) {
      Element loaded;
      std::memcpy(&loaded, from + i, sizeof loaded);
      asm volatile("" : : "r"(loaded));
    }
}

/// A vector of a row. The offset is apart from the start, so that an unrolled loop has it as a
/// constant of the instruction.
struct VectorOfRow {
  std::ptrdiff_t start;
  std::ptrdiff_t offset;

  template <class Element>
  Element* in(Element* row) const {
    return row + start + offset;
  }
  Vector load_from(const float* row) const { return load(in(row)); }
};

/// Calls for_vector(vector) for the vectors of a row of `count` elements in their order, `unroll`
/// of them an iteration, then for_element(i) for the elements that are left.
template <int unroll, class ForVector, class ForElement>
[[gnu::always_inline]] inline void for_each_vector(std::ptrdiff_t count, ForVector&& for_vector,
                                                   ForElement&& for_element) {
  std::ptrdiff_t c = 0;
  for (; c + unroll * lanes <= count; c += unroll * lanes) {
    QKV_UNROLL
    for (std::ptrdiff_t i = 0; i < unroll; ++i)
      for_vector(VectorOfRow{c, i * lanes});
  }
  if constexpr (unroll > 1)
    for (; c + lanes <= count; c += lanes)
      for_vector(VectorOfRow{c, 0});
  for (; c < count; ++c)
    for_element(c);
}

#if __has_cpp_attribute(clang::no_builtin)
#define QKV_NO_MEMSET clang::no_builtin("memset")
#else
#define QKV_NO_MEMSET
#endif

/// to [count] = 0; the lanes divide the count. Without bulk memory, memset stores 8 bytes at a
/// time.
[[gnu::noinline, QKV_NO_MEMSET]] inline void clear(float* to, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += lanes)
    store(to + i, Vector(0.0F));
}

/// max(x, low), and NaN where x is NaN.
inline Vector at_least(const Vector& x, const Vector& low) {
  // xsimd::max returns its first operand for a NaN in the emulation and in WebAssembly (pmax, which
  // is one instruction on x86, unlike WebAssembly's max), its second in SSE and AVX.
#if defined(__wasm__)
  constexpr bool keeps_first = true;
#else
  constexpr bool keeps_first = is_scalar;
#endif
  if constexpr (keeps_first)
    return xsimd::max(x, low);
  else
    return xsimd::select(x < low, low, x);
}

/// max(x, largest), and `largest` where x is NaN.
inline Vector larger(const Vector& x, const Vector& largest) {
#if defined(__wasm__)
  return xsimd::max(largest, x);
#elif defined(__x86_64__)
  if constexpr (!is_scalar)
    return xsimd::max(x, largest);
#endif
  return xsimd::select(x > largest, x, largest);
}

/// Whether all that was included is finite: x − x is 0 for a finite x and NaN otherwise.
class FiniteTest {
public:
  void include(const Vector& x) { vectors_ = vectors_ | (x - x); }
  void include(float x) { scalars_ += x - x; }
  [[nodiscard]] bool is_passed() const {
    return xsimd::all(vectors_ == Vector(0.0F)) && scalars_ == 0;
  }

private:
  Vector vectors_{0.0F};
  float scalars_ = 0;
};

} // namespace qkv::QKV_TARGET
