// How a block marks the keys that are excluded for a row.
//
// A score of −∞ is no mark: an attended key may have it (by overflow, or by −∞ in K), and then its
// value counts. Two marks say that a key is excluded, and nothing else produces them:
//
//   its score is a signalling NaN, which arithmetic never returns;
//   its weight is −0, since 2^x is never negative.
//
// A weight of −0 adds nothing to a sum of weights, and nothing to the output where the value is
// finite. Where a block has other values, its excluded keys are skipped: 0·∞ and 0·NaN are not 0.
#pragma once

#include "../simd/vector.hpp"

#include <bit>

namespace qkv::QKV_TARGET {

inline constexpr std::int32_t excluded_score_bits = 0x7FA00000;
inline constexpr std::int32_t excluded_weight_bits = std::numeric_limits<std::int32_t>::min();

inline Vector excluded_score() {
  return xsimd::bitwise_cast<float>(Integers(excluded_score_bits));
}

inline auto is_excluded_score(const Vector& score) {
  return xsimd::batch_bool_cast<float>(xsimd::bitwise_cast<std::int32_t>(score) ==
                                       Integers(excluded_score_bits));
}

inline bool is_excluded_score(float score) {
  return std::bit_cast<std::int32_t>(score) == excluded_score_bits;
}

inline Vector excluded_weight() {
  return -0.0F;
}

inline auto is_excluded_weight(const Vector& weight) {
  return xsimd::batch_bool_cast<float>(xsimd::bitwise_cast<std::int32_t>(weight) ==
                                       Integers(excluded_weight_bits));
}

inline bool is_excluded_weight(float weight) {
  return std::bit_cast<std::int32_t>(weight) == excluded_weight_bits;
}

} // namespace qkv::QKV_TARGET
