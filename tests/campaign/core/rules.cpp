#include "rules.hpp"

#include <algorithm>
#include <cmath>

namespace qkv::campaign {

namespace {

__extension__ using Wide = __int128;

constexpr Wide most_elements = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t deepest = 1 << 22;

bool is_too_large(std::initializer_list<std::int32_t> extents) {
  Wide product = 1;
  for (const std::int32_t extent : extents)
    product *= extent; // four of 31 bits are 124
  return product > most_elements;
}

class Rules {
public:
  explicit Rules(const Problem& problem) : p_(problem), e_(problem.extents) {}

  std::vector<Broken> all() {
    extents();
    if (!broken_.empty())
      return broken_;
    sizes();
    scalars();
    broadcast(p_.mask.extents, Argument::mask);
    broadcast(p_.bias.extents, Argument::bias);
    if (broken_.empty())
      arrays();
    return broken_;
  }

private:
  void require(bool holds, Code code, Argument argument) {
    if (!holds)
      broken_.push_back({code, argument});
  }

  void extents() {
    for (const std::int32_t extent : {e_.batch, e_.heads, e_.queries, e_.depth})
      require(extent >= 0, Code::negative_extent, Argument::query);
    for (const std::int32_t extent : {e_.key_heads, e_.keys})
      require(extent >= 0, Code::negative_extent, Argument::key);
    require(e_.value_depth >= 0, Code::negative_extent, Argument::value);
    require(e_.depth != 0, Code::zero_depth, Argument::query);
    const bool divides =
        e_.key_heads == 0 ? e_.heads == 0 : e_.heads % std::max(e_.key_heads, 1) == 0;
    require(divides, Code::heads_not_divisible, Argument::key);
  }

  /// All batch elements share a tensor whose stride is 0.
  std::int32_t stored(const Tensor<const float>& tensor) const {
    return tensor.batch_stride == 0 && e_.batch > 1 ? 1 : e_.batch;
  }

  void sizes() {
    require(e_.depth <= deepest && !is_too_large({e_.batch, e_.heads, e_.queries, e_.depth}),
            Code::too_large, Argument::query);
    require(!is_too_large({stored(p_.key), e_.key_heads, e_.keys, e_.depth}), Code::too_large,
            Argument::key);
    require(e_.value_depth <= deepest &&
                !is_too_large({stored(p_.value), e_.key_heads, e_.keys, e_.value_depth}) &&
                !is_too_large({e_.batch, e_.heads, e_.queries, e_.value_depth}),
            Code::too_large, Argument::value);
    const Capture& c = p_.capture;
    const bool captures = c.scores_raw != nullptr || c.scores_capped != nullptr ||
                          c.scores_masked != nullptr || c.weights != nullptr;
    require(!captures || !is_too_large({e_.batch, e_.heads, e_.queries, e_.keys}), Code::too_large,
            Argument::capture);
  }

  void scalars() {
    require(!std::isinf(p_.scale), Code::not_finite, Argument::scale); // NaN: the default
    require(std::isfinite(p_.softcap), Code::not_finite, Argument::softcap);
    require(!(p_.softcap < 0), Code::negative, Argument::softcap);
    require(p_.window_left >= 0 && p_.window_right >= 0, Code::negative, Argument::window);
  }

  void broadcast(const std::int32_t (&n)[4], Argument argument) {
    const std::int32_t full[] = {e_.batch, e_.heads, e_.queries, e_.keys};
    for (int axis = 0; axis < 4; ++axis)
      require(n[axis] == 1 || n[axis] == full[axis], Code::not_broadcastable, argument);
    require(!is_too_large({n[0], n[1], n[2], n[3]}), Code::too_large, argument);
  }

  void arrays() {
    const auto each = [&](const auto* array, Wide count, auto holds, Code code, Argument argument) {
      for (Wide i = 0; array != nullptr && i < count; ++i)
        require(holds(array[i]), code, argument);
    };
    each(
        p_.key_lengths, e_.batch, [&](std::int32_t n) { return 0 <= n && n <= e_.keys; },
        Code::key_length_range, Argument::key_lengths);
    const auto is_finite = [](float x) { return std::isfinite(x); };
    each(p_.alibi_slopes, e_.heads, is_finite, Code::not_finite, Argument::alibi_slopes);
    each(p_.sinks, e_.heads, is_finite, Code::not_finite, Argument::sinks);
    const std::int32_t* n = p_.bias.extents;
    each(
        p_.bias.data, Wide{n[0]} * n[1] * n[2] * n[3],
        [](float x) { return !std::isnan(x) && x < std::numeric_limits<float>::infinity(); },
        Code::bias_value, Argument::bias);
  }

  const Problem& p_;
  const Extents& e_;
  std::vector<Broken> broken_;
};

} // namespace

std::vector<Broken> broken_rules(const Problem& problem) {
  return Rules(problem).all();
}

} // namespace qkv::campaign
