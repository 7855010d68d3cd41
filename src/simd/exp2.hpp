// 2^x for x in [−∞, 76], within 1 ULP, denormal results included; NaN stays NaN.
//
// x = n + f with n an integer and |f| ≤ 1/2; 2^x = 2^n·2^f. Base 2 needs no two-step range
// reduction: f is exact.
//
// 2^f = 1 + (f/2 + f·p(f)) with p of degree 5 (Sollya: fpminimax((2^x-1)/x-0.5, [|0,1,2,3,4,5|],
// [|SG...|], [-0.5;0.5], absolute)), off by 6e-9. Taking f/2 out of the polynomial keeps the
// roundings of its last steps small: without a fused multiply-add the error is 0.85 ULP, where
// Horner's rule on 2^f itself gives 1.06 with degree 6 and with degree 7.
#pragma once

#include "simd.hpp"

namespace qkv {

/// A constant of exp2, as often as the widest vector has lanes. Defined in exp2.cpp, where
/// compilers of kernels cannot see it: V8 builds a vector constant from three instructions wherever
/// it is used, and loads one with a single instruction, outside the loop if registers last.
using Exp2Constant = const float[8];
extern Exp2Constant exp2_least, exp2_magic, exp2_half, exp2_one;
extern Exp2Constant exp2_p0, exp2_p1, exp2_p2, exp2_p3, exp2_p4, exp2_p5;

/// `exp2_up` gives this times 2^x: normal where 2^x is denormal, so that nothing is rounded away.
inline constexpr float exp2_up_factor = 0x1p24F;

/// exp2_up_factor·2^x, for x in [−∞, 76].
template <class Arch>
inline Vector<Arch> exp2_up(Vector<Arch> x) {
  using V = Vector<Arch>;
  x = at_least<Arch>(x, load<Arch>(exp2_least));

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

/// One more rounding, where the result is denormal. Not inlined: it stands in no hot loop.
template <class Arch>
[[gnu::noinline]] Vector<Arch> exp2(Vector<Arch> x) {
  return exp2_up<Arch>(x) * Vector<Arch>(1 / exp2_up_factor);
}

} // namespace qkv
