// An output is a mean, so it lies within the range of the values that its row attends. Roundings of
// its sums can take it past an end of that range by some ULPs: it is then that end.
//
// Few values show that an output is in range: one at least as large, and one at most as large. So
// outputs are compared with the range of some keys first, and with more only while that range does
// not hold them.
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
        stride_(plan.problem.value.row_stride), columns_(plan.problem.extents.value_depth),
        is_common_(common.end - common.first >= keys_at_once) {
    if (!is_common_)
      return;
    for (std::int32_t i = 0; i < keys_at_once; ++i)
      first_[i] = value_ + (common.first + i) * stride_;
    look_at_first(keys_at_once);
  }

  /// Call it before the outputs of the rows [row, end) are given. Where the block has too few keys
  /// in common, keys that these rows attend are looked at first.
  void enter(std::int32_t row, std::int32_t end) {
    if (is_common_)
      return;
    std::int32_t count = 0;
    std::int32_t key = work_.rows.first_key[row];
    for (; key < work_.rows.end_key[row] && count < keys_at_once; ++key)
      if (all_attend(row, end, key))
        first_[count++] = value_ + key * stride_;
    common_ = {.first = key, .end = key};
    look_at_first(count);
  }

  /// Whether the outputs of the columns [column, column + lanes) are known to be in range.
  [[nodiscard]] auto shows(std::int32_t column, const Vector& output) const {
    return (output >= load(known().least + column)) & (output <= load(known().most + column));
  }

  /// The outputs, none outside the range of the values that the row attends. NaN and infinite
  /// outputs stay; so do those of a row that attends no key.
  Vector bounded(std::int32_t row, std::int32_t column, const Vector& output) {
    return xsimd::all(shows(column, output)) ? output : look_further(row, column, output);
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

  /// The outputs, bounded by the range of all attended keys or of enough of them.
  [[gnu::noinline]] Vector look_further(std::int32_t row, std::int32_t column,
                                        const Vector& output) {
    if (!xsimd::all(output - output == Vector(0.0F)))
      return output;
    Seen seen{.least = load(known().least + column), .most = load(known().most + column)};
    std::int32_t& next = known().end[column / lane_count];
    while (!seen.shows(output) && next < common_.end)
      for (const std::int32_t end = std::min(next + keys_at_once, common_.end); next < end; ++next)
        include(next, column, seen);
    store(known().least + column, seen.least);
    store(known().most + column, seen.most);
    include_attended(row, {.first = common_.end, .end = work_.rows.end_key[row]}, column, output,
                     seen);
    include_attended(row, {.first = work_.rows.first_key[row], .end = common_.first}, column,
                     output, seen);
    const Vector above = xsimd::select(output < seen.least, seen.least, output);
    const Vector in_range = xsimd::select(output > seen.most, seen.most, above);
    return xsimd::select(seen.least <= seen.most, in_range, output); // some value was seen
  }

  /// Looks at the values of the first keys, as many as there are.
  void look_at_first(std::int32_t count) {
    for (std::int32_t i = count; i < keys_at_once; ++i) // so that the loop below can be unrolled
      first_[i] = *first_;
    // A sink is a key whose value is 0.
    const bool has_sink = plan_.problem.sinks != nullptr;
    for (std::int32_t c = 0; c < work_.value_columns; c += lane_count) {
      Seen seen{.least = Vector(has_sink ? 0.0F : infinity),
                .most = Vector(has_sink ? 0.0F : minus_infinity)};
      if (count > 0 && columns_ - c >= lane_count) {
        QKV_UNROLL
        for (const auto* value : first_)
          seen.include(Element::load(value + c));
      } else if (count > 0)
        for (const auto* value : first_)
          seen.include(Element::load_first(value + c, columns_ - c));
      store(known().least + c, seen.least);
      store(known().most + c, seen.most);
      known().end[c / lane_count] = common_.first + (is_common_ ? count : 0);
    }
  }

  [[nodiscard]] bool all_attend(std::int32_t row, std::int32_t end, std::int32_t key) const {
    for (; row < end; ++row)
      if (!keys_of(plan_, work_.rows, row).has(key))
        return false;
    return true;
  }

  /// Includes keys of a range that the row attends, until they show its output.
  void include_attended(std::int32_t row, const KeyRange& keys, std::int32_t column,
                        const Vector& output, Seen& seen) const {
    const KeysOfRow attended = keys_of(plan_, work_.rows, row);
    for (std::int32_t key = keys.first; key < keys.end && !seen.shows(output); ++key)
      if (attended.has(key))
        include(key, column, seen);
  }

  void include(std::int32_t key, std::int32_t column, Seen& seen) const {
    const auto* const from = value_ + key * stride_ + column;
    const std::int32_t columns = columns_ - column;
    seen.include(columns >= lane_count ? Element::load(from) : Element::load_first(from, columns));
  }

  [[nodiscard]] const KnownRange& known() const { return work_.range; }

  const Plan& plan_;
  const Workspace& work_;
  KeyRange common_; ///< without enough keys in common: where the first keys of some rows end
  const typename Element::Stored* value_;
  std::ptrdiff_t stride_;
  std::int32_t columns_;
  bool is_common_;
  const typename Element::Stored* first_[static_cast<std::size_t>(keys_at_once)] = {};
};

} // namespace qkv::QKV_TARGET
