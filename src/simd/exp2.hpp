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
extern Exp2Constant exp2_least;
extern Exp2Constant exp2_magic, exp2_half, exp2_one;
extern Exp2Constant exp2_p0, exp2_p1, exp2_p2, exp2_p3, exp2_p4, exp2_p5;
extern Exp2Constant exp2_up_q0, exp2_up_q1, exp2_up_q2, exp2_up_q3, exp2_up_q4, exp2_up_q5;
extern Exp2Constant exp2_up_one;

/// `exp2_up` gives this times 2^x: normal where 2^x is denormal, so that nothing is rounded away.
inline constexpr float exp2_up_factor = 0x1p24F;

/// Whether a multiply-add of the arch rounds once. Relaxed SIMD leaves that to the engine.
template <class Arch>
inline bool fma_rounds_once() {
  if constexpr (!std::is_same_v<Arch, arch::fused>)
    return false;
  const Vector<Arch> x = load<Arch>(exp2_p0); // whose square is no float
  return xsimd::any(xsimd::fma(x, x, -(x * x)) != Vector<Arch>(0.0F));
}

/// exp2_up_factor·2^x, for x in [−∞, 76].
template <class Arch, bool rounds_once>
inline Vector<Arch> exp2_up(Vector<Arch> x) {
  using V = Vector<Arch>;
  x = at_least<Arch>(x, load<Arch>(exp2_least));
  if constexpr (rounds_once) {
    const V n = xsimd::nearbyint(x);
    const V f = x - n;
    V power = load<Arch>(exp2_up_q5);
    for (const float* next :
         {exp2_up_q4, exp2_up_q3, exp2_up_q2, exp2_up_q1, exp2_up_q0, exp2_up_one})
      power = xsimd::fma(power, f, load<Arch>(next));
    // n is added to the exponent, which the factor keeps above 0 for n > −150. Of exactly −151
    // nothing is left but 0; what lies between is less than exp2 can tell from 0.
    return xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(power) +
                                      (xsimd::nearbyint_as_int(n) << 23));
  } else {
    // Adding 1.5·2²³ rounds to an integer, which is then in the low bits of the sum. 127 + 24 makes
    // those bits the exponent field of 2^(n + 24): normal for every n ≥ −150.
    const V magic = load<Arch>(exp2_magic);
    const V shifted = x + magic;
    const V f = x - (shifted - magic);
    const V power = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(shifted) << 23);
    V p = load<Arch>(exp2_p5);
    for (const float* next : {exp2_p4, exp2_p3, exp2_p2, exp2_p1, exp2_p0})
      p = xsimd::fma(p, f, load<Arch>(next));
    p = load<Arch>(exp2_one) + xsimd::fma(p, f, f * load<Arch>(exp2_half));
    return p * power;
  }
}

/// One more rounding, where the result is denormal. Not inlined: it stands in no hot loop.
template <class Arch>
[[gnu::noinline]] Vector<Arch> exp2(Vector<Arch> x) {
  return exp2_up<Arch, false>(x) * Vector<Arch>(1 / exp2_up_factor);
}

} // namespace qkv
