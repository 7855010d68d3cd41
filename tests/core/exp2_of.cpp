// Compiled once for each arch, with its flags.
#include "simd/exp2.hpp"

#include <algorithm>

namespace qkv::testing {

template <class Arch>
void exp2_of(bool in_softmax, const float* x, float* result, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += lanes<Arch>) {
    float lane[static_cast<std::size_t>(lanes<Arch>)] = {};
    const std::ptrdiff_t n = std::min(lanes<Arch>, count - i);
    std::copy_n(x + i, n, lane);
    if (in_softmax && fma_rounds_once<Arch>()) {
      Vector<Arch> power[] = {load<Arch>(lane)};
      exp2_up<Arch, true>(power);
      store(lane, power[0] * Vector<Arch>(1 / exp2_up_factor));
    } else
      store(lane, exp2<Arch>(load<Arch>(lane)));
    std::copy_n(lane, n, result + i);
  }
}

template void exp2_of<QKV_ARCH>(bool, const float*, float*, std::ptrdiff_t);

} // namespace qkv::testing
