// What semantics.md and reliability.md allow each number of a result to be, from the reference in
// double.
#pragma once

#include "allowed.hpp"
#include "fuzzed_problem.hpp"

#include <cstdint>
#include <vector>

namespace qkv::campaign {

struct Expectation {
  std::vector<Allowed> output;                                   ///< [B, H, L, Dv]
  std::vector<Allowed> scores_raw, scores_capped, scores_masked; ///< [B, H, L, S]
  std::vector<Allowed> weights;                                  ///< [B, H, L, S]
  std::vector<Allowed> log_sum_exp;                              ///< [B, H, L]
  std::vector<std::uint8_t> excluded;                            ///< [B, H, L, S]
  std::vector<std::uint8_t> empty; ///< [B, H, L]: neither key nor sink
  /// [B, H, L]: scores and weights are finite numbers, and no sink takes a part.
  std::vector<std::uint8_t> sums_to_one;
};

enum class Way {
  at_once, ///< one call of attend
  merged   ///< parts over disjoint keys: each has a log-sum-exp that is rounded
};

Expectation expectation_of(const FuzzedProblem& fuzzed, Way way = Way::at_once);

} // namespace qkv::campaign
