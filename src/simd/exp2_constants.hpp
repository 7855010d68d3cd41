// The numbers of exp2.hpp. All targets share them.
#pragma once

namespace qkv {

/// log2(e): exp(x) = 2^(log2(e)·x).
inline constexpr float log2_e = 1.4426950408889634F;

/// A constant of exp2, repeated for the widest vector. It is defined in exp2.cpp, where compilers
/// of kernels cannot see its value: V8 builds a vector constant from three instructions at each
/// use, but loads one by a single instruction, before the loop if registers suffice.
using Exp2Constant = const float[8];
extern Exp2Constant exp2_least, exp2_magic, exp2_half, exp2_one;
/// From the highest power down: the coefficients of q, and 2^24 times those of 1 + f·q.
extern Exp2Constant exp2_q[6], exp2_scaled_p[7];

} // namespace qkv
