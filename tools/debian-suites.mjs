// The Debian releases that a toolchain root is made of (debian-root.mjs), and what is installed in each.

// Catch2's sources stand here in every root: Debian's library is native only, and WebAssembly needs its own.
export const CATCH2_SOURCE = '/opt/catch2';

export const SUITES = {
  // Debian 13: everything that builds, checks and measures the project.
  trixie: {
    llvm: 19,
    packages: [
      // The WebAssembly compiler, xsimd, and wasm-dis, which shows what the compiler made.
      ...['emscripten', 'binaryen', 'libxsimd-dev'],
      // The native build with the same clang: sanitizers, formatter and linter.
      ...['clang-19', 'libclang-rt-19-dev', 'libstdc++-14-dev', 'libc6-dev', 'libbenchmark-dev'],
      ...['clang-format-19', 'clang-tidy-19', 'llvm-19'],
      ...['cmake', 'ninja-build', 'ca-certificates'],
    ],
    leftOut: ['/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/*pic/*'],
    size: '2 GB',
  },
  // Debian testing: the newest Emscripten. It builds and tests the WebAssembly variants, nothing else.
  testing: {
    llvm: 21,
    packages: ['emscripten', 'libxsimd-dev', 'cmake', 'ninja-build'],
    leftOut: [],
    size: '1 GB',
  },
};
