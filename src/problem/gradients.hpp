// What the gradient of a problem is computed from, and where it goes.
#pragma once

#include "problem.hpp"

namespace qkv {

struct Backward {
  Tensor<const float> output_gradient; ///< [B, H, L, Dv]

  /// What `attend` gave for the problem. Without the log-sum-exp, both are computed again.
  Tensor<const float> output;         ///< [B, H, L, Dv]
  const float* log_sum_exp = nullptr; ///< [B, H, L], dense

  // The gradients to write; those that are null are not computed. None may overlap an input.
  Tensor<float> query;           ///< [B, H, L, D]
  Tensor<float> key;             ///< [B, Hk, S, D]
  Tensor<float> value;           ///< [B, Hk, S, Dv]
  float* bias = nullptr;         ///< as the bias, summed over the axes that broadcast
  float* sinks = nullptr;        ///< [H]
  float* alibi_slopes = nullptr; ///< [H]
};

} // namespace qkv
