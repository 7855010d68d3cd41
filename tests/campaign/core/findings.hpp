// What is compared, and how a difference is told.
#pragma once

#include "allowed.hpp"

#include <string>
#include <vector>

namespace qkv::campaign {

/// Says what was found, then aborts: libFuzzer keeps the bytes.
[[noreturn]] void fail(const std::string& what);

/// What is being checked, for the message of `fail`: the last words of the one who fails.
class Context {
public:
  explicit Context(std::string words);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

/// Fails unless both have the same bits; any NaN is as good as another.
void require_same_bits(const char* what, const std::vector<float>& a, const std::vector<float>& b);

/// Fails unless each number is allowed.
void require_allowed(const char* what, const std::vector<float>& actual,
                     const std::vector<Allowed>& allowed);

bool same_bits(float a, float b);

} // namespace qkv::campaign
