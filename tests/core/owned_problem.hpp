// A problem together with the memory it points to, and the result of running it.
#pragma once

#include "attention.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <random>
#include <utility>
#include <vector>

namespace qkv::testing {

/// Unit-normal numbers that are the same with every standard library.
class Normal {
public:
  explicit Normal(std::uint32_t seed) : engine_(seed) {}

  float operator()() {
    // Irwin-Hall: twelve uniforms have variance 1.
    double sum = -6;
    for (int i = 0; i < 12; ++i)
      sum += static_cast<double>(engine_()) / 4294967296.0;
    return static_cast<float>(sum);
  }

  std::vector<float> vector(std::size_t count, float scale = 1) {
    std::vector<float> values(count);
    for (float& value : values)
      value = scale * (*this)();
    return values;
  }

  /// Uniform in [0, count).
  int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(count)); }

private:
  std::mt19937 engine_;
};

/// Aligned scratch memory, exactly as large as asked for, so that sanitizers see one byte beyond.
class Workspace {
public:
  explicit Workspace(std::size_t bytes)
      : memory_(
            static_cast<std::byte*>(::operator new(bytes, std::align_val_t{workspace_alignment}))) {
  }
  ~Workspace() { ::operator delete(memory_, std::align_val_t{workspace_alignment}); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  std::byte* data() { return memory_; }

private:
  std::byte* memory_;
};

struct Result {
  std::vector<float> output{}, scores_raw{}, scores_capped{}, scores_masked{}, weights{},
      log_sum_exp{};
};

/// Dense unit-normal tensors of the given extents. Options are set on `problem`; arrays that they
/// point to are kept by the caller.
class OwnedProblem {
public:
  explicit OwnedProblem(const Extents& e, std::uint32_t seed = 1, float scale = 1) {
    Normal normal(seed);
    query = normal.vector(size({e.batch, e.heads, e.queries, e.depth}), scale);
    key = normal.vector(size({e.batch, e.key_heads, e.keys, e.depth}), scale);
    value = normal.vector(size({e.batch, e.key_heads, e.keys, e.value_depth}));
    problem.extents = e;
    problem.query = dense(std::as_const(query).data(), e.heads, e.queries, e.depth);
    problem.key = dense(std::as_const(key).data(), e.key_heads, e.keys, e.depth);
    problem.value = dense(std::as_const(value).data(), e.key_heads, e.keys, e.value_depth);
  }
  OwnedProblem(const OwnedProblem&) = delete;
  OwnedProblem& operator=(const OwnedProblem&) = delete;

  /// Runs a validated problem; the captures are asked for only if `capture`.
  [[nodiscard]] Result attend(const Target& target, bool capture = false) const {
    const Extents& e = problem.extents;
    const std::size_t scores = capture ? size({e.batch, e.heads, e.queries, e.keys}) : 0;
    const float unwritten = 12345;
    Result r;
    r.output.assign(size({e.batch, e.heads, e.queries, e.value_depth}), unwritten);
    for (auto* captured : {&r.scores_raw, &r.scores_capped, &r.scores_masked, &r.weights})
      captured->assign(scores, unwritten);
    r.log_sum_exp.assign(capture ? size({e.batch, e.heads, e.queries}) : 0, unwritten);

    Problem run = problem;
    run.output = dense(r.output.data(), e.heads, e.queries, e.value_depth);
    if (capture)
      run.capture = {.scores_raw = r.scores_raw.data(),
                     .scores_capped = r.scores_capped.data(),
                     .scores_masked = r.scores_masked.data(),
                     .weights = r.weights.data(),
                     .log_sum_exp = r.log_sum_exp.data()};
    Workspace workspace(target.workspace_bytes(run));
    target.attend(run, workspace.data());
    return r;
  }

  template <class Element>
  static Tensor<Element> dense(Element* data, int heads, int rows, int columns) {
    return {.data = data,
            .batch_stride = heads * rows * columns,
            .head_stride = rows * columns,
            .row_stride = columns};
  }

  static std::size_t size(std::initializer_list<int> extents) {
    std::size_t product = 1;
    for (const int extent : extents)
      product *= static_cast<std::size_t>(extent);
    return product;
  }

  std::vector<float> query, key, value;
  Problem problem;
};

} // namespace qkv::testing
