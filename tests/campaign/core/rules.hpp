// What makes a problem valid, said apart from src/problem/validate.cpp: in integers that cannot
// overflow, and every rule that is broken instead of the first.
#pragma once

#include "attention.hpp"

#include <vector>

namespace qkv::campaign {

struct Broken {
  Code code;
  Argument argument;
};

/// Reads the arrays of options only where extents, as they are, say how long they are.
std::vector<Broken> broken_rules(const Problem& problem);

} // namespace qkv::campaign
