// Why a problem was refused: a code, the argument it concerns and the numbers that explain it.
#pragma once

#include <cstdint>

namespace qkv {

enum class Code : std::int32_t {
  ok,
  negative_extent,     ///< expected at least `expected`, received `received`
  zero_depth,          ///< the depth of queries and keys is at least 1
  heads_not_divisible, ///< `received` key heads do not divide `expected` query heads
  not_broadcastable,   ///< dimension `index` is `received`; must be 1 or `expected`
  too_large,           ///< more elements than can be addressed
  not_finite,          ///< scale, softcap, a slope or a sink is NaN or infinite
  negative,            ///< softcap or a window bound is below 0
  key_length_range,    ///< key_lengths[index] = `received` is not in [0, `expected`]
  bias_value,          ///< bias[index] is NaN or +∞
};

enum class Argument : std::int32_t {
  none,
  query,
  key,
  value,
  scale,
  softcap,
  window,
  mask,
  bias,
  alibi_slopes,
  sinks,
  key_lengths,
  capture,
};

struct Status {
  Code code = Code::ok;
  Argument argument = Argument::none;
  std::int32_t index = 0;
  std::int32_t expected = 0;
  std::int32_t received = 0;

  [[nodiscard]] constexpr bool ok() const { return code == Code::ok; }
};

} // namespace qkv
