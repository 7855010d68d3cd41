#include "parts.hpp"

#include <algorithm>

namespace qkv::campaign {

namespace {

Strided<float> keys_of(const Strided<float>& whole, int first, int end) {
  const auto& n = whole.extents;
  Strided<float> part;
  std::ranges::copy(n, part.extents);
  part.extents[2] = end - first;
  part.row_stride = n[3];
  part.head_stride = part.row_stride * part.extents[2];
  part.batch_stride = part.head_stride * n[1];
  for (int b = 0; b < n[0]; ++b)
    for (int h = 0; h < n[1]; ++h)
      for (int j = first; j < end; ++j)
        for (int c = 0; c < n[3]; ++c)
          part.memory.push_back(whole.at(b, h, j, c));
  part.memory.shrink_to_fit();
  return part;
}

/// The keys [first, end) of what broadcasts to [B, H, L, S].
template <class Element>
void slice(Broadcast<Element>& tensor, std::vector<Element>& elements, int first, int end) {
  if (elements.empty() || tensor.extents[3] == 1)
    return;
  const auto keys = static_cast<std::size_t>(tensor.extents[3]);
  std::vector<Element> kept;
  for (std::size_t row = 0; row < elements.size(); row += keys)
    for (int j = first; j < end; ++j)
      kept.push_back(elements[row + static_cast<std::size_t>(j)]);
  tensor.extents[3] = end - first;
  elements = std::move(kept);
  elements.shrink_to_fit();
}

} // namespace

std::optional<FuzzedProblem> part_of(const FuzzedProblem& whole, int first, int end,
                                     bool with_sinks) {
  FuzzedProblem part = whole;
  Extents& e = part.options.extents;
  e.keys = end - first;
  part.key = keys_of(whole.key, first, end);
  part.value = keys_of(whole.value, first, end);
  part.query_offset.clear();
  part.key_lengths.clear();
  for (std::size_t b = 0; b < static_cast<std::size_t>(e.batch); ++b) {
    const int length =
        whole.key_lengths.empty() ? whole.options.extents.keys : whole.key_lengths[b];
    const long long offset = (whole.options.align_end != 0 ? length - e.queries
                              : whole.query_offset.empty() ? 0
                                                           : whole.query_offset[b]) -
                             static_cast<long long>(first);
    if (offset < std::numeric_limits<std::int32_t>::min())
      return std::nullopt;
    part.query_offset.push_back(static_cast<std::int32_t>(offset));
    part.key_lengths.push_back(std::clamp(length - first, 0, e.keys));
  }
  part.options.align_end = 0;
  slice(part.options.mask, part.mask, first, end);
  slice(part.options.bias, part.bias, first, end);
  if (!with_sinks)
    part.sinks.clear();
  return part;
}

std::vector<FuzzedProblem> parts_from(FuzzedDataProvider& bytes, const FuzzedProblem& whole) {
  const int keys = whole.options.extents.keys;
  std::vector<int> cuts = {0, keys};
  for (int more = bytes.ConsumeIntegralInRange(0, 4); more > 0; --more)
    cuts.push_back(bytes.ConsumeIntegralInRange(0, keys));
  std::ranges::sort(cuts);
  const auto with_sinks = bytes.ConsumeIntegralInRange<std::size_t>(0, cuts.size() - 2);
  std::vector<FuzzedProblem> parts;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    if (auto part = part_of(whole, cuts[i], cuts[i + 1], i == with_sinks))
      parts.push_back(std::move(*part));
    else
      return {};
  return parts;
}

} // namespace qkv::campaign
