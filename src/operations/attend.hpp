// attend, compiled once for each target; attention.hpp explains it.
#pragma once

#include "../problem/problem.hpp"
#include "../targets/arch.hpp"

#include <cstddef>

namespace qkv::QKV_TARGET {

[[nodiscard]] std::size_t workspace_bytes(const Problem& problem);
void attend(const Problem& problem, std::byte* workspace);

} // namespace qkv::QKV_TARGET
