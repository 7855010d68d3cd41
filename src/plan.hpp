// What a problem's options mean, worked out once a call: kernels test no option in an inner loop.
#pragma once

#include "problem.hpp"

#include <cstddef>

namespace qkv {

inline constexpr float log2_e = 1.4426950408889634F;

/// The keys [first, end) that position, window and length leave to one query.
struct KeyRange {
  std::int32_t first;
  std::int32_t end;
};

/// Element strides of a broadcast tensor over [B, H, L, S]; 0 where it is repeated.
struct BroadcastStrides {
  std::int32_t batch, head, query, key;
};

/// Consecutive rows that share a key/value head: queries [query, query + queries) of the heads
/// [head, head + heads), head by head.
struct RowBlock {
  std::int32_t batch;
  std::int32_t key_head;
  std::int32_t head;
  std::int32_t heads;
  std::int32_t query;
  std::int32_t queries;

  [[nodiscard]] std::int32_t rows() const { return heads * queries; }
  [[nodiscard]] std::int32_t head_of(std::int32_t row) const { return head + row / queries; }
  [[nodiscard]] std::int32_t query_of(std::int32_t row) const { return query + row % queries; }

  /// Calls body(row, head, query) for the rows in their order.
  template <class Body>
  void for_each_row(Body&& body) const {
    std::int32_t row = 0;
    for (std::int32_t h = head; h < head + heads; ++h)
      for (std::int32_t i = query; i < query + queries; ++i)
        body(row++, h, i);
  }

  /// first[row]: where the rows start in a tensor of heads × queries.
  template <class Element>
  [[gnu::noinline]] void find_rows(const Tensor<Element>& tensor, Element** first) const {
    for_each_row([&](std::int32_t row, std::int32_t h, std::int32_t i) {
      first[row] = tensor.data + std::ptrdiff_t{batch} * tensor.batch_stride +
                   std::ptrdiff_t{h} * tensor.head_stride + std::ptrdiff_t{i} * tensor.row_stride;
    });
  }
};

struct Plan {
  explicit Plan(const Problem& problem);

  [[nodiscard]] std::int32_t offset(std::int32_t batch) const;
  [[nodiscard]] std::int32_t key_count(std::int32_t batch) const;
  /// Where a query stands on the key axis; any offset may be given, so 64 bits.
  [[nodiscard]] std::int64_t position(std::int32_t batch, std::int32_t query) const {
    return std::int64_t{query} + offset(batch);
  }
  [[nodiscard]] KeyRange key_range(std::int32_t batch, std::int32_t query) const;

  const Problem& problem;

  /// Kernels compute dot products of Q·query_factor and K. A score is such a product times `unit`.
  float query_factor;
  float unit;
  /// Scores are turned into logits (multiplied by `unit`) before softmax, since something is done
  /// to them that does not commute with a factor; otherwise softmax applies the factor itself.
  bool logits;
  /// log2(e) per unit of what softmax sees: 2^(log2_unit·(s − max)).
  float log2_unit;

  bool captures_scores;
  /// Whether an option may tell the rows of a block apart (or softcap is given: a test less).
  bool rows_differ;
  BroadcastStrides mask;
  BroadcastStrides bias;

  std::int32_t group; ///< query heads a key head
};

} // namespace qkv
