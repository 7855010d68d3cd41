// Bytes become a valid problem with any of its options, in arrays of exactly the size that it
// needs.
#pragma once

#include "attention.hpp"
#include "values.hpp"

#include <fuzzer/FuzzedDataProvider.h>
#include <string>
#include <vector>

namespace qkv::campaign {

/// A tensor [B, H, rows, columns] in the layout [B, H, L, D] or [B, L, H, D], its rows padded or
/// not. The allocation ends with the last element: a sanitizer sees one byte beyond.
template <class Element>
struct Strided {
  std::vector<Element> memory;
  std::int32_t batch_stride = 0;
  std::int32_t head_stride = 0;
  std::int32_t row_stride = 0;
  std::int32_t extents[4] = {};

  Tensor<Element> tensor() {
    return {memory.empty() ? nothing() : memory.data(), batch_stride, head_stride, row_stride};
  }
  Tensor<const Element> tensor() const {
    return {memory.empty() ? nothing() : memory.data(), batch_stride, head_stride, row_stride};
  }
  /// A pointer to no element, but not null: even an offset to null is undefined.
  static Element* nothing() {
    static const std::vector<Element> one(1);
    return const_cast<Element*>(one.data()) + 1;
  }
  [[nodiscard]] std::size_t index(int b, int h, int row, int column) const {
    return static_cast<std::size_t>(std::ptrdiff_t{b} * batch_stride +
                                    std::ptrdiff_t{h} * head_stride +
                                    std::ptrdiff_t{row} * row_stride + column);
  }
  Element& at(int b, int h, int row, int column) { return memory[index(b, h, row, column)]; }
  [[nodiscard]] Element at(int b, int h, int row, int column) const {
    return memory[index(b, h, row, column)];
  }
};

/// The arrays of a problem, and its options. A copy is a problem of its own.
struct FuzzedProblem {
  Problem options; ///< all of a problem that is no pointer
  Strided<float> query, key, value;
  Strided<float> output; ///< its layout; every element is `unwritten`
  std::vector<std::int32_t> query_offset, key_lengths;
  std::vector<std::uint8_t> mask;
  std::vector<float> bias, alibi_slopes, sinks;
  /// All inputs are unit normal, and no option moves scores away from that.
  bool is_unit_normal = false;

  /// What the core is given. Nowhere to write to yet.
  [[nodiscard]] Problem problem() const;
};

/// Marks memory that nothing may write to: a NaN that no arithmetic makes.
float unwritten();

/// An array between [0, elements) of a tensor with these extents in a layout that the bytes choose.
Strided<float> strided(FuzzedDataProvider& bytes, int batch, int heads, int rows, int columns);

/// Fills rows with a class of numbers, and some elements and rows with another; says whether all
/// are unit normal. Elements between rows stay NaN: to read them shows.
bool fill(FuzzedDataProvider& bytes, Strided<float>& tensor, Kind last);

/// The problem that the bytes say; at most `work` multiplications for scores.
FuzzedProblem problem_from(FuzzedDataProvider& bytes, double work);

/// All of a problem in words, for the one who has to understand a finding.
std::string describe(const FuzzedProblem& fuzzed);

} // namespace qkv::campaign
