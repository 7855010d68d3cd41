// 2^x for x in [−∞, 100], within 1 ULP, denormal results included; NaN stays NaN.
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

template <class Arch>
inline Vector<Arch> exp2(Vector<Arch> x) {
  using V = Vector<Arch>;
  // 2^-150 rounds to 0, as everything below it does.
  x = at_least<Arch>(x, -150.0F);

  // Adding 1.5·2²³ rounds to an integer, which is then in the low bits of the sum. 127 + 24 makes
  // those bits the exponent field of 2^(n + 24): normal for every n ≥ −150.
  const V magic(12582912.0F + 127.0F + 24.0F);
  const V shifted = x + magic;
  const V f = x - (shifted - magic);
  const V power = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(shifted) << 23);

  V p(0x1.442512p-13F);
  p = xsimd::fma(p, f, V(0x1.5ef5dp-10F));
  p = xsimd::fma(p, f, V(0x1.3b2a48p-7F));
  p = xsimd::fma(p, f, V(0x1.c6af9cp-5F));
  p = xsimd::fma(p, f, V(0x1.ebfbep-3F));
  p = xsimd::fma(p, f, V(0x1.8b90cp-3F));
  p = V(1.0F) + xsimd::fma(p, f, f * V(0.5F));

  // Exact, then one rounding where the result is denormal.
  return p * power * V(0x1p-24F);
}

} // namespace qkv
