// Nothing crosses the border between JavaScript and C++ by position: a module whose structs have their
// members in another order computes the same bits, with the same JavaScript.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAttention } from 'qkv';
import { findToolchain } from '../../tools/toolchain.mjs';
import { wasmBytes } from './wasm-file.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const VARIANT = 'simd';

// [header, struct, two of its members that change places]
const SWAPS = [
  ['problem/problem.hpp', 'Extents', 'batch', 'value_depth'],
  ['problem/problem.hpp', 'Tensor', 'data', 'row_stride'],
  ['problem/problem.hpp', 'Broadcast', 'data', 'extents'],
  ['problem/problem.hpp', 'Capture', 'scores_raw', 'log_sum_exp'],
  ['problem/problem.hpp', 'Problem', 'scale', 'causal'],
  ['problem/status.hpp', 'Status', 'index', 'received'],
  ['operations/merge.hpp', 'MergePart', 'output', 'log_sum_exp'],
  ['operations/trace.hpp', 'Trace', 'products', 'row_max'],
  ['operations/rotary.hpp', 'Rotary', 'rows', 'cos'],
];

/** The text with the declarations of two members of a struct, a line each, in each other's place. */
function swapped(text, struct, a, b) {
  const start = text.indexOf(`struct ${struct} {`);
  const end = text.indexOf('\n};', start);
  assert.ok(start >= 0 && end > start, `no struct ${struct}`);
  const body = text.slice(start, end);
  const [lineOfA, lineOfB] = [a, b].map((member) => {
    const line = new RegExp(`^[^;/\\n]*\\b${member}\\b[^;/\\n]*;.*$`, 'm').exec(body)?.[0];
    assert.ok(line, `${struct} declares no ${member} in a line of its own`);
    return line;
  });
  const places = { [lineOfA]: lineOfB, [lineOfB]: lineOfA };
  const lines = body.split('\n').map((line) => places[line] ?? line);
  return text.slice(0, start) + lines.join('\n') + text.slice(end);
}

/** The module that CMake builds of a copy of the sources in `folder`. */
async function buildModule(folder) {
  const toolchain = await findToolchain();
  const configure = ['--preset', `wasm-${VARIANT}`, '-DQKV_TESTS=OFF', '-DQKV_EXAMPLES=OFF'];
  // Initialisers name members in the order in which they were.
  const lenient = '-DCMAKE_COMPILE_WARNING_AS_ERROR=OFF';
  const run = (title, args) =>
    toolchain.runQuietly(title, 'cmake', args, { log: join(folder, 'log'), cwd: folder });
  await run('configuring swapped structs', [...configure, lenient]);
  const target = ['--build', '--preset', `wasm-${VARIANT}`, '--target', 'qkv_module'];
  await run('building swapped structs', target);
  return readFileSync(join(folder, `build/wasm-${VARIANT}/bindings/qkv.wasm`));
}

let folder;
let ordered;
let shuffled;
before(async () => {
  // In the project, since the toolchain may see no other folder.
  mkdirSync(join(PROJECT, 'build'), { recursive: true });
  folder = mkdtempSync(join(PROJECT, 'build/border-'));
  for (const part of ['src', 'cmake', 'bindings/embind.cpp', 'bindings/CMakeLists.txt'])
    cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
  for (const file of ['CMakeLists.txt', 'CMakePresets.json'])
    cpSync(join(PROJECT, file), join(folder, file));
  for (const [header, ...members] of SWAPS) {
    const path = join(folder, 'src', header);
    const text = readFileSync(path, 'utf8');
    const other = swapped(text, ...members);
    assert.notEqual(other, text, relative(folder, path));
    writeFileSync(path, other);
  }
  const wasm = await buildModule(folder);
  assert.notDeepEqual(new Uint8Array(wasm), wasmBytes(VARIANT), 'nothing was swapped');
  ordered = await createAttention({ variant: VARIANT });
  shuffled = await createAttention({ wasm });
});
after(() => rmSync(folder, { recursive: true, force: true }));

const numbers = (count, step) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));
const tensor = (step, ...shape) => ({
  data: numbers(
    shape.reduce((a, b) => a * b, 1),
    step,
  ),
  shape,
});
// Every extent has a size of its own.
const [B, H, Hk, L, S, D, Dv] = [3, 4, 2, 5, 7, 6, 9];
const QUERY = tensor(1.3, B, H, L, D);
const KEY = tensor(0.7, B, Hk, S, D);
const VALUE = tensor(2.1, B, Hk, S, Dv);
const OPTIONS = {
  scale: 0.8,
  isCausal: true,
  queryOffset: [2, 1, 3],
  window: { left: 4, right: 1 },
  mask: { data: Uint8Array.from({ length: L * S }, (_, i) => i % 5), shape: [L, S] },
  bias: tensor(0.3, H, 1, S),
  alibiSlopes: [0.1, 0.2, 0.3, 0.4],
  softcap: 2,
  sinks: [0.5, -1, 0, 2],
  keyLengths: [7, 5, 6],
  capture: ['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights', 'logSumExp'],
};

/** Same tensors under the same names, bit for bit. */
function assertSame(compute) {
  const expected = Object.entries(compute(ordered));
  const received = compute(shuffled);
  assert.deepEqual(
    Object.keys(received),
    expected.map(([name]) => name),
  );
  for (const [name, { data, shape }] of expected) {
    assert.ok(
      data.some((x) => x !== 0 && Number.isFinite(x)),
      `${name} says nothing`,
    );
    assert.deepEqual(received[name].shape, shape, name);
    assert.deepEqual(
      new Uint32Array(received[name].data.buffer),
      new Uint32Array(data.buffer),
      name,
    );
  }
}

test('the worked example', () => {
  const [query, key, value] = [[[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]]; // biome-ignore format: as written
  assertSame((attention) => attention.attend(query, key, value));
});

test('every option and every capture', () => {
  assertSame((attention) => attention.attend(QUERY, KEY, VALUE, OPTIONS));
});

test('each option alone', () => {
  for (const name of Object.keys(OPTIONS))
    assertSame((attention) => attention.attend(QUERY, KEY, VALUE, { [name]: OPTIONS[name] }));
});

test('a trace', () => {
  assertSame((attention) => attention.trace(QUERY, KEY, VALUE, OPTIONS));
});

test('a merge of parts', () => {
  const capture = ['logSumExp'];
  assertSame((attention) => {
    const parts = [1, 3, 6].map((length) =>
      attention.attend(QUERY, KEY, VALUE, { capture, keyLengths: Array(B).fill(length) }),
    );
    return attention.merge(parts);
  });
});

test('rotary embedding, from tables and from a base', () => {
  const cos = tensor(0.9, 11, D / 2);
  const sin = tensor(1.1, 11, D / 2);
  const embed = (options) => (attention) => ({ y: attention.rotaryEmbedding(QUERY, options) });
  assertSame(embed({ cos, sin, positions: 4 }));
  assertSame(embed({ base: 500, rotaryDim: 4, interleaved: true, positions: 2 }));
});

test('a cache', () => {
  assertSame((attention) => {
    const cache = attention.createKVCache({ batch: B, heads: Hk, depth: D, valueDepth: Dv });
    cache.append(KEY, VALUE);
    const result = attention.attend(QUERY, cache, { isCausal: true });
    cache.dispose();
    return result;
  });
});

test('refusals, which name the index and the numbers', () => {
  const REFUSED = [
    { keyLengths: [1, 2, 8] },
    { sinks: [0, 0, Number.POSITIVE_INFINITY, 0] },
    { window: { right: -3 } },
    { mask: { data: new Uint8Array(2 * S), shape: [2, S] } },
    { bias: { data: Float32Array.of(0, 0, 0, Number.NaN, 0, 0, 0), shape: [S] } },
  ];
  for (const options of REFUSED) {
    const messages = [ordered, shuffled].map((attention) => {
      try {
        attention.attend(QUERY, KEY, VALUE, options);
      } catch ({ message }) {
        return message;
      }
      return 'accepted';
    });
    assert.match(messages[0], /\[ERR_/);
    assert.equal(messages[1], messages[0]);
  }
});
