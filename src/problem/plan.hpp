// The meaning of a problem's options, worked out once a call: no inner loop tests an option.
#pragma once

#include "problem.hpp"

#include <cstddef>

namespace qkv {

/// The keys [first, end) that position, window and key length leave to one query.
struct KeyRange {
  std::int32_t first;
  std::int32_t end;
};

/// Element strides of a broadcast tensor over [B, H, L, S]; 0 along an axis that is repeated.
struct BroadcastStrides {
  std::int32_t batch, head, query, key;

  /// Index of the first element of a row.
  [[nodiscard, gnu::always_inline]] std::int32_t row(std::int32_t b, std::int32_t h,
                                                     std::int32_t i) const {
    return b * batch + h * head + i * query;
  }
};

/// Whether an element of a mask, or of a bias, excludes its key.
[[gnu::always_inline]] inline bool excludes_key(std::uint8_t mask) {
  return mask == 0;
}
[[gnu::always_inline]] inline bool excludes_key(float bias) {
  return bias == -std::numeric_limits<float>::infinity();
}

struct Plan {
  explicit Plan(const Problem& problem);

  /// Position of query 0 on the key axis.
  [[nodiscard]] std::int32_t offset(std::int32_t batch) const;
  /// Keys that count: `key_lengths[batch]`, or S.
  [[nodiscard]] std::int32_t key_count(std::int32_t batch) const;
  /// Position of a query on the key axis. Any offset may be given, so this takes 64 bits.
  [[nodiscard]] std::int64_t position(std::int32_t batch, std::int32_t query) const;
  [[nodiscard]] KeyRange key_range(std::int32_t batch, std::int32_t query) const;

  /// Whether the mask or the bias excludes a key from a row; `mask_row` and `bias_row` are the
  /// indices of the row's first elements.
  [[nodiscard, gnu::always_inline]] bool is_masked(std::int32_t mask_row, std::int32_t bias_row,
                                                   std::int32_t k) const {
    return (problem.mask.data != nullptr &&
            excludes_key(problem.mask.data[mask_row + k * mask.key])) ||
           (problem.bias.data != nullptr &&
            excludes_key(problem.bias.data[bias_row + k * bias.key]));
  }

  const Problem& problem;

  /// The score scale: Q·Kᵀ is multiplied by it. Given, or 1/√D.
  float scale;

  /// An option changes scores in a way that does not commute with a factor. The scores are then
  /// scaled before it (they become logits); otherwise softmax applies the factor itself.
  bool needs_logits;

  bool captures_scores;
  /// An option may tell the rows of a block apart. (Any that needs logits counts: one test less.)
  bool rows_differ;
  BroadcastStrides mask;
  BroadcastStrides bias;

  std::int32_t group; ///< query heads a key head
};

} // namespace qkv
