// Counts over millions of elements: the one loop of the WebAssembly build that the compiler
// vectorises.
#pragma once

#include <cstdint>

#if defined(__wasm__) // built with -fno-vectorize
#define QKV_VECTORIZE _Pragma("clang loop vectorize(enable)")
#else
#define QKV_VECTORIZE
#endif

namespace qkv {

/// The number of elements that match. It looks at all of them: a loop with an early exit is not
/// vectorised. Internal linkage: each target compiles its own.
template <class Element, class Matches>
static inline std::int32_t count_matching(const Element* from, std::int32_t count,
                                          Matches matches) {
  std::int32_t matching = 0;
  QKV_VECTORIZE
  for (std::int32_t i = 0; i < count; ++i)
    matching += matches(from[i]) ? 1 : 0;
  return matching;
}

} // namespace qkv
