// What is wrong with a problem.
#pragma once

#include "problem.hpp"
#include "status.hpp"

namespace qkv {

/// Checks extents and options. It reads the arrays of options, but not the tensors, whose pointers
/// may still be null. The caller must know that pointers and strides fit the extents.
[[nodiscard]] Status validate(const Problem& problem);

/// The index of the first of `count` bias values that is NaN or +∞, or −1. `validate` checks the
/// whole bias; a caller that has it elsewhere may check it in pieces before it copies it.
[[nodiscard]] std::int32_t find_bad_bias(const float* bias, std::int32_t count);

} // namespace qkv
