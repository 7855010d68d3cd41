// The lanes of each target: `Arch`, in the target's namespace, is xsimd's tag of an instruction
// set. Only tags: no vector code, safe to include anywhere.
#pragma once

#include <cstddef>

namespace xsimd {
template <std::size_t>
struct emulated;
struct wasm;
struct sse4_2;
struct avx2;
template <class>
struct fma3;
} // namespace xsimd

namespace qkv {

struct WasmRelaxed; // relaxed.hpp
struct Neon;        // neon.hpp
struct NeonApart;

namespace scalar {
using Arch = xsimd::emulated<128>;
}

#if defined(__wasm__)
namespace simd {
using Arch = xsimd::wasm;
}
namespace fused {
using Arch = WasmRelaxed;
}
#elif defined(__x86_64__)
namespace simd {
using Arch = xsimd::sse4_2;
}
namespace fused {
using Arch = xsimd::fma3<xsimd::avx2>;
}
#elif defined(__aarch64__)
namespace simd {
using Arch = NeonApart;
}
namespace fused {
using Arch = Neon;
}
#else
namespace simd {
using Arch = scalar::Arch; // not built
}
#endif

} // namespace qkv
