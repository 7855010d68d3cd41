// Rotary position embedding (RoFormer, arXiv:2104.09864), as ONNX RotaryEmbedding (opset 23) means
// it: pairs of the first `rotary_depth` components rotate by an angle that grows with the position;
// the other components pass unchanged.
#pragma once

#include "../problem/problem.hpp"

namespace qkv {

struct Rotary {
  std::int32_t batch = 1;
  std::int32_t heads = 1;
  std::int32_t rows = 0;
  std::int32_t depth = 0;
  std::int32_t rotary_depth = 0; ///< even, at most depth
  std::int32_t interleaved = 0;  ///< pairs (0, 1), (2, 3), … instead of (0, R/2), (1, R/2 + 1), …

  Tensor<const float> input; ///< [B, H, L, D]
  Tensor<float> output;      ///< [B, H, L, D]; must not overlap the input

  /// [B, L]: for each row, the row of `cos` and `sin` [.., R/2].
  const std::int32_t* positions = nullptr;
  const float* cos = nullptr;
  const float* sin = nullptr;
};

void rotary_embedding(const Rotary& rotary);

/// cos and sin [count, R/2] of the angles position·base^(−2i/R), for a finite base of at least 1.
/// Their error is at most 2^−24 for rounding to float32, plus |position|·2^−52 for the angle
/// itself, whatever R is.
void rotary_tables(const std::int32_t* positions, std::int32_t count, std::int32_t rotary_depth,
                   double base, float* cos, float* sin);

} // namespace qkv
