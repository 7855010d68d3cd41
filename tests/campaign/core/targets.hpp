// The targets that this CPU runs.
#pragma once

#include "attention.hpp"
#include "merge.hpp"
#include "trace.hpp"

#include <vector>

namespace qkv::campaign {

struct Target {
  const char* name;
  std::size_t (*workspace_bytes)(const Problem&);
  void (*attend)(const Problem&, std::byte*);
  void (*trace)(const Problem&, const Trace&, std::byte*);
  void (*merge)(const Extents&, std::span<const MergePart>, Tensor<float>, float*);
};

template <class Arch>
constexpr Target target_of(const char* name) {
  return {name, &qkv::workspace_bytes<Arch>, &qkv::attend<Arch>, &qkv::trace<Arch>, &qkv::merge<Arch>};
}

inline const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> found = {target_of<arch::scalar>("scalar"), target_of<arch::simd>("simd")};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      found.push_back(target_of<arch::fused>("fused"));
    return found;
  }();
  return all;
}

} // namespace qkv::campaign
