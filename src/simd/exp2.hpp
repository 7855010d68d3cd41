// 2^x for x in [−∞, 76], within 1 ULP, denormal results included; NaN stays NaN.
//
// x = n + f with n an integer and |f| ≤ 1/2; 2^x = 2^n·2^f. Base 2 needs no two-step range
// reduction: f is exact.
//
// 2^f = 1 + f·q(f) with q of degree 5 (Sollya: fpminimax((2^x-1)/x, [|0,1,2,3,4,5|], [|SG...|],
// [-0.5;0.5], absolute)), whose error is 4e-9. A multiply-add that rounds once evaluates this by
// Horner's rule within 0.90 ULP. If it rounds twice, Horner's rule is off by 1.06 ULP, with degree
// 7 too. Then f/2 is taken out, 2^f = 1 + (f/2 + f·(q(f) − 1/2)), so that the last roundings are
// small.
#pragma once

#include "exp2_constants.hpp"
#include "vector.hpp"

namespace qkv::QKV_TARGET {

template <bool rounds_once>
constexpr auto& exp2_coefficients() {
  if constexpr (rounds_once)
    return exp2_scaled_p;
  else
    return exp2_q;
}

/// `scaled_exp2` gives this times 2^x: normal where 2^x is denormal, so nothing is rounded away and
/// nothing is slow.
inline constexpr float exp2_scale = 0x1p24F;

/// Whether the target's multiply-add rounds once. Relaxed SIMD leaves that to the engine.
inline bool fma_rounds_once() {
  if constexpr (!is_fused)
    return false;
  const Vector x = load(exp2_q[0]); // its square is not a float32
  return xsimd::any(xsimd::fma(x, x, -(x * x)) != Vector(0.0F));
}

/// Each x becomes exp2_scale·2^x, for x in [−∞, 76]. The polynomials of several vectors run in lock
/// step. A processor's schedulers look only so far ahead: one polynomial after the other would fill
/// them with multiply-adds that wait for each other.
template <bool rounds_once, std::size_t count>
[[gnu::always_inline]] inline void scaled_exp2(Vector (&x)[count]) {
  const auto& coefficients = exp2_coefficients<rounds_once>();
  Vector power[count]; // 2^n, as the last step needs it
  Vector p[count];
  for (std::size_t i = 0; i < count; ++i) {
    x[i] = at_least(x[i], load(exp2_least));
    p[i] = load(coefficients[0]);
    if constexpr (rounds_once) {
      const Vector n = xsimd::nearbyint(x[i]);
      power[i] = xsimd::bitwise_cast<float>(xsimd::nearbyint_as_int(n) << 23);
      x[i] -= n;
    } else {
      // Adding 1.5·2²³ rounds to an integer, which is then in the low bits of the sum. 127 + 24
      // makes those bits the exponent field of 2^(n + 24), which is normal for every n ≥ −150.
      const Vector magic = load(exp2_magic);
      const Vector shifted = x[i] + magic;
      power[i] = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(shifted) << 23);
      x[i] -= shifted - magic;
    }
  }
  auto* next = coefficients + 1;
  // The compiler cannot see the number of coefficients, so it keeps the loop and its steps stay in
  // order. Nor can it see that memory is unchanged, so a later load needs no register until then.
  asm volatile("" : "+r"(next) : : "memory");
  do
    for (std::size_t i = 0; i < count; ++i)
      p[i] = xsimd::fma(p[i], x[i], load(*next));
  while (++next != std::end(coefficients));
  for (std::size_t i = 0; i < count; ++i)
    if constexpr (rounds_once)
      // n is added to the exponent, which the scale keeps above 0 for n > −150. Exactly −151 leaves
      // 0; exp2 cannot tell what lies between from 0.
      x[i] = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(p[i]) +
                                        xsimd::bitwise_cast<std::int32_t>(power[i]));
    else
      x[i] = (load(exp2_one) + xsimd::fma(p[i], x[i], x[i] * load(exp2_half))) * power[i];
}

/// The same for one vector. Not inlined: only `scalar`, and a `fused` that rounds twice, have it in
/// a hot loop.
[[gnu::noinline]] inline Vector scaled_exp2(Vector x) {
  Vector power[] = {x};
  scaled_exp2<false>(power);
  return power[0];
}

/// 2^x. Rounds once more where the result is denormal.
inline Vector exp2(Vector x) {
  return scaled_exp2(x) * Vector(1 / exp2_scale);
}

} // namespace qkv::QKV_TARGET
