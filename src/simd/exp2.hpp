// 2^x for x in [−∞, 76], within 1 ULP, denormal results included; NaN stays NaN.
//
// x = n + f with n an integer and |f| ≤ 1/2; 2^x = 2^n·2^f. Base 2 needs no two-step range
// reduction: f is exact.
//
// 2^f = 1 + f·q(f) with q of degree 5 (Sollya: fpminimax((2^x-1)/x, [|0,1,2,3,4,5|], [|SG...|],
// [-0.5;0.5], absolute)), off by 4e-9. Where a multiply-add rounds once, that is Horner's rule and
// within 0.90 ULP. Where it rounds twice, Horner's rule is off by 1.06 ULP, with degree 7 as well:
// there f/2 is taken out, 2^f = 1 + (f/2 + f·(q(f) − 1/2)), which keeps the roundings of the last
// steps small.
#pragma once

#include "simd.hpp"

namespace qkv {

/// A constant of exp2, as often as the widest vector has lanes. Defined in exp2.cpp, where
/// compilers of kernels cannot see it: V8 builds a vector constant from three instructions wherever
/// it is used, and loads one with a single instruction, outside the loop if registers last.
using Exp2Constant = const float[8];
extern Exp2Constant exp2_least, exp2_magic, exp2_half, exp2_one;
/// From the highest power on: the coefficients of q, and 2^24 times those of 1 + f·q.
extern Exp2Constant exp2_q[6], exp2_up_p[7];

template <bool rounds_once>
constexpr auto& exp2_coefficients() {
  if constexpr (rounds_once)
    return exp2_up_p;
  else
    return exp2_q;
}

/// `exp2_up` gives this times 2^x: normal where 2^x is denormal, so that nothing is rounded away.
inline constexpr float exp2_up_factor = 0x1p24F;

/// Whether a multiply-add of the arch rounds once. Relaxed SIMD leaves that to the engine.
template <class Arch>
inline bool fma_rounds_once() {
  if constexpr (!std::is_same_v<Arch, arch::fused>)
    return false;
  const Vector<Arch> x = load<Arch>(exp2_q[0]); // whose square is no float
  return xsimd::any(xsimd::fma(x, x, -(x * x)) != Vector<Arch>(0.0F));
}

/// Each x becomes exp2_up_factor·2^x, for x in [−∞, 76]. Of several vectors the polynomials are
/// evaluated in lock step: a processor looks ahead no further than its schedulers have room, and
/// one polynomial after the other fills them with multiply-adds that wait.
template <class Arch, bool rounds_once, std::size_t Count>
[[gnu::always_inline]] inline void exp2_up(Vector<Arch> (&x)[Count]) {
  using V = Vector<Arch>;
  const auto& coefficients = exp2_coefficients<rounds_once>();
  V power[Count]; // 2^n, as the end needs it
  V p[Count];
  for (std::size_t i = 0; i < Count; ++i) {
    x[i] = at_least<Arch>(x[i], load<Arch>(exp2_least));
    p[i] = load<Arch>(coefficients[0]);
    if constexpr (rounds_once) {
      const V n = xsimd::nearbyint(x[i]);
      power[i] = xsimd::bitwise_cast<float>(xsimd::nearbyint_as_int(n) << 23);
      x[i] -= n;
    } else {
      // Adding 1.5·2²³ rounds to an integer, which is then in the low bits of the sum. 127 + 24
      // makes those bits the exponent field of 2^(n + 24): normal for every n ≥ −150.
      const V magic = load<Arch>(exp2_magic);
      const V shifted = x[i] + magic;
      power[i] = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(shifted) << 23);
      x[i] -= shifted - magic;
    }
  }
  auto* next = coefficients + 1;
  // Compilers see neither how many there are, and keep the loop, whose steps stay apart, nor that
  // memory is as before: what is loaded again later needs no registers meanwhile.
  asm volatile("" : "+r"(next) : : "memory");
  do
    for (std::size_t i = 0; i < Count; ++i)
      p[i] = xsimd::fma(p[i], x[i], load<Arch>(*next));
  while (++next != std::end(coefficients));
  for (std::size_t i = 0; i < Count; ++i)
    if constexpr (rounds_once)
      // n is added to the exponent, which the factor keeps above 0 for n > −150. Of exactly −151
      // nothing is left but 0; what lies between is less than exp2 can tell from 0.
      x[i] = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(p[i]) +
                                        xsimd::bitwise_cast<std::int32_t>(power[i]));
    else
      x[i] =
          (load<Arch>(exp2_one) + xsimd::fma(p[i], x[i], x[i] * load<Arch>(exp2_half))) * power[i];
}

/// Of one vector. Not inlined: the only hot loops that it stands in are that of `scalar`, and of a
/// `fused` that rounds twice.
template <class Arch>
[[gnu::noinline]] Vector<Arch> exp2_up(Vector<Arch> x) {
  Vector<Arch> power[] = {x};
  exp2_up<Arch, false>(power);
  return power[0];
}

/// One more rounding, where the result is denormal.
template <class Arch>
Vector<Arch> exp2(Vector<Arch> x) {
  return exp2_up<Arch>(x) * Vector<Arch>(1 / exp2_up_factor);
}

} // namespace qkv
