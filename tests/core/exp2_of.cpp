// Compiled once for each arch, with its flags.
#include "simd/exp2.hpp"

#include <algorithm>

namespace qkv::testing {

template <class Arch>
void exp2_of(const float* x, float* result, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += lanes<Arch>) {
    float lane[static_cast<std::size_t>(lanes<Arch>)] = {};
    const std::ptrdiff_t n = std::min(lanes<Arch>, count - i);
    std::copy_n(x + i, n, lane);
    store(lane, exp2<Arch>(load<Arch>(lane)));
    std::copy_n(lane, n, result + i);
  }
}

template void exp2_of<QKV_ARCH>(const float*, float*, std::ptrdiff_t);

} // namespace qkv::testing
