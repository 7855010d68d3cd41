// One attention problem: shapes, tensors, options and what to capture.
//
// Names (as in "Attention Is All You Need", arXiv:1706.03762, eq. 1, and FlashAttention,
// arXiv:2205.14135): B batch, H query heads, Hk key/value heads, L query length, S key length,
// D depth of queries and keys (d_k), Dv depth of values.
//
// The struct is standard layout, and its members take four bytes each on wasm32, so that a binding
// can fill it in place. It owns nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace qkv {

/// A tensor has at most this many elements: 2³¹ − 1.
inline constexpr std::int64_t max_elements = std::numeric_limits<std::int32_t>::max();

/// Depths are at most this: the workspace holds a block of rows this deep and must be addressable.
inline constexpr std::int32_t max_depth = 1 << 22;

/// Sizes of a problem. All are at least 0; `depth` is at least 1; depths are at most `max_depth`; a
/// tensor stores at most `max_elements`; `heads` is a multiple of `key_heads`: consecutive query
/// heads share a key/value head (repeat-interleave).
struct Extents {
  std::int32_t batch = 1;
  std::int32_t heads = 1;
  std::int32_t key_heads = 1;
  std::int32_t queries = 0;
  std::int32_t keys = 0;
  std::int32_t depth = 0;
  std::int32_t value_depth = 0;
};

/// float32 [B, H, rows, columns], columns contiguous. Strides count elements, so that
/// [B, L, H, D] and a cache with spare capacity need no copy. A key or value with a batch stride of
/// 0 is shared by all batch elements.
template <class Element>
struct Tensor {
  Element* data = nullptr;
  std::int32_t batch_stride = 0;
  std::int32_t head_stride = 0;
  std::int32_t row_stride = 0;
};

/// The first element of a row; null in a tensor without elements, which may be null itself.
template <class Element>
[[nodiscard, gnu::always_inline]] inline Element*
row_of(const Tensor<Element>& tensor, std::int32_t b, std::int32_t h, std::int32_t row) {
  if (tensor.data == nullptr)
    return nullptr;
  return tensor.data + std::ptrdiff_t{b} * tensor.batch_stride +
         std::ptrdiff_t{h} * tensor.head_stride + std::ptrdiff_t{row} * tensor.row_stride;
}

/// A dense tensor that broadcasts to [B, H, L, S]: each extent is 1 or the full one.
/// Lower ranks are right-aligned: a [S] mask is {1, 1, 1, S}. Absent if `data` is null.
template <class Element>
struct Broadcast {
  const Element* data = nullptr;
  std::int32_t extents[4] = {1, 1, 1, 1};
};

/// The number of elements of a broadcast tensor that `validate` accepts.
template <class Element>
[[nodiscard]] constexpr std::int64_t elements(const Broadcast<Element>& tensor) {
  std::int64_t product = 1;
  for (const std::int32_t extent : tensor.extents) {
    if (extent == 0)
      return 0;
    product *= extent;
  }
  return product;
}

/// What to write besides the output; each may be null. Dense, in [B, H, L, S] or [B, H, L].
struct Capture {
  float* scores_raw = nullptr;    ///< scale·Q·Kᵀ
  float* scores_capped = nullptr; ///< after softcap
  float* scores_masked = nullptr; ///< after softcap, bias and masks; −∞ where excluded
  float* weights = nullptr;       ///< rows sum to 1, or are 0 where no key is left
  float* log_sum_exp = nullptr;   ///< ln(Σ exp(scores_masked) + exp(sink)), [B, H, L]

  /// Whether anything of size L × S is captured.
  [[nodiscard]] bool has_scores() const {
    return scores_raw != nullptr || scores_capped != nullptr || scores_masked != nullptr ||
           weights != nullptr;
  }
};

inline constexpr std::int32_t unbounded = std::numeric_limits<std::int32_t>::max();

/// softmax(scale·Q·Kᵀ + …)·V. Query i stands at position i + offset on the key axis.
/// Key j is excluded for query i if the mask is 0 there; the bias is −∞; j ≥ key_lengths[b];
/// causal and j > i + offset; j < i + offset − window_left; j > i + offset + window_right.
/// An excluded key has no influence, whatever its key and value rows hold. A row with no key left
/// is exactly 0. NaN in a query or an attended key gives NaN in that row only. A score that is
/// finite after its scale is computed as a finite one, even where Q·Kᵀ alone would overflow. Scores
/// that overflow float32 behave as IEEE 754 says: +∞ − ∞ is NaN; a row whose attended scores are
/// all −∞ is NaN.
struct Problem {
  Extents extents;

  Tensor<const float> query; ///< [B, H, L, D]
  Tensor<const float> key;   ///< [B, Hk, S, D]
  Tensor<const float> value; ///< [B, Hk, S, Dv]
  Tensor<float> output;      ///< [B, H, L, Dv]; for `attend` it may be the query, strides alike

  float scale = std::numeric_limits<float>::quiet_NaN(); ///< NaN: 1/√D
  float softcap = 0; ///< softcap·tanh(s / softcap), of ±∞ ±softcap; 0: off

  std::int32_t causal = 0;
  std::int32_t align_end = 0; ///< offset = key_lengths[b] − L (or S − L) instead of query_offset
  const std::int32_t* query_offset = nullptr; ///< [B]; null: 0
  std::int32_t window_left = unbounded;       ///< inclusive, at least 0
  std::int32_t window_right = unbounded;      ///< inclusive, at least 0
  const std::int32_t* key_lengths = nullptr;  ///< [B], each 0 to S; null: S

  Broadcast<std::uint8_t> mask;        ///< 0 excludes a key, anything else attends it
  Broadcast<float> bias;               ///< added to the scores after softcap
  const float* alibi_slopes = nullptr; ///< [H]; adds −slope·|i + offset − j| (arXiv:2108.12409)
  const float* sinks = nullptr;        ///< [H]; a logit that takes probability and gives no value

  Capture capture;
};

} // namespace qkv
