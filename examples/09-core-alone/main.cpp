#include "attention.hpp"

#include <array>
#include <cstdio>
#include <vector>

int main() {
  const std::array query = {3.0F, 4.0F};              // [L, D]  = [1, 2]
  const std::array key = {1.0F, 2.0F, 2.0F, 3.0F};    // [S, D]  = [2, 2]
  const std::array value = {7.0F, 8.0F, 9.0F, 10.0F}; // [S, Dv] = [2, 2]
  std::array<float, 2> output{};
  std::array<float, 2> weights{};

  qkv::Problem problem;
  problem.extents = {.queries = 1, .keys = 2, .depth = 2, .value_depth = 2};
  problem.query = {.data = query.data(), .row_stride = 2};
  problem.key = {.data = key.data(), .row_stride = 2};
  problem.value = {.data = value.data(), .row_stride = 2};
  problem.output = {.data = output.data(), .row_stride = 2};
  problem.capture.weights = weights.data();

  if (const qkv::Status status = qkv::validate(problem); !status.ok()) {
    std::printf("refused with code %d\n", static_cast<int>(status.code));
    return 1;
  }
  std::vector<std::byte> workspace(qkv::workspace_bytes(problem));
  qkv::attend(problem, workspace.data()); // on the best target of this CPU

  std::printf("weights %.6f %.6f\n", static_cast<double>(weights[0]),
              static_cast<double>(weights[1]));
  std::printf("output  %.4f %.4f\n", static_cast<double>(output[0]),
              static_cast<double>(output[1]));
}
