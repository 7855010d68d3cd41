// Runs a target on a fuzzed problem, with all that it may write to.
#pragma once

#include "fuzzed_problem.hpp"

#include <cstdint>
#include <vector>

namespace qkv::campaign {

/// Which captures are asked for, one bit each in the order of Capture.
using Captures = unsigned;
inline constexpr Captures no_captures = 0;
inline constexpr Captures all_captures = 0b11111;

struct Captured {
  std::vector<float> scores_raw, scores_capped, scores_masked, weights, log_sum_exp;

  Captured(const Extents& extents, Captures wanted);
  Capture to();
};

struct Run {
  std::vector<float> output; ///< dense [B, H, L, Dv]
  Captured captured;
};

/// Scratch memory of exactly this size, aligned as the core asks, each byte set to `with`.
class Scratch {
public:
  Scratch(std::size_t bytes, std::uint8_t with);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::byte* data() { return memory_; }

private:
  std::byte* memory_;
};

/// attend with a workspace that starts as bytes `scratch`. Fails if memory between the rows of the
/// output is written.
Run run(const Target& target, const FuzzedProblem& fuzzed, Captures wanted, std::uint8_t scratch);

/// Elements of a tensor in the order [B, H, L, columns]; fails if what lies between rows is not
/// `unwritten` any more.
std::vector<float> dense_rows(const Strided<float>& tensor);

std::size_t element_count(std::initializer_list<std::int32_t> extents);

} // namespace qkv::campaign
