// A test runs on each target that this build holds and this CPU runs.
#pragma once

#include "attention.hpp"

#include <catch_amalgamated.hpp>
#include <string>
#include <vector>

namespace qkv::testing {

inline std::vector<const Target*> all_targets() {
  return {targets().begin(), targets().end()};
}

/// Declares `target`, and names it where the test fails.
#define FOR_EACH_TARGET(target)                                                                    \
  const qkv::Target& target = *GENERATE(from_range(qkv::testing::all_targets()));                  \
  INFO("target " << (target).name)

} // namespace qkv::testing
