// A problem as parts over disjoint keys, whose merge is the whole.
#pragma once

#include "fuzzed_problem.hpp"

#include <optional>
#include <vector>

namespace qkv::campaign {

/// The keys [first, end) alone: their offsets are moved, lengths cut, mask and bias sliced. Sinks
/// only if `with_sinks`. Nothing if an offset leaves 32 bits.
std::optional<FuzzedProblem> part_of(const FuzzedProblem& whole, int first, int end,
                                     bool with_sinks);

/// Parts at cuts that the bytes choose, some of them without a key.
std::vector<FuzzedProblem> parts_from(FuzzedDataProvider& bytes, const FuzzedProblem& whole);

} // namespace qkv::campaign
