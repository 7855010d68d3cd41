// An output is a mean, so it lies within the range of the values that its row attends. Roundings of
// its sums can take it past an end of that range by some ULPs: it is then that end.
//
// Few values show that an output is in range: one at least as large, and one at most as large. So
// values are looked at only until the output is within the range of those seen.
#pragma once

#include "element.hpp"
#include "rows.hpp"
#include "workspace.hpp"

namespace qkv::QKV_TARGET {

template <class Element>
class ValueRange {
public:
  /// `common`: keys that every row of the block attends.
  ValueRange(const Plan& plan, const RowBlock& block, const Workspace& work, const KeyRange& common)
      : plan_(plan), work_(work), common_(common), value_(block.keys_of(plan.problem.value, 0)),
        stride_(plan.problem.value.row_stride), columns_(plan.problem.extents.value_depth) {
    // A sink is a key whose value is 0.
    const bool has_sink = plan.problem.sinks != nullptr;
    for (std::int32_t c = 0; c < work.value_columns; c += lane_count) {
      store(known().least + c, Vector(has_sink ? 0.0F : infinity));
      store(known().most + c, Vector(has_sink ? 0.0F : minus_infinity));
      known().end[c / lane_count] = common.first;
    }
  }

  /// Whether the outputs of the columns [column, column + lanes) are known to be in range.
  [[nodiscard]] auto shows(std::int32_t column, const Vector& output) const {
    return (output >= load(known().least + column)) & (output <= load(known().most + column));
  }

  /// The outputs, none outside the range of the values that the row attends. NaN and infinite
  /// outputs stay; so do those of a row that attends no key.
  [[gnu::noinline]] Vector bounded(std::int32_t row, std::int32_t column, const Vector& output) {
    if (!xsimd::all(output - output == Vector(0.0F)))
      return output;
    Seen seen{.least = load(known().least + column), .most = load(known().most + column)};
    std::int32_t next = known().end[column / lane_count];
    while (!seen.shows(output) && next < common_.end) {
      const std::int32_t count = std::min(keys_at_once, common_.end - next);
      include_run(next, count, column, seen);
      next += count;
    }
    known().end[column / lane_count] = next;
    store(known().least + column, seen.least);
    store(known().most + column, seen.most);
    if (!seen.shows(output))
      include_others(row, column, output, seen);
    const Vector above = xsimd::select(output < seen.least, seen.least, output);
    const Vector in_range = xsimd::select(output > seen.most, seen.most, above);
    return xsimd::select(seen.least <= seen.most, in_range, output); // some value was seen
  }

private:
  static constexpr std::int32_t keys_at_once = 8;

  struct Seen {
    Vector least;
    Vector most;

    void include(const Vector& value) {
      least = smaller(value, least);
      most = larger(value, most);
    }
    [[nodiscard]] bool shows(const Vector& output) const {
      return xsimd::all((output >= least) & (output <= most));
    }
  };

  /// The first keys that a row attends beside the common ones, found once for all columns.
  struct Others {
    static constexpr std::int32_t most = 8;
    std::int32_t count = -1; // not found yet
    std::int32_t next = 0;   // where to look for more
    std::int32_t keys[static_cast<std::size_t>(most)];
  };

  /// Includes other keys of a row until they show its output.
  void include_others(std::int32_t row, std::int32_t column, const Vector& output, Seen& seen) {
    Others& others = others_[row];
    if (others.count < 0) {
      others.count = 0;
      others.next = work_.rows.first_key[row];
      while (others.count < Others::most && find_other(row, others.next))
        others.keys[others.count++] = others.next++;
    }
    for (std::int32_t i = 0; i < others.count; ++i)
      include_run(others.keys[i], 1, column, seen);
    for (std::int32_t key = others.next; !seen.shows(output) && find_other(row, key); ++key)
      include_run(key, 1, column, seen);
  }

  /// Moves to the next key, this one or later, that the row attends and that is not common.
  [[nodiscard]] bool find_other(std::int32_t row, std::int32_t& key) const {
    const KeysOfRow attended = keys_of(plan_, work_.rows, row);
    for (; key < work_.rows.end_key[row]; ++key)
      if (key >= common_.first && key < common_.end)
        key = common_.end - 1;
      else if (attended.has(key))
        return true;
    return false;
  }

  /// Includes the values of keys one after the other.
  void include_run(std::int32_t key, std::int32_t count, std::int32_t column, Seen& seen) const {
    Seen more = seen; // in registers
    const std::ptrdiff_t stride = stride_;
    const std::int32_t columns = columns_ - column;
    const auto* from = value_ + key * stride + column;
    if (columns >= lane_count)
      for (; count > 0; --count, from += stride)
        more.include(Element::load(from));
    else
      for (; count > 0; --count, from += stride)
        more.include(Element::load_first(from, columns));
    seen = more;
  }

  [[nodiscard]] const KnownRange& known() const { return work_.range; }

  const Plan& plan_;
  const Workspace& work_;
  KeyRange common_;
  const typename Element::Stored* value_;
  std::ptrdiff_t stride_;
  std::int32_t columns_;
  Others others_[static_cast<std::size_t>(block_rows)];
};

} // namespace qkv::QKV_TARGET
