// Lists the third-party code in the .wasm files, with versions and licences. It reads the linker's map and
// the toolchain's files.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../project.mjs';
import { findToolchain } from '../toolchain.mjs';
import { copyrightIn, licenceIn } from './licences.mjs';

const EMSCRIPTEN = 'pkg:github/emscripten-core/emscripten';
const LLVM = 'pkg:github/llvm/llvm-project';
const OF_ITS_README = ['readme.txt', /release (\d+)\.(\d+)\.(\d+)/];

// The libraries that the linker takes code from. `from` is the folder in Emscripten's system/lib; `licence` and
// `version` are files in it. A library without `version` has Emscripten's version.
// biome-ignore format: a table
const LIBRARIES = {
  c: { name: 'musl', from: 'libc/musl', licence: 'COPYRIGHT', version: ['VERSION', /(\d+)\.(\d+)\.(\d+)/], purl: 'pkg:generic/musl' },
  compiler_rt: { name: 'compiler-rt', from: 'compiler-rt', licence: 'lib/builtins/divdi3.c', version: OF_ITS_README, purl: LLVM },
  'c++': { name: 'libc++', from: 'libcxx', licence: 'include/__config', version: ['include/__config', /_LIBCPP_VERSION (\d\d)(\d\d)(\d\d)/], purl: LLVM },
  'c++abi': { name: 'libc++abi', from: 'libcxxabi', licence: 'include/cxxabi.h', version: OF_ITS_README, purl: LLVM },
  'embind-rtti': { name: 'embind', from: 'embind', licence: 'bind.cpp', purl: EMSCRIPTEN },
  emmalloc: { name: 'emmalloc', from: '.', licence: 'emmalloc.c', purl: EMSCRIPTEN },
};

/** [{ name, version, licence, copyright, purl, description }] of these variants, sorted by name. */
export async function linkedParts(variants) {
  const toolchain = await findToolchain();
  const read = (path) => outputOf(toolchain, 'cat', [path]);
  const root = outputOf(toolchain, 'em-config', ['EMSCRIPTEN_ROOT']).trim();
  const version = read(join(root, 'emscripten-version.txt')).replace(/["\s]/g, '');
  const emscripten = { root, version };
  const used = new Set(variants.flatMap(librariesIn));
  const parts = [
    xsimd(read, variants[0]),
    part(read, emscripten, {
      ...{ name: 'emscripten', from: '../include/emscripten', licence: 'bind.h', purl: EMSCRIPTEN },
      description: 'the JavaScript that loads a module, Embind',
    }),
    // A header library is in no archive.
    part(read, emscripten, { ...LIBRARIES['c++'], description: 'headers' }),
    ...[...used].map((library) => part(read, emscripten, libraryNamed(library))),
  ];
  const unique = new Map(parts.map((found) => [found.name, found]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of the archives that the linker took code from, without the project's own: 'c', 'emmalloc'. */
export function librariesIn(variant) {
  const map = join(PROJECT, `build/wasm-${variant}/bindings/qkv.map`);
  const archives = readFileSync(map, 'utf8').matchAll(/\blib([\w+-]+)\.a\(/g);
  // A library has several builds: debug, without exceptions, small.
  const names = Array.from(archives, ([, name]) =>
    name.replace(/-(noexcept|debug|mt).*$|_optz$/, ''),
  );
  return [...new Set(names)].filter((name) => name !== 'qkv');
}

function libraryNamed(name) {
  const library = LIBRARIES[name];
  if (library) return { ...library, description: 'linked statically' };
  throw new Error(`lib${name}.a was linked: say in tools/release/linked-parts.mjs what it is`);
}

function part(read, emscripten, { name, from, licence, version, purl, description }) {
  const folder = join(emscripten.root, 'system/lib', from);
  const says = read(join(folder, licence));
  const found = version ? versionIn(read(join(folder, version[0])), version) : emscripten.version;
  return {
    ...{ name, version: found, description, purl: `${purl}@${found}` },
    licence: licenceIn(says, licence),
    copyright: copyrightIn(says),
  };
}

function versionIn(text, [file, pattern]) {
  const numbers = pattern.exec(text)?.slice(1);
  if (!numbers) throw new Error(`${file} does not say its version as ${pattern}`);
  return numbers.map(Number).join('.');
}

function xsimd(read, variant) {
  const folder = join(PROJECT, `build/wasm-${variant}/xsimd-include/xsimd`);
  const says = read(join(folder, 'xsimd.hpp'));
  const config = read(join(folder, 'config/xsimd_config.hpp'));
  const version = ['MAJOR', 'MINOR', 'PATCH']
    .map((name) => new RegExp(`VERSION_${name} (\\d+)`).exec(config)[1])
    .join('.');
  return {
    ...{ name: 'xsimd', version, description: 'headers' },
    licence: licenceIn(says, 'xsimd.hpp'),
    copyright: copyrightIn(says),
    purl: `pkg:github/xtensor-stack/xsimd@${version}`,
  };
}

function outputOf(toolchain, program, args) {
  const { file, args: argv, env, cwd } = toolchain.invocation(program, args);
  const { status, stdout, stderr } = spawnSync(file, argv, { env, cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
