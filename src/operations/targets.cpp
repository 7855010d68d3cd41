// The choice of a target, and the public operations on the best one.
#include "../targets/arch.hpp"
#include "attend.hpp"
#include "target.hpp"

#include <xsimd/xsimd.hpp>

#include <array>
#include <iterator>

namespace qkv {

// CMake lists the targets of this build, from the slowest to the fastest.
#define QKV_DECLARE(NAME)                                                                          \
  namespace NAME {                                                                                 \
  extern const Target target;                                                                      \
  }
QKV_FOR_EACH_TARGET(QKV_DECLARE)
#undef QKV_DECLARE

namespace {

template <class Arch>
bool runs_here() {
#if defined(__x86_64__)
  if constexpr (requires { xsimd::available_architectures().has(Arch{}); })
    return xsimd::available_architectures().has(Arch{});
#endif
  return true; // every CPU of the other architectures has it, and engines refuse a foreign module
}

struct Candidate {
  const Target* target;
  bool (*runs)();
};

#define QKV_CANDIDATE(NAME) {.target = &NAME::target, .runs = runs_here<NAME::Arch>},
constexpr Candidate candidates[] = {QKV_FOR_EACH_TARGET(QKV_CANDIDATE)};
#undef QKV_CANDIDATE

class Available {
public:
  Available() {
    for (const auto& [target, runs] : candidates)
      if (runs())
        targets_[count_++] = target;
  }

  [[nodiscard]] std::span<const Target* const> all() const { return {targets_.data(), count_}; }

private:
  std::array<const Target*, std::size(candidates)> targets_{};
  std::size_t count_ = 0;
};

} // namespace

std::span<const Target* const> targets() {
  static const Available available;
  return available.all();
}

const Target& best_arch() {
  static const Target& best = *targets().back();
  return best;
}

std::size_t workspace_bytes(const Problem& problem) {
  return best_arch().workspace_bytes(problem);
}

void attend(const Problem& problem, std::byte* workspace) {
  best_arch().attend(problem, workspace);
}

void trace(const Problem& problem, const Trace& to, std::byte* workspace) {
  best_arch().trace(problem, to, workspace);
}

void merge(const Extents& extents, std::span<const MergePart> parts, Tensor<float> output,
           float* log_sum_exp) {
  best_arch().merge(extents, parts, output, log_sum_exp);
}

} // namespace qkv
