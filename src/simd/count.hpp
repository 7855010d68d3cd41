// Counting over millions of elements: in WebAssembly the one loop that the compiler makes vectors
// of.
#pragma once

#include <cstdint>

#if defined(__wasm__) // built with -fno-vectorize
#define QKV_VECTORIZE _Pragma("clang loop vectorize(enable)")
#else
#define QKV_VECTORIZE
#endif

namespace qkv {

/// How many elements match. It looks at all of them: a loop that may end early has no vectors.
template <class Element, class Matches>
inline std::int32_t count_matching(const Element* from, std::int32_t count, Matches matches) {
  std::int32_t matching = 0;
  QKV_VECTORIZE
  for (std::int32_t i = 0; i < count; ++i)
    matching += matches(from[i]) ? 1 : 0;
  return matching;
}

} // namespace qkv
