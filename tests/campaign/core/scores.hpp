// The score of one query and key: its value in double, and how far float32 may be from it.
#pragma once

#include "../../core/reference.hpp"

namespace qkv::campaign {

inline constexpr double rounding = 0x1p-24;  ///< u: float32 rounds to within u·|x|
inline constexpr double smallest = 0x1p-149; ///< or to within half of this, if x is denormal
inline constexpr double largest = 3.4028234663852886e38;
/// Results may have twice the error of naive float32 attention (reliability.md, Numbers, b).
inline constexpr double of_naive = 2;

enum class Range {
  finite,         ///< in float32 as well, in any order of the sum
  minus_infinity, ///< for certain: an input is, or the score is far below the lowest float32
  plus_infinity,
  nan,
  unsure, ///< depends on the order of operations
};

struct Score {
  double value = 0;
  double error = 0; ///< at most, where the range is finite
  Range range = Range::finite;
};

struct ScoreSteps {
  Score raw, capped, masked; ///< masked: of an attended key
};

/// Of one element [b, h, i, j] of a reference's result.
ScoreSteps score_steps(const Problem& problem, const reference::Result<double>& reference, int b,
                       int h, int i, int j);

} // namespace qkv::campaign
