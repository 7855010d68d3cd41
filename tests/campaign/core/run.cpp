#include "run.hpp"

#include "findings.hpp"

#include <cstring>
#include <new>

namespace qkv::campaign {

std::size_t element_count(std::initializer_list<std::int32_t> extents) {
  std::size_t product = 1;
  for (const std::int32_t extent : extents)
    product *= static_cast<std::size_t>(extent);
  return product;
}

Captured::Captured(const Extents& e, Captures wanted) {
  std::vector<float>* const arrays[] = {&scores_raw, &scores_capped, &scores_masked, &weights,
                                        &log_sum_exp};
  for (unsigned i = 0; i < std::size(arrays); ++i)
    if ((wanted >> i & 1U) != 0)
      arrays[i]->assign(element_count({e.batch, e.heads, e.queries}) *
                            (arrays[i] == &log_sum_exp ? 1 : element_count({e.keys})),
                        unwritten());
}

Capture Captured::to() {
  const auto data = [](auto& array) { return array.empty() ? nullptr : array.data(); };
  return {.scores_raw = data(scores_raw),
          .scores_capped = data(scores_capped),
          .scores_masked = data(scores_masked),
          .weights = data(weights),
          .log_sum_exp = data(log_sum_exp)};
}

Scratch::Scratch(std::size_t bytes, std::uint8_t with)
    : memory_(
          static_cast<std::byte*>(::operator new(bytes, std::align_val_t{workspace_alignment}))) {
  std::memset(memory_, with, bytes);
}

Scratch::~Scratch() {
  ::operator delete(memory_, std::align_val_t{workspace_alignment});
}

std::vector<float> dense_rows(const Strided<float>& t) {
  std::vector<float> rows;
  std::vector<bool> is_element(t.memory.size());
  const auto& n = t.extents;
  for (int b = 0; b < n[0]; ++b)
    for (int h = 0; h < n[1]; ++h)
      for (int i = 0; i < n[2]; ++i)
        for (int c = 0; c < n[3]; ++c) {
          rows.push_back(t.at(b, h, i, c));
          is_element[t.index(b, h, i, c)] = true;
        }
  const float mark = unwritten();
  for (std::size_t i = 0; i < t.memory.size(); ++i)
    if (!is_element[i] && std::memcmp(&t.memory[i], &mark, sizeof mark) != 0)
      fail("memory between the rows of the output is written");
  return rows;
}

Run run(const Target& target, const FuzzedProblem& fuzzed, Captures wanted, std::uint8_t scratch) {
  Problem problem = fuzzed.problem();
  Strided<float> output = fuzzed.output;
  problem.output = output.tensor();
  Run result{.output = {}, .captured = Captured(problem.extents, wanted)};
  problem.capture = result.captured.to();
  Scratch workspace(target.workspace_bytes(problem), scratch);
  target.attend(problem, workspace.data());
  result.output = dense_rows(output);
  return result;
}

} // namespace qkv::campaign
