// Compiled once for each target, with its flags.
#include "simd/exp2.hpp"

#include <algorithm>

namespace qkv::QKV_TARGET {

void exp2_of_array(bool in_softmax, const float* x, float* result, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += lanes) {
    float lane[static_cast<std::size_t>(lanes)] = {};
    const std::ptrdiff_t n = std::min(lanes, count - i);
    std::copy_n(x + i, n, lane);
    if (in_softmax && fma_rounds_once()) {
      Vector power[] = {load(lane)};
      scaled_exp2<true>(power);
      store(lane, power[0] * Vector(1 / exp2_scale));
    } else
      store(lane, exp2(load(lane)));
    std::copy_n(lane, n, result + i);
  }
}

} // namespace qkv::QKV_TARGET
