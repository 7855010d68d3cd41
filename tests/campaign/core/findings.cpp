#include "findings.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace qkv::campaign {

namespace {

std::vector<std::string>& contexts() {
  static std::vector<std::string> all;
  return all;
}

std::string text_of(float x) {
  char text[64];
  std::snprintf(text, sizeof text, "%.9g (0x%08X)", static_cast<double>(x),
                std::bit_cast<std::uint32_t>(x));
  return text;
}

} // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "FINDING: %s\n", what.c_str());
  for (auto words = contexts().rbegin(); words != contexts().rend(); ++words)
    std::fprintf(stderr, "%s\n", words->c_str());
  std::abort();
}

Context::Context(std::string words) {
  if (std::getenv("QKV_TELL") != nullptr) // a sanitizer stops the program without asking for them
    std::fprintf(stderr, "%s\n", words.c_str());
  contexts().push_back(std::move(words));
}
Context::~Context() {
  contexts().pop_back();
}

bool same_bits(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

void require_same_bits(const char* what, const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size())
    fail(std::string(what) + ": sizes differ");
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i]))
      fail(std::string(what) + " [" + std::to_string(i) + "]: " + text_of(a[i]) + " and " +
           text_of(b[i]));
}

void require_allowed(const char* what, const std::vector<float>& actual,
                     const std::vector<Allowed>& allowed) {
  if (actual.size() != allowed.size())
    fail(std::string(what) + ": sizes differ");
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (!allowed[i].holds(actual[i]))
      fail(std::string(what) + " [" + std::to_string(i) + "]: " + text_of(actual[i]) +
           ", allowed is " + allowed[i].text());
}

} // namespace qkv::campaign
