// The border between JavaScript and the core: functions on addresses, enums by name, and where the
// members of Problem and Trace lie. JavaScript fills a Problem in place, so a call crosses once
// however many options it has.
#include "attention.hpp"
#include "operations/rotary.hpp"

#include <emscripten/bind.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

// What the loader must know before it instantiates the module: its release, its variant, and how many
// bytes of memory it starts with.
asm(".section .custom_section.qkv,\"\",@\n"
    ".ascii \"" QKV_VERSION " " QKV_VARIANT " " QKV_INITIAL_MEMORY "\"\n");

// TypeScript writes these by the order of their members.
static_assert(sizeof(void*) == 4 && sizeof(qkv::Extents) == 7 * 4 &&
              sizeof(qkv::MergePart) == 5 * 4 && sizeof(qkv::Rotary) == 17 * 4 &&
              sizeof(qkv::Trace) == 8 * 4);

namespace {

/// An address in linear memory. Not a pointer type: Embind calls those through a slower path when
/// memory may exceed 2 GB.
using Address = std::uint32_t;
static_assert(sizeof(void*) == sizeof(Address));

static_assert(std::is_standard_layout_v<qkv::Problem> && std::is_standard_layout_v<qkv::Trace> &&
              std::is_standard_layout_v<qkv::Status> && std::is_standard_layout_v<qkv::MergePart> &&
              std::is_standard_layout_v<qkv::Rotary>);

template <class T>
T& at(Address address) {
  return *reinterpret_cast<T*>(std::uintptr_t{address}); // NOLINT: an address in linear memory
}

Address address_of(const void* pointer) {
  return static_cast<Address>(reinterpret_cast<std::uintptr_t>(pointer)); // NOLINT
}

/// 0 if there is no memory left.
Address allocate(std::uint32_t bytes) {
  return address_of(std::aligned_alloc(qkv::workspace_alignment, bytes));
}

void release(Address address) {
  std::free(&at<std::byte>(address));
}

/// 1 if the problem is one; else 0, and `status` says why. Numbers are all that crosses the border.
std::uint32_t validate(Address problem, Address status) {
  at<qkv::Status>(status) = qkv::validate(at<qkv::Problem>(problem));
  return at<qkv::Status>(status).ok() ? 1 : 0;
}

std::uint32_t workspace_bytes(Address problem) {
  return qkv::workspace_bytes(at<qkv::Problem>(problem));
}

std::uint32_t attend(Address problem, Address status, Address workspace) {
  const std::uint32_t is_valid = validate(problem, status);
  if (is_valid != 0)
    qkv::attend(at<qkv::Problem>(problem), &at<std::byte>(workspace));
  return is_valid;
}

void trace(Address problem, Address to, Address workspace) {
  qkv::trace(at<qkv::Problem>(problem), at<qkv::Trace>(to), &at<std::byte>(workspace));
}

/// Of the problem are read: the extents, `output` and `capture.log_sum_exp`.
void merge(Address problem, Address parts, std::uint32_t count) {
  const qkv::Problem& merged = at<qkv::Problem>(problem);
  qkv::merge(merged.extents, {&at<const qkv::MergePart>(parts), count}, merged.output,
             merged.capture.log_sum_exp);
}

void rotary_embedding(Address rotary) {
  qkv::rotary_embedding(at<qkv::Rotary>(rotary));
}

void rotary_tables(Address positions, std::int32_t count, std::int32_t rotary_depth, double base,
                   Address cos, Address sin) {
  qkv::rotary_tables(&at<const std::int32_t>(positions), count, rotary_depth, base, &at<float>(cos),
                     &at<float>(sin));
}

} // namespace

#define MEMBER(STRUCT, MEMBER)                                                                     \
  emscripten::constant(#STRUCT "_" #MEMBER, static_cast<int>(offsetof(qkv::STRUCT, MEMBER)))

EMSCRIPTEN_BINDINGS(qkv) {
  emscripten::function("allocate", &allocate);
  emscripten::function("release", &release);
  emscripten::function("validate", &validate);
  emscripten::function("workspaceBytes", &workspace_bytes);
  emscripten::function("attend", &attend);
  emscripten::function("trace", &trace);
  emscripten::function("merge", &merge);
  emscripten::function("rotaryEmbedding", &rotary_embedding);
  emscripten::function("rotaryTables", &rotary_tables);

  emscripten::enum_<qkv::Code>("Code")
      .value("ok", qkv::Code::ok)
      .value("negative_extent", qkv::Code::negative_extent)
      .value("zero_depth", qkv::Code::zero_depth)
      .value("heads_not_divisible", qkv::Code::heads_not_divisible)
      .value("not_broadcastable", qkv::Code::not_broadcastable)
      .value("too_large", qkv::Code::too_large)
      .value("not_finite", qkv::Code::not_finite)
      .value("negative", qkv::Code::negative)
      .value("key_length_range", qkv::Code::key_length_range)
      .value("bias_value", qkv::Code::bias_value);
  emscripten::enum_<qkv::Argument>("Argument")
      .value("none", qkv::Argument::none)
      .value("query", qkv::Argument::query)
      .value("key", qkv::Argument::key)
      .value("value", qkv::Argument::value)
      .value("scale", qkv::Argument::scale)
      .value("softcap", qkv::Argument::softcap)
      .value("window", qkv::Argument::window)
      .value("mask", qkv::Argument::mask)
      .value("bias", qkv::Argument::bias)
      .value("alibiSlopes", qkv::Argument::alibi_slopes)
      .value("sinks", qkv::Argument::sinks)
      .value("keyLengths", qkv::Argument::key_lengths)
      .value("capture", qkv::Argument::capture);

  emscripten::constant("Problem_size", static_cast<int>(sizeof(qkv::Problem)));
  MEMBER(Problem, extents);
  MEMBER(Problem, query);
  MEMBER(Problem, key);
  MEMBER(Problem, value);
  MEMBER(Problem, output);
  MEMBER(Problem, scale);
  MEMBER(Problem, softcap);
  MEMBER(Problem, causal);
  MEMBER(Problem, align_end);
  MEMBER(Problem, query_offset);
  MEMBER(Problem, window_left);
  MEMBER(Problem, window_right);
  MEMBER(Problem, key_lengths);
  MEMBER(Problem, mask);
  MEMBER(Problem, bias);
  MEMBER(Problem, alibi_slopes);
  MEMBER(Problem, sinks);
  MEMBER(Problem, capture);
  emscripten::constant("Status_size", static_cast<int>(sizeof(qkv::Status)));
  emscripten::constant("Trace_size", static_cast<int>(sizeof(qkv::Trace)));
  emscripten::constant("MergePart_size", static_cast<int>(sizeof(qkv::MergePart)));
  emscripten::constant("Rotary_size", static_cast<int>(sizeof(qkv::Rotary)));
}
