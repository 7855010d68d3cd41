// A gradient of the output, and the gradients that a target computes from it.
#pragma once

#include "operations/backward.hpp"
#include "owned_problem.hpp"

namespace qkv::testing {

/// The gradients of all inputs that a problem has; the others are empty.
struct Gradients {
  std::vector<float> query{}, key{}, value{}, bias{}, sinks{}, alibi_slopes{};

  friend bool operator==(const Gradients&, const Gradients&) = default;

  /// body(name, gradient, the same of other) for each.
  template <class Other, class Body>
  void for_each(const Other& other, Body&& body) const {
    body("query", query, other.query);
    body("key", key, other.key);
    body("value", value, other.value);
    body("bias", bias, other.bias);
    body("sinks", sinks, other.sinks);
    body("ALiBi slopes", alibi_slopes, other.alibi_slopes);
  }
};

enum class Forward { given, computed_again };

/// A unit-normal dO [B, H, L, Dv].
inline std::vector<float> random_output_gradient(const Extents& e, std::uint32_t seed) {
  return Normal(seed + 77).vector(OwnedProblem::size({e.batch, e.heads, e.queries, e.value_depth}));
}

/// All gradients of a validated problem. Only those that `wanted` leaves are asked for.
inline Gradients backward(const Target& target, const OwnedProblem& owned,
                          const std::vector<float>& output_gradient,
                          Forward forward = Forward::computed_again,
                          void (*leave)(Backward&) = nullptr) {
  const Problem& p = owned.problem;
  const Extents& e = p.extents;
  const float unwritten = 12345;
  Gradients g;
  g.query.assign(OwnedProblem::size({e.batch, e.heads, e.queries, e.depth}), unwritten);
  g.key.assign(OwnedProblem::size({e.batch, e.key_heads, e.keys, e.depth}), unwritten);
  g.value.assign(OwnedProblem::size({e.batch, e.key_heads, e.keys, e.value_depth}), unwritten);
  Backward to;
  to.output_gradient =
      OwnedProblem::dense(output_gradient.data(), e.heads, e.queries, e.value_depth);
  to.query = OwnedProblem::dense(g.query.data(), e.heads, e.queries, e.depth);
  to.key = OwnedProblem::dense(g.key.data(), e.key_heads, e.keys, e.depth);
  to.value = OwnedProblem::dense(g.value.data(), e.key_heads, e.keys, e.value_depth);
  if (p.bias.data != nullptr) {
    g.bias.assign(static_cast<std::size_t>(elements(p.bias)), unwritten);
    to.bias = g.bias.data();
  }
  if (p.sinks != nullptr) {
    g.sinks.assign(static_cast<std::size_t>(e.heads), unwritten);
    to.sinks = g.sinks.data();
  }
  if (p.alibi_slopes != nullptr) {
    g.alibi_slopes.assign(static_cast<std::size_t>(e.heads), unwritten);
    to.alibi_slopes = g.alibi_slopes.data();
  }
  Result result;
  if (forward == Forward::given) {
    result.output.resize(OwnedProblem::size({e.batch, e.heads, e.queries, e.value_depth}));
    result.log_sum_exp.resize(OwnedProblem::size({e.batch, e.heads, e.queries}));
    Problem run = p;
    run.output = OwnedProblem::dense(result.output.data(), e.heads, e.queries, e.value_depth);
    run.capture.log_sum_exp = result.log_sum_exp.data();
    Workspace workspace(target.workspace_bytes(run));
    target.attend(run, workspace.data());
    to.output =
        OwnedProblem::dense(std::as_const(result.output).data(), e.heads, e.queries, e.value_depth);
    to.log_sum_exp = result.log_sum_exp.data();
  }
  if (leave != nullptr)
    leave(to);
  Workspace workspace(target.backward_workspace_bytes(p));
  target.backward(p, to, workspace.data());
  return g;
}

} // namespace qkv::testing
