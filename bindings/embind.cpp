// The border between JavaScript and the core: operations on addresses, the layout of each struct by
// the names of its members, and the constants of the core that JavaScript needs. JavaScript fills
// the structs in place, so a call crosses a few times however many options it has.
#include "attention.hpp"
#include "kernels/layout.hpp"
#include "operations/merge.hpp"
#include "operations/rotary.hpp"
#include "operations/trace.hpp"
#include "problem/plan.hpp"

#include <emscripten/bind.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

// What the loader must know before it instantiates the module: its release, its variant, and how
// many bytes of memory it starts with.
asm(".section .custom_section.qkv,\"\",@\n"
    ".ascii \"" QKV_VERSION " " QKV_VARIANT " " QKV_INITIAL_MEMORY "\"\n");

namespace {

/// An address in linear memory. Not a pointer type: Embind calls those through a slower path when
/// memory may exceed 2 GB.
using Address = std::uint32_t;
static_assert(sizeof(void*) == sizeof(Address));

template <class T>
T& at(Address address) {
  return *reinterpret_cast<T*>(std::uintptr_t{address}); // NOLINT: an address in linear memory
}

Address address_of(const void* pointer) {
  return static_cast<Address>(reinterpret_cast<std::uintptr_t>(pointer)); // NOLINT
}

/// 0 if no memory is left.
Address allocate(std::uint32_t bytes) {
  return address_of(std::aligned_alloc(qkv::workspace_alignment, bytes));
}

void release(Address address) {
  std::free(&at<std::byte>(address));
}

/// Gives every member of a problem its default.
void clear_problem(Address problem) {
  at<qkv::Problem>(problem) = {};
}

/// 1 if the problem is valid; else 0, and `status` says why.
std::uint32_t validate(Address problem, Address status) {
  at<qkv::Status>(status) = qkv::validate(at<qkv::Problem>(problem));
  return at<qkv::Status>(status).ok() ? 1 : 0;
}

std::int32_t find_bad_bias(Address bias, std::int32_t count) {
  return qkv::find_bad_bias(&at<const float>(bias), count);
}

// From here on a problem is valid.

std::uint32_t workspace_bytes(Address problem) {
  return qkv::workspace_bytes(at<qkv::Problem>(problem));
}

void attend(Address problem, Address workspace) {
  qkv::attend(at<qkv::Problem>(problem), &at<std::byte>(workspace));
}

void trace(Address problem, Address to, Address workspace) {
  qkv::trace(at<qkv::Problem>(problem), at<qkv::Trace>(to), &at<std::byte>(workspace));
}

/// Reads `extents`, `output` and `capture.log_sum_exp` of the problem.
void merge(Address problem, Address parts, std::uint32_t count) {
  const qkv::Problem& merged = at<qkv::Problem>(problem);
  qkv::merge(merged.extents, {&at<const qkv::MergePart>(parts), count}, merged.output,
             merged.capture.log_sum_exp);
}

/// Position of query 0 of a batch element on the key axis.
std::int32_t query_offset(Address problem, std::int32_t batch) {
  return qkv::Plan(at<qkv::Problem>(problem)).offset(batch);
}

/// How many of the keys [first, end) position, window and key length leave to a query.
std::int32_t attended_keys(Address problem, std::int32_t batch, std::int32_t query,
                           std::int32_t first, std::int32_t end) {
  const qkv::KeyRange range = qkv::Plan(at<qkv::Problem>(problem)).key_range(batch, query);
  return std::max(0, std::min(range.end, end) - std::max(range.first, first));
}

void rotary_embedding(Address rotary) {
  qkv::rotary_embedding(at<qkv::Rotary>(rotary));
}

void rotary_tables(Address positions, std::int32_t count, std::int32_t rotary_depth, double base,
                   Address cos, Address sin) {
  qkv::rotary_tables(&at<const std::int32_t>(positions), count, rotary_depth, base, &at<float>(cos),
                     &at<float>(sin));
}

// Structs as JavaScript sees them: an element type does not change a layout.
using qkv::Capture, qkv::Extents, qkv::MergePart, qkv::Problem, qkv::Rotary, qkv::Status,
    qkv::Trace;
using Tensor = qkv::Tensor<float>;
using Broadcast = qkv::Broadcast<float>;
static_assert(sizeof(Tensor) == sizeof(Problem::query) &&
              sizeof(Broadcast) == sizeof(Problem::mask));

} // namespace

// All members of each struct.
// clang-format off
#define QKV_EXTENTS(X, S) \
  X(S, batch) X(S, heads) X(S, key_heads) X(S, queries) X(S, keys) X(S, depth) X(S, value_depth)
#define QKV_TENSOR(X, S) X(S, data) X(S, batch_stride) X(S, head_stride) X(S, row_stride)
#define QKV_BROADCAST(X, S) X(S, data) X(S, extents)
#define QKV_CAPTURE(X, S) \
  X(S, scores_raw) X(S, scores_capped) X(S, scores_masked) X(S, weights) X(S, log_sum_exp)
#define QKV_PROBLEM(X, S) \
  X(S, extents) X(S, query) X(S, key) X(S, value) X(S, output) X(S, scale) X(S, softcap) \
  X(S, causal) X(S, align_end) X(S, query_offset) X(S, window_left) X(S, window_right) \
  X(S, key_lengths) X(S, mask) X(S, bias) X(S, alibi_slopes) X(S, sinks) X(S, capture)
#define QKV_STATUS(X, S) X(S, code) X(S, argument) X(S, index) X(S, expected) X(S, received)
#define QKV_MERGE_PART(X, S) X(S, output) X(S, log_sum_exp)
#define QKV_ROTARY(X, S) \
  X(S, batch) X(S, heads) X(S, rows) X(S, depth) X(S, rotary_depth) X(S, interleaved) \
  X(S, input) X(S, output) X(S, positions) X(S, cos) X(S, sin)
#define QKV_TRACE(X, S) \
  X(S, products) X(S, scaled) X(S, masked) X(S, row_max) X(S, exponentials) X(S, row_sum) \
  X(S, weights) X(S, contributions)
// clang-format on

// Constants <Struct>_size and <Struct>_<member>, the offset of a member in bytes.
#define ADD_SIZE(S, MEMBER) +sizeof(S::MEMBER)
#define OFFSET(S, MEMBER)                                                                          \
  , {                                                                                              \
    #S "_" #MEMBER, offsetof(S, MEMBER)                                                            \
  }
#define STRUCT(S, MEMBERS) {#S "_size", sizeof(S)} MEMBERS(OFFSET, S)

// A list that lacks a member is too small for its struct.
#define CHECK(S, MEMBERS)                                                                          \
  static_assert(std::is_standard_layout_v<S> && sizeof(S) == 0 MEMBERS(ADD_SIZE, S));
CHECK(Extents, QKV_EXTENTS)
CHECK(Tensor, QKV_TENSOR)
CHECK(Broadcast, QKV_BROADCAST)
CHECK(Capture, QKV_CAPTURE)
CHECK(Problem, QKV_PROBLEM)
CHECK(Status, QKV_STATUS)
CHECK(MergePart, QKV_MERGE_PART)
CHECK(Rotary, QKV_ROTARY)
CHECK(Trace, QKV_TRACE)

namespace {

struct Constant {
  const char* name;
  std::int32_t value;
};

void bind_functions() {
  emscripten::function("allocate", &allocate);
  emscripten::function("release", &release);
  emscripten::function("clearProblem", &clear_problem);
  emscripten::function("validate", &validate);
  emscripten::function("findBadBias", &find_bad_bias);
  emscripten::function("workspaceBytes", &workspace_bytes);
  emscripten::function("attend", &attend);
  emscripten::function("trace", &trace);
  emscripten::function("merge", &merge);
  emscripten::function("queryOffset", &query_offset);
  emscripten::function("attendedKeys", &attended_keys);
  emscripten::function("rotaryEmbedding", &rotary_embedding);
  emscripten::function("rotaryTables", &rotary_tables);
}

constexpr Constant constants[] = {
    STRUCT(Extents, QKV_EXTENTS),
    STRUCT(Tensor, QKV_TENSOR),
    STRUCT(Broadcast, QKV_BROADCAST),
    STRUCT(Capture, QKV_CAPTURE),
    STRUCT(Problem, QKV_PROBLEM),
    STRUCT(Status, QKV_STATUS),
    STRUCT(MergePart, QKV_MERGE_PART),
    STRUCT(Rotary, QKV_ROTARY),
    STRUCT(Trace, QKV_TRACE),
    {"alignment", qkv::workspace_alignment},
    {"unbounded", qkv::unbounded},
    {"blockRows", qkv::QKV_TARGET::block_rows},
    {"blockKeys", qkv::QKV_TARGET::KeyLanes::block_keys},
};
// TypeScript holds the elements of a tensor against the range of this type, in which shapes cross.
static_assert(qkv::max_elements == INT32_MAX);

void bind_constants() {
  for (const auto& [name, value] : constants)
    emscripten::constant(name, value);
}

/// What a refused problem can say to JavaScript. The other codes cannot happen there: extents come
/// from shapes, and bias values are checked apart (findBadBias).
void bind_refusals() {
  using qkv::Argument, qkv::Code;
  emscripten::enum_<Code>("Code")
      .value("zero_depth", Code::zero_depth)
      .value("heads_not_divisible", Code::heads_not_divisible)
      .value("not_broadcastable", Code::not_broadcastable)
      .value("too_large", Code::too_large)
      .value("not_finite", Code::not_finite)
      .value("negative", Code::negative)
      .value("key_length_range", Code::key_length_range);
  emscripten::enum_<Argument>("Argument")
      .value("query", Argument::query)
      .value("key", Argument::key)
      .value("value", Argument::value)
      .value("scale", Argument::scale)
      .value("softcap", Argument::softcap)
      .value("window", Argument::window)
      .value("mask", Argument::mask)
      .value("bias", Argument::bias)
      .value("alibiSlopes", Argument::alibi_slopes)
      .value("sinks", Argument::sinks)
      .value("keyLengths", Argument::key_lengths)
      .value("capture", Argument::capture);
}

} // namespace

EMSCRIPTEN_BINDINGS(qkv) {
  bind_functions();
  bind_constants();
  bind_refusals();
}
