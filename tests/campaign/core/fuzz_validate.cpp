// validate, with extents that no memory could hold: it accepts what the rules accept, and names a
// rule that is broken. What it refuses is never computed; of what it accepts, what has no element
// is.
#include "findings.hpp"
#include "fuzzed_problem.hpp"
#include "rules.hpp"
#include "run.hpp"

#include <bit>

namespace qkv::campaign {

namespace {

std::int32_t wild(FuzzedDataProvider& bytes) {
  switch (bytes.ConsumeIntegralInRange(0, 3)) {
  case 0:
    return bytes.ConsumeIntegral<std::int32_t>();
  case 1:
    return bytes.PickValueInArray({0, -1, 1 << 15, 1 << 16, 46341, (1 << 22) + 1, 1 << 22, 1 << 30,
                                   std::numeric_limits<std::int32_t>::max(),
                                   std::numeric_limits<std::int32_t>::min()});
  default:
    return bytes.ConsumeIntegralInRange(0, 3);
  }
}

float number(FuzzedDataProvider& bytes) {
  return bytes.ConsumeBool() ? std::bit_cast<float>(bytes.ConsumeIntegral<std::uint32_t>())
                             : bytes.PickValueInArray({0.0F, 1.0F, -1.0F, -0.0F,
                                                       std::numeric_limits<float>::infinity(),
                                                       -std::numeric_limits<float>::infinity(),
                                                       std::numeric_limits<float>::quiet_NaN()});
}

/// As many elements as extents say, or nothing where that is more than a test should hold.
template <class Element, class Draw>
bool array_from(FuzzedDataProvider& bytes, std::initializer_list<std::int32_t> extents,
                std::vector<Element>& array, Draw draw) {
  std::size_t count = 1;
  for (const std::int32_t extent : extents) {
    if (extent < 0 || extent > 1000)
      return false;
    count *= static_cast<std::size_t>(extent);
  }
  if (count > 1000 || bytes.ConsumeBool())
    return false;
  for (std::size_t i = 0; i < count; ++i)
    array.push_back(draw());
  array.shrink_to_fit();
  return true;
}

struct WildProblem {
  Problem problem;
  std::vector<std::int32_t> key_lengths, query_offset;
  std::vector<float> slopes, sinks, bias;
  std::vector<std::uint8_t> mask;
  float captured = 0;
};

template <class Element>
void broadcast_from(FuzzedDataProvider& bytes, const Extents& e, Broadcast<Element>& to) {
  const std::int32_t full[] = {e.batch, e.heads, e.queries, e.keys};
  for (int axis = 0; axis < 4; ++axis)
    to.extents[axis] = bytes.PickValueInArray({1, 1, full[axis], full[axis], wild(bytes)});
}

void wild_from(FuzzedDataProvider& bytes, WildProblem& w) {
  Problem& p = w.problem;
  Extents& e = p.extents;
  e.batch = wild(bytes);
  e.key_heads = wild(bytes);
  e.heads = bytes.ConsumeBool() ? e.key_heads : wild(bytes);
  e.queries = wild(bytes);
  e.keys = wild(bytes);
  e.depth = wild(bytes);
  e.value_depth = wild(bytes);
  p.key.batch_stride = wild(bytes);
  p.value.batch_stride = wild(bytes);
  const auto is_given = [&] { return bytes.ConsumeIntegralInRange(0, 3) == 0; };
  if (is_given())
    p.scale = number(bytes);
  if (is_given())
    p.softcap = number(bytes);
  if (is_given())
    p.window_left = wild(bytes);
  if (is_given())
    p.window_right = wild(bytes);
  p.causal = bytes.ConsumeBool() ? 1 : 0;
  p.align_end = bytes.ConsumeBool() ? 1 : 0;
  if (is_given())
    p.capture.weights = &w.captured;
  if (is_given())
    broadcast_from(bytes, e, p.mask);
  if (is_given())
    broadcast_from(bytes, e, p.bias);
  const auto* m = p.mask.extents;
  const auto* n = p.bias.extents;
  if (array_from(bytes, {m[0], m[1], m[2], m[3]}, w.mask,
                 [&] { return bytes.ConsumeBool() ? 1 : 0; }))
    p.mask.data = w.mask.data();
  if (array_from(bytes, {n[0], n[1], n[2], n[3]}, w.bias, [&] { return number(bytes); }))
    p.bias.data = w.bias.data();
  if (array_from(bytes, {e.batch}, w.key_lengths, [&] { return wild(bytes); }))
    p.key_lengths = w.key_lengths.data();
  if (array_from(bytes, {e.batch}, w.query_offset, [&] { return wild(bytes); }))
    p.query_offset = w.query_offset.data();
  if (array_from(bytes, {e.heads}, w.slopes, [&] { return number(bytes); }))
    p.alibi_slopes = w.slopes.data();
  if (array_from(bytes, {e.heads}, w.sinks, [&] { return number(bytes); }))
    p.sinks = w.sinks.data();
}

std::string words(const Problem& p, const Status& status) {
  const Extents& e = p.extents;
  std::string text = "  code " + std::to_string(static_cast<int>(status.code)) + ", argument " +
                     std::to_string(static_cast<int>(status.argument)) +
                     "\n  B, H, Hk, L, S, D, Dv =";
  for (const std::int32_t extent :
       {e.batch, e.heads, e.key_heads, e.queries, e.keys, e.depth, e.value_depth})
    text += ' ' + std::to_string(extent);
  for (const auto* n : {p.mask.extents, p.bias.extents}) {
    text += n == p.mask.extents ? "\n  mask" : "\n  bias";
    for (int axis = 0; axis < 4; ++axis)
      text += ' ' + std::to_string(n[axis]);
  }
  return text;
}

/// Of no element: whatever the other extents are, nothing is read or written, and it ends.
void attend_nothing(const Problem& p) {
  const Extents& e = p.extents;
  if (e.batch != 0 && e.heads != 0 && e.queries != 0)
    return;
  // Workspaces grow with the depth; this one may be too much for a test.
  if (e.depth > 1 << 16 || e.value_depth > 1 << 16)
    return;
  for (const Target* target : targets()) {
    Scratch workspace(target->workspace_bytes(p), 0xFF);
    target->attend(p, workspace.data());
  }
}

void fuzz(FuzzedDataProvider& bytes) {
  WildProblem w;
  wild_from(bytes, w);
  const std::vector<Broken> broken = broken_rules(w.problem);
  const Status status = validate(w.problem);
  const Context context(words(w.problem, status));
  if (status.ok() != broken.empty())
    fail(status.ok() ? "a problem that breaks a rule is accepted" : "a valid problem is refused");
  if (status.ok())
    return attend_nothing(w.problem);
  for (const Broken& rule : broken)
    if (rule.code == status.code && rule.argument == status.argument)
      return;
  fail("the reason is not the problem's");
}

} // namespace

} // namespace qkv::campaign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  qkv::campaign::fuzz(bytes);
  return 0;
}
