#include "fuzzed_problem.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace qkv::campaign {

namespace {

using Limits = std::numeric_limits<float>;
using Integers = std::numeric_limits<std::int32_t>;

/// Around the sizes of vectors, register tiles, blocks of 48 rows, of 120 and of 480 keys.
constexpr std::int32_t boundaries[] = {0,   1,   2,   3,   4,   5,   7,   8,   9,   11,   12,  13,
                                       16,  17,  23,  24,  25,  31,  33,  39,  40,  41,   47,  48,
                                       49,  63,  65,  95,  97,  119, 120, 121, 127, 129,  239, 241,
                                       359, 361, 479, 480, 481, 599, 601, 959, 961, 1921, 5761};

std::int32_t extent(FuzzedDataProvider& bytes, std::int32_t most) {
  const std::int32_t drawn = bytes.ConsumeBool() ? bytes.PickValueInArray(boundaries)
                                                 : bytes.ConsumeIntegralInRange(0, 140);
  return std::min(drawn, most);
}

Extents extents_from(FuzzedDataProvider& bytes, double work) {
  Extents e;
  e.batch = bytes.PickValueInArray({1, 1, 1, 2, 3, 0});
  e.key_heads = bytes.PickValueInArray({1, 1, 2, 3, 0});
  e.heads = e.key_heads * bytes.PickValueInArray({1, 1, 2, 3, 4, 5, 9, 49, 0});
  e.queries = extent(bytes, 200);
  e.keys = extent(bytes, 6000);
  e.depth = std::max(1, extent(bytes, 140));
  e.value_depth = bytes.ConsumeBool() ? e.depth : extent(bytes, 140);
  const auto multiplications = [&] {
    // Without keys there are none, but queries and outputs are as many.
    const std::int32_t keys = std::max(1, e.keys);
    return static_cast<double>(e.batch) * e.heads * e.queries * keys * (e.depth + e.value_depth);
  };
  // The longest axis is halved; keys may stay many, as in decoding with a long cache.
  const bool keeps_keys = bytes.ConsumeBool();
  while (multiplications() > work) {
    std::int32_t* longest = &e.depth;
    for (std::int32_t* axis : {&e.value_depth, &e.queries, &e.keys})
      if (*axis > *longest && !(keeps_keys && axis == &e.keys))
        longest = axis;
    if (*longest == 1)
      longest = &e.keys;
    *longest = std::max(1, *longest / 2);
  }
  return e;
}

/// Any of the finite floats that an option may be, often one at a boundary of the core.
float number_from(FuzzedDataProvider& bytes, std::initializer_list<float> usual) {
  if (bytes.ConsumeIntegralInRange(0, 3) != 0)
    return *(usual.begin() + bytes.ConsumeIntegralInRange<std::size_t>(0, usual.size() - 1));
  const auto any = std::bit_cast<float>(bytes.ConsumeIntegral<std::uint32_t>());
  return std::isfinite(any) ? any : 1;
}

std::vector<float> numbers_from(FuzzedDataProvider& bytes, std::int32_t count,
                                std::initializer_list<float> usual) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (float& number : numbers)
    number = number_from(bytes, usual);
  return numbers;
}

std::int32_t offset_from(FuzzedDataProvider& bytes, std::int32_t keys) {
  switch (bytes.ConsumeIntegralInRange(0, 7)) {
  case 0:
    return Integers::max() - bytes.ConsumeIntegralInRange(0, 200);
  case 1:
    return Integers::min() + bytes.ConsumeIntegralInRange(0, 200);
  case 2:
    return bytes.ConsumeIntegral<std::int32_t>();
  default:
    return bytes.ConsumeIntegralInRange(-200, keys + 10);
  }
}

std::int32_t window_from(FuzzedDataProvider& bytes) {
  switch (bytes.ConsumeIntegralInRange(0, 5)) {
  case 0:
    return bytes.ConsumeIntegralInRange(0, 200);
  case 1:
    return bytes.ConsumeIntegralInRange(0, Integers::max());
  case 2:
    return Integers::max() - 1;
  default:
    return unbounded;
  }
}

/// A shape that broadcasts to [B, H, L, S], and how many elements it has.
template <class Element>
std::size_t broadcast_from(FuzzedDataProvider& bytes, const Extents& e, Broadcast<Element>& to) {
  const std::int32_t full[] = {e.batch, e.heads, e.queries, e.keys};
  std::size_t count = 1;
  for (int axis = 0; axis < 4; ++axis) {
    to.extents[axis] = bytes.ConsumeBool() ? full[axis] : 1;
    count *= static_cast<std::size_t>(to.extents[axis]);
  }
  return count;
}

void mask_from(FuzzedDataProvider& bytes, FuzzedProblem& f) {
  f.mask.resize(broadcast_from(bytes, f.options.extents, f.options.mask));
  Random random(bytes.ConsumeIntegral<std::uint16_t>());
  const double attended = bytes.PickValueInArray({0.5, 0.98, 0.02, 1.0, 0.0});
  // Runs, so that whole blocks are excluded and others are not.
  const auto run = bytes.PickValueInArray<std::size_t>({1, 1, 7, 120, 500});
  for (std::size_t i = 0; i < f.mask.size(); ++i)
    f.mask[i] = i % run != 0                   ? f.mask[i - 1]
                : random.uniform() >= attended ? 0
                : random.uniform() < 0.5       ? 1
                                               : 255;
}

void bias_from(FuzzedDataProvider& bytes, FuzzedProblem& f) {
  f.bias.resize(broadcast_from(bytes, f.options.extents, f.options.bias));
  Random random(bytes.ConsumeIntegral<std::uint16_t>());
  const Kind kind = bytes.PickValueInArray(
      {Kind::unit_normal, Kind::unit_normal, Kind::zero, Kind::large, Kind::largest});
  const double excluded = bytes.PickValueInArray({0.0, 0.1, 0.5, 0.98, 1.0});
  for (float& b : f.bias)
    b = random.uniform() < excluded ? -Limits::infinity() : value_of(kind, random);
}

void options_from(FuzzedDataProvider& bytes, FuzzedProblem& f) {
  Problem& p = f.options;
  const Extents& e = p.extents;
  p.scale = bytes.ConsumeBool() ? Limits::quiet_NaN()
                                : number_from(bytes, {1, -1, 0, -0.0F, 0.1F, -3, 1e-30F, 1e-40F,
                                                      -1e30F, 0x1p100F, 0x1p-100F, Limits::max()});
  const auto is_given = [&] { return bytes.ConsumeIntegralInRange(0, 3) == 0; };
  if (is_given())
    p.softcap = std::abs(number_from(bytes, {1, 5, 50, 1e-3F, 1e-38F, 1e-45F, 1e30F}));
  p.causal = is_given() ? 1 : 0;
  if (is_given())
    p.align_end = 1;
  if (is_given())
    p.window_left = window_from(bytes);
  if (is_given())
    p.window_right = window_from(bytes);
  if (is_given())
    for (std::int32_t b = 0; b < e.batch; ++b)
      f.query_offset.push_back(offset_from(bytes, e.keys));
  if (is_given())
    for (std::int32_t b = 0; b < e.batch; ++b)
      f.key_lengths.push_back(bytes.ConsumeIntegralInRange(0, e.keys));
  if (is_given())
    mask_from(bytes, f);
  if (is_given())
    bias_from(bytes, f);
  if (is_given())
    f.alibi_slopes = numbers_from(bytes, e.heads, {0.5F, 0.0625F, 0, -0.5F, 1e-9F, 1e30F});
  if (is_given())
    f.sinks = numbers_from(bytes, e.heads, {0, 1, -5, 20, -1e30F, 1e30F});
  const bool moves_scores = !std::isnan(p.scale) || p.softcap > 0 || !f.bias.empty() ||
                            !f.alibi_slopes.empty() || !f.sinks.empty();
  f.is_unit_normal = !moves_scores;
}

} // namespace

float unwritten() {
  return std::bit_cast<float>(0xFFDEADBEU);
}

Strided<float> strided(FuzzedDataProvider& bytes, int batch, int heads, int rows, int columns) {
  Strided<float> t;
  std::ranges::copy(std::array{batch, heads, rows, columns}, t.extents);
  const std::int32_t row = columns + bytes.PickValueInArray({0, 0, 1, 3, 8});
  const bool rows_first = bytes.ConsumeBool(); // [B, L, H, D]
  t.row_stride = rows_first ? row * heads : row;
  t.head_stride = rows_first ? row : row * rows;
  t.batch_stride = row * rows * heads;
  const bool is_empty = batch == 0 || heads == 0 || rows == 0 || columns == 0;
  if (!is_empty)
    t.memory.assign(t.index(batch - 1, heads - 1, rows - 1, columns - 1) + 1, unwritten());
  return t;
}

bool fill(FuzzedDataProvider& bytes, Strided<float>& t, Kind last) {
  const auto [batch, heads, rows, columns] = std::to_array(t.extents);
  const Kind kind = bytes.PickValueInArray({Kind::unit_normal, Kind::unit_normal, Kind::unit_normal,
                                            Kind::whole_number, Kind::zero, Kind::denormal,
                                            Kind::tiny, Kind::large, Kind::largest});
  Random random(bytes.ConsumeIntegral<std::uint16_t>());
  const auto fill_row = [&](int b, int h, int row, Kind with) {
    for (int c = 0; c < columns; ++c)
      t.at(b, h, row, c) = value_of(with, random);
  };
  for (int b = 0; b < batch; ++b)
    for (int h = 0; h < heads; ++h)
      for (int row = 0; row < rows; ++row)
        fill_row(b, h, row, kind);
  const int others = t.memory.empty() ? 0 : bytes.ConsumeIntegralInRange(0, 4);
  for (int i = 0; i < others; ++i) {
    const auto with = static_cast<Kind>(bytes.ConsumeIntegralInRange(0, static_cast<int>(last)));
    const int b = bytes.ConsumeIntegralInRange(0, batch - 1);
    const int h = bytes.ConsumeIntegralInRange(0, heads - 1);
    const int row = bytes.ConsumeIntegralInRange(0, rows - 1);
    const int c = bytes.ConsumeIntegralInRange(-1, columns - 1);
    if (c < 0)
      fill_row(b, h, row, with);
    else
      t.at(b, h, row, c) = value_of(with, random);
  }
  return kind == Kind::unit_normal && others == 0;
}

FuzzedProblem problem_from(FuzzedDataProvider& bytes, double work) {
  FuzzedProblem f;
  const Extents e = f.options.extents = extents_from(bytes, work);
  options_from(bytes, f);
  f.query = strided(bytes, e.batch, e.heads, e.queries, e.depth);
  f.key = strided(bytes, e.batch, e.key_heads, e.keys, e.depth);
  f.value = strided(bytes, e.batch, e.key_heads, e.keys, e.value_depth);
  f.output = strided(bytes, e.batch, e.heads, e.queries, e.value_depth);
  for (Strided<float>* tensor : {&f.query, &f.key, &f.value})
    f.is_unit_normal &= fill(bytes, *tensor, last_kind);
  return f;
}

Problem FuzzedProblem::problem() const {
  const auto data = [](const auto& array) { return array.empty() ? nullptr : array.data(); };
  Problem p = options;
  p.query = query.tensor();
  p.key = key.tensor();
  p.value = value.tensor();
  p.query_offset = data(query_offset);
  p.key_lengths = data(key_lengths);
  p.mask.data = data(mask);
  p.bias.data = data(bias);
  p.alibi_slopes = data(alibi_slopes);
  p.sinks = data(sinks);
  return p;
}

} // namespace qkv::campaign
