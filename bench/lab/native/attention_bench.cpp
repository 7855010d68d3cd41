// The core without WebAssembly: the shapes of bench/groups.mjs on one thread, for each target of
// this build.
//
//     npm run lab -- native --only 'simd.*L=512'
//
// The counters are rates a second: operations of Q·Kᵀ and P·V, and bytes of keys and values.

#include "owned_problem.hpp"

#include <benchmark/benchmark.h>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using qkv::Extents;
using qkv::testing::OwnedProblem;
using qkv::testing::Workspace;

struct Shape {
  std::string name;
  Extents extents;
  bool causal = false;
};

Shape square(int length, int depth, bool causal = false) {
  const std::string name = "L=" + std::to_string(length) + "/D=" + std::to_string(depth);
  const Extents extents{.heads = 8,
                        .key_heads = 8,
                        .queries = length,
                        .keys = length,
                        .depth = depth,
                        .value_depth = depth};
  return {causal ? name + "/causal" : name, extents, causal};
}

Shape decode(int keys, int heads, int key_heads) {
  const std::string grouped = heads == key_heads ? "" : "/H=" + std::to_string(heads);
  const Extents extents{.heads = heads,
                        .key_heads = key_heads,
                        .queries = 1,
                        .keys = keys,
                        .depth = 64,
                        .value_depth = 64};
  return {"decode/S=" + std::to_string(keys) + grouped, extents};
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const int length : {128, 512, 1024, 2048})
    all.push_back(square(length, 64));
  for (const int length : {512, 1024, 2048})
    all.push_back(square(length, 128));
  for (const int length : {512, 1024})
    for (const int depth : {40, 80, 96})
      all.push_back(square(length, depth));
  for (const int length : {333, 777})
    all.push_back(square(length, 64));
  all.push_back(square(2048, 64, true));
  for (const int keys : {1024, 4096, 16384})
    all.push_back(decode(keys, 8, 8));
  for (const int keys : {4096, 16384})
    all.push_back(decode(keys, 32, 8));
  return all;
}

/// The operations of the attended pairs. A causal problem here has as many queries as keys.
double operations(const Shape& shape) {
  const Extents& e = shape.extents;
  const double pairs =
      shape.causal ? 0.5 * e.queries * (e.queries + 1.0) : static_cast<double>(e.queries) * e.keys;
  return 4.0 * e.heads * pairs * e.depth;
}

void attend(benchmark::State& state, const qkv::Target& target, const Shape& shape) {
  OwnedProblem owned(shape.extents);
  const Extents& e = shape.extents;
  std::vector<float> output(OwnedProblem::size({e.batch, e.heads, e.queries, e.value_depth}));
  owned.problem.causal = shape.causal ? 1 : 0;
  owned.problem.output = OwnedProblem::dense(output.data(), e.heads, e.queries, e.value_depth);
  Workspace workspace(target.workspace_bytes(owned.problem));
  for ([[maybe_unused]] auto iteration : state) {
    target.attend(owned.problem, workspace.data());
    benchmark::DoNotOptimize(output.data());
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  const auto rate = Counter::kIsIterationInvariantRate;
  state.counters["FLOP/s"] = Counter(operations(shape), rate);
  state.counters["bytes/s"] = Counter(8.0 * e.key_heads * e.keys * e.depth, rate, Counter::kIs1000);
}

} // namespace

int main(int argc, char** argv) {
  for (const qkv::Target* target : qkv::targets())
    for (const Shape& shape : shapes())
      benchmark::RegisterBenchmark(std::string(target->name) + "/" + shape.name,
                                   [=](benchmark::State& state) { attend(state, *target, shape); })
          ->Unit(benchmark::kMicrosecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
