// The kernels' exp2 on arrays, for each target.
#pragma once

#include "attention.hpp"

#include <cstddef>

namespace qkv::testing {

/// `in_softmax`: as the hot loop computes it, which depends on how the machine rounds a
/// multiply-add.
using Exp2 = void (*)(bool in_softmax, const float* x, float* result, std::ptrdiff_t count);

[[nodiscard]] Exp2 exp2_of(const Target& target);

} // namespace qkv::testing
