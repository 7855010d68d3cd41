// How elements of K and V are stored, and how they become float32 lanes. Kernels that read K or V
// take the policy as a template parameter; a new element type is a new policy here.
#pragma once

#include "../simd/vector.hpp"

namespace qkv::QKV_TARGET {

struct Float32 {
  using Stored = float;

  static float get(const Stored* from) { return *from; }
  static Vector broadcast(const Stored* from) { return *from; }
  static Vector load(const Stored* from) { return QKV_TARGET::load(from); }
};

} // namespace qkv::QKV_TARGET
