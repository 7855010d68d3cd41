// A problem in words.
#include "fuzzed_problem.hpp"

#include <cmath>
#include <sstream>

namespace qkv::campaign {

namespace {

template <class Element>
void array_of(std::ostream& out, const char* name, const std::vector<Element>& elements) {
  constexpr std::size_t most = 40;
  if (elements.empty())
    return;
  out << "  " << name << " [" << elements.size() << "] =";
  for (std::size_t i = 0; i < elements.size() && i < most; ++i)
    out << ' ' << +elements[i];
  out << (elements.size() > most ? " …\n" : "\n");
}

template <class Element>
void broadcast_of(std::ostream& out, const char* name, const Broadcast<Element>& tensor,
                  const std::vector<Element>& elements) {
  if (elements.empty())
    return;
  const std::int32_t* n = tensor.extents;
  out << "  " << name << " {" << n[0] << ", " << n[1] << ", " << n[2] << ", " << n[3] << "}\n";
  array_of(out, name, elements);
}

void tensor_of(std::ostream& out, const char* name, const Strided<float>& t) {
  out << "  " << name << " strides " << t.batch_stride << ", " << t.head_stride << ", "
      << t.row_stride << '\n';
  array_of(out, name, t.memory);
  const auto& n = t.extents;
  for (int b = 0; b < n[0]; ++b)
    for (int h = 0; h < n[1]; ++h)
      for (int i = 0; i < n[2]; ++i)
        for (int c = 0; c < n[3]; ++c)
          if (!std::isfinite(t.at(b, h, i, c)))
            out << "    [" << b << ", " << h << ", " << i << ", " << c << "] = " << t.at(b, h, i, c)
                << '\n';
}

} // namespace

std::string describe(const FuzzedProblem& f) {
  const Problem& p = f.options;
  const Extents& e = p.extents;
  std::ostringstream out;
  out.precision(9);
  out << "  B " << e.batch << ", H " << e.heads << ", Hk " << e.key_heads << ", L " << e.queries
      << ", S " << e.keys << ", D " << e.depth << ", Dv " << e.value_depth << '\n'
      << "  scale " << p.scale << ", softcap " << p.softcap << ", causal " << p.causal
      << ", align_end " << p.align_end << ", window " << p.window_left << " to " << p.window_right
      << '\n';
  array_of(out, "query_offset", f.query_offset);
  array_of(out, "key_lengths", f.key_lengths);
  broadcast_of(out, "mask", p.mask, f.mask);
  broadcast_of(out, "bias", p.bias, f.bias);
  array_of(out, "alibi_slopes", f.alibi_slopes);
  array_of(out, "sinks", f.sinks);
  tensor_of(out, "query", f.query);
  tensor_of(out, "key", f.key);
  tensor_of(out, "value", f.value);
  return out.str();
}

} // namespace qkv::campaign
