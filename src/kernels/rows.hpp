// The rows of a block: which queries they are, and what the options mean for each.
#pragma once

#include "../problem/plan.hpp"
#include "tile.hpp"

#include <cstddef>

namespace qkv::QKV_TARGET {

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

  /// Index of a row in a dense [B, H, L].
  [[nodiscard]] std::ptrdiff_t index_of(const Extents& e, std::int32_t row) const {
    return (std::ptrdiff_t{batch} * e.heads + head_of(row)) * e.queries + query_of(row);
  }

  /// first[row]: the start of each row in a tensor of query heads.
  template <class Element>
  [[gnu::noinline]] void find_rows(const Tensor<Element>& tensor, Element** first) const {
    std::int32_t row = 0;
    for (std::int32_t h = head; h < head + heads; ++h)
      for (std::int32_t i = query; i < query + queries; ++i)
        first[row++] = row_of(tensor, batch, h, i);
  }

  /// The rows of the block's key head, from `first_key` on.
  template <class Element>
  [[nodiscard]] Element* keys_of(const Tensor<Element>& tensor, std::int32_t first_key) const {
    return row_of(tensor, batch, key_head, first_key);
  }
};

/// Calls body(block) for the blocks of rows of a problem that has rows. Queries of several heads
/// share a block when they are few, as in decoding, so that K and V are read once for the group.
template <class Body>
void for_each_row_block(const Plan& plan, Body&& body) {
  const Extents& e = plan.problem.extents;
  const std::int32_t queries = std::min(e.queries, block_rows);
  const std::int32_t heads = std::clamp(block_rows / queries, 1, plan.group);
  for (std::int32_t batch = 0; batch < e.batch; ++batch)
    for (std::int32_t key_head = 0; key_head < e.key_heads; ++key_head)
      // 64 bits: the step past the last of 2³¹ − 1 queries is no int32.
      for (std::int64_t head = 0; head < plan.group; head += heads)
        for (std::int64_t query = 0; query < e.queries; query += queries) {
          const auto first_head = static_cast<std::int32_t>(head);
          const auto first_query = static_cast<std::int32_t>(query);
          body(RowBlock{.batch = batch,
                        .key_head = key_head,
                        .head = key_head * plan.group + first_head,
                        .heads = std::min(heads, plan.group - first_head),
                        .query = first_query,
                        .queries = std::min(queries, e.queries - first_query)});
        }
}

/// What the options mean for the rows of a block; one element a row. Rows past the last are
/// padding: they repeat the last row, so that no pass needs a special case, and nobody reads their
/// results.
struct RowOptions {
  std::int32_t* first_key; ///< KeyRange
  std::int32_t* end_key;
  std::int32_t* mask_row; ///< where the row's mask and bias start
  std::int32_t* bias_row;
  double* position; ///< i + offset, with ALiBi
  float* slope;     ///< of ALiBi
  float* scale;     ///< of its scores, as the row of Q was packed (queries.hpp)

  /// Calls take(array, count) for each array (workspace.hpp).
  template <class Take>
  void take_memory(Take&& take) {
    take(position, block_rows);
    for (float** array : {&slope, &scale})
      take(*array, block_rows);
    for (std::int32_t** array : {&first_key, &end_key, &mask_row, &bias_row})
      take(*array, block_rows);
    static_assert(sizeof(RowOptions) == 7 * sizeof(void*), "take memory for each array above");
  }
};

/// What a score of the row is still to be multiplied by; logits are scaled already.
inline float score_scale(const Plan& plan, const RowOptions& rows, std::int32_t row) {
  return plan.needs_logits ? 1 : rows.scale[row];
}

/// Keys that some row, and that every row, of a block may attend by position.
struct RowRanges {
  KeyRange any;
  KeyRange every;
};

/// Fills what the plan says of `count` rows, padding included; `scale` is filled by pack_queries.
[[gnu::noinline]] inline RowRanges find_row_options(const Plan& plan, const RowBlock& block,
                                                    std::int32_t count, const RowOptions& rows) {
  const Problem& problem = plan.problem;
  RowRanges ranges{};
  for (std::int32_t row = 0; row < count; ++row) {
    if (row > 0 && !plan.rows_differ) {
      rows.first_key[row] = *rows.first_key;
      rows.end_key[row] = *rows.end_key;
      continue;
    }
    const std::int32_t like = std::min(row, block.rows() - 1);
    const std::int32_t head = block.head_of(like);
    const std::int32_t query = block.query_of(like);
    const KeyRange range = plan.key_range(block.batch, query);
    rows.first_key[row] = range.first;
    rows.end_key[row] = range.end;
    if (problem.mask.data != nullptr)
      rows.mask_row[row] = plan.mask.row(block.batch, head, query);
    if (problem.bias.data != nullptr)
      rows.bias_row[row] = plan.bias.row(block.batch, head, query);
    if (problem.alibi_slopes != nullptr) {
      rows.slope[row] = problem.alibi_slopes[head];
      rows.position[row] = static_cast<double>(plan.position(block.batch, query));
    }
    if (row == 0)
      ranges = {.any = range, .every = range};
    ranges.any.first = std::min(ranges.any.first, range.first);
    ranges.any.end = std::max(ranges.any.end, range.end);
    ranges.every.first = std::max(ranges.every.first, range.first);
    ranges.every.end = std::min(ranges.every.end, range.end);
  }
  return ranges;
}

/// The keys that one row attends, by position, mask and bias.
struct KeysOfRow {
  const Plan& plan;
  KeyRange range;
  std::int32_t mask_row; ///< as in RowOptions
  std::int32_t bias_row;

  [[nodiscard]] bool has(std::int32_t key) const {
    return key >= range.first && key < range.end && !plan.is_masked(mask_row, bias_row, key);
  }
};

inline KeysOfRow keys_of(const Plan& plan, const RowOptions& rows, std::int32_t row) {
  return {.plan = plan,
          .range = {.first = rows.first_key[row], .end = rows.end_key[row]},
          .mask_row = rows.mask_row[row],
          .bias_row = rows.bias_row[row]};
}

/// Whether a key is left to the row.
[[gnu::noinline]] inline bool has_key(const Plan& plan, const RowOptions& rows, std::int32_t row) {
  const KeysOfRow keys = keys_of(plan, rows, row);
  for (std::int32_t key = keys.range.first; key < keys.range.end; ++key)
    if (keys.has(key))
      return true;
  return false;
}

} // namespace qkv::QKV_TARGET
