// Parts of xsimd that must be seen before an arch tag is derived from one of its own.
#pragma once

#include <array> // xsimd's forward headers use both without including them
#include <complex>

// clang-format off: the order matters
#if __has_include(<xsimd/types/xsimd_batch_fwd.hpp>) // xsimd 14
#include <xsimd/types/xsimd_batch_fwd.hpp>
#else // xsimd 13
#include <xsimd/config/xsimd_inline.hpp>
#include <xsimd/config/xsimd_arch.hpp>
#include <xsimd/types/xsimd_utils.hpp>
#endif
// clang-format on

namespace xsimd {
template <class T, class A>
class batch;
} // namespace xsimd
