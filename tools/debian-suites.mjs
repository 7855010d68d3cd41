// The isolated Debians with compilers: which release each is made of, and what it holds.

/** Where every root has Catch2's sources: Debian's library is native, and WebAssembly needs a build of its own. */
export const CATCH2_SOURCE = '/opt/catch2';
const NEVER_READ = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*'];

/** `size` is what a root takes on the disk; `tried` is a command that runs if it is whole. */
export const ROOTS = {
  // Debian 13 builds, checks and measures everything.
  trixie: {
    release: 'trixie',
    llvm: 19,
    packages: [
      // The WebAssembly compiler, xsimd, and wasm-dis, which shows what the compiler made.
      ...['emscripten', 'binaryen', 'libxsimd-dev'],
      // The native build with the same clang: its sanitizers, formatter and linter.
      ...['clang-19', 'libclang-rt-19-dev', 'libstdc++-14-dev', 'libc6-dev', 'libbenchmark-dev'],
      ...['clang-format-19', 'clang-tidy-19', 'llvm-19'],
      ...['cmake', 'ninja-build', 'ca-certificates'],
    ],
    leftOut: ['/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/*pic/*', ...NEVER_READ],
    options: [],
    tried: ['emcc', '--version'],
    size: '2 GB',
  },
  // Debian testing has the newest Emscripten, which builds and tests the WebAssembly variants.
  testing: {
    release: 'testing',
    llvm: 21,
    packages: ['emscripten', 'libxsimd-dev', 'cmake', 'ninja-build'],
    leftOut: NEVER_READ,
    // A mirror may be some days behind. Its package lists are old then, but signed all the same.
    options: ['--aptopt=Acquire::Check-Valid-Until "false"'],
    tried: ['emcc', '--version'],
    size: '1 GB',
  },
  // Compiles for 64-bit ARM on any machine, and runs that in QEMU.
  arm64: {
    release: 'trixie',
    llvm: 19,
    packages: [
      ...['clang-19', 'lld-19', 'llvm-19', 'libstdc++-14-dev-arm64-cross', 'libc6-dev-arm64-cross'],
      ...['qemu-user', 'libxsimd-dev', 'cmake', 'ninja-build', 'ca-certificates'],
    ],
    leftOut: NEVER_READ,
    options: [],
    tried: ['qemu-aarch64', '--version'],
    size: '1 GB',
  },
};

/** The options that make mmdebstrap build a root. */
export function recipeOf(root) {
  const { packages, leftOut, options } = ROOTS[root];
  return [
    ...['--variant=apt', `--include=${packages.join(',')}`],
    ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...options,
    ...CATCH2_HOOKS,
  ];
}

// The upstream archive of Debian's source package holds all of Catch2. A mirror that has the packages
// has the sources too.
const CATCH2_HOOKS = [
  `--setup-hook=sed -n 's/^deb /deb-src /p' "$1/etc/apt/sources.list" > "$1/etc/apt/sources.list.d/source.list"`,
  `--customize-hook=mkdir -p "$1${CATCH2_SOURCE}" "$1/var/tmp/catch2"`,
  `--customize-hook=cd "$1/var/tmp/catch2" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get source --download-only catch2`,
  `--customize-hook=tar --extract --file="$(echo "$1"/var/tmp/catch2/catch2_*.orig.tar.*)" --directory="$1${CATCH2_SOURCE}" --strip-components=1`,
  `--customize-hook=sha256sum "$1"/var/tmp/catch2/catch2_*.orig.tar.* && rm -r "$1/var/tmp/catch2"`,
];
