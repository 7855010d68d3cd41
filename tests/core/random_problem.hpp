// Random problems: each option with a chance of one in three, so that combinations are common.
#pragma once

#include "blocks.hpp"
#include "owned_problem.hpp"

#include <array>

namespace qkv::testing {

/// Random extents; a third of the seeds have few rows, which are computed in another way.
inline Extents random_extents(Normal& normal, bool few) {
  const int key_heads = 1 + normal.below(2);
  return {.batch = 1 + normal.below(2),
          .heads = key_heads * (1 + normal.below(few ? 2 : 3)),
          .key_heads = key_heads,
          .queries = 1 + normal.below(few ? 2 : 60),
          .keys = 1 + normal.below(few ? run_of_keys(decode_rows) + 340 : 290),
          .depth = 1 + normal.below(20),
          .value_depth = 1 + normal.below(20)};
}

class RandomProblem {
public:
  RandomProblem(std::uint32_t seed, Normal normal, const Extents& e) : owned(e, seed) {
    Problem& p = owned.problem;
    const auto sometimes = [&] { return normal.below(3) == 0; };
    const auto heads = static_cast<std::size_t>(e.heads);
    const auto batch = static_cast<std::size_t>(e.batch);

    if (sometimes())
      p.scale = std::array{0.3F, -0.3F, 0.0F}[static_cast<std::size_t>(normal.below(3))];
    p.causal = normal.below(2);
    p.align_end = normal.below(2);
    offsets_.assign(batch, normal.below(100) - 30);
    if (sometimes())
      p.query_offset = offsets_.data();
    lengths_.resize(batch);
    for (auto& length : lengths_)
      length = normal.below(e.keys + 1);
    if (sometimes())
      p.key_lengths = lengths_.data();
    if (sometimes())
      p.window_left = normal.below(200);
    if (sometimes())
      p.window_right = normal.below(200);
    if (sometimes())
      p.softcap = 3;
    // Times the distance of the furthest key: larger scores have no digits for the tolerance.
    const float steepest = 130.0F / static_cast<float>(std::max(e.keys, 1300));
    slopes_ = normal.vector(heads, steepest);
    if (sometimes())
      p.alibi_slopes = slopes_.data();
    sinks_ = normal.vector(heads);
    if (sometimes())
      p.sinks = sinks_.data();
    if (sometimes())
      add_mask(normal);
    if (sometimes())
      add_bias(normal);
  }

  OwnedProblem owned;

private:
  void add_mask(Normal& normal) {
    mask_.resize(broadcast(normal, owned.problem.mask));
    for (auto& m : mask_)
      m = normal.below(5) != 0 ? 1 : 0;
    owned.problem.mask.data = mask_.data();
  }

  void add_bias(Normal& normal) {
    bias_ = normal.vector(broadcast(normal, owned.problem.bias));
    for (float& b : bias_)
      if (normal.below(8) == 0)
        b = -std::numeric_limits<float>::infinity();
    owned.problem.bias.data = bias_.data();
  }

  /// Chooses the axes that broadcast, and returns the number of elements.
  template <class Element>
  std::size_t broadcast(Normal& normal, Broadcast<Element>& tensor) const {
    const Extents& e = owned.problem.extents;
    const std::array full = {e.batch, e.heads, e.queries, e.keys};
    for (std::size_t axis = 0; axis < 4; ++axis)
      tensor.extents[axis] = normal.below(2) == 0 ? full[axis] : 1;
    return static_cast<std::size_t>(elements(tensor));
  }

  std::vector<std::int32_t> offsets_, lengths_;
  std::vector<float> slopes_, sinks_, bias_;
  std::vector<std::uint8_t> mask_;
};

} // namespace qkv::testing
