// Wrong options: each row is refused. L = 1, S = 2, H = 1, B = 1.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { assertExplained, assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

// [options, code, argument, text of the message]
const OPTIONS = [
  [{ window: { left: 2147483647 } }, 'ERR_VALUE', 'window.left', /2147483646/],
  [null, 'ERR_TYPE', 'options', /null/],
  [5, 'ERR_TYPE', 'options', /5/],
  ['causal', 'ERR_TYPE', 'options', /"causal"/],
  [[], 'ERR_TYPE', 'options'],
  [() => {}, 'ERR_TYPE', 'options', /function/],
  [{ isCasual: true }, 'ERR_OPTION', 'options.isCasual', /'isCausal'/],
  [{ sacle: 1 }, 'ERR_OPTION', 'options.sacle', /'scale'/],
  [{ queryoffset: 1 }, 'ERR_OPTION', 'options.queryoffset', /'queryOffset'/],
  [{ key_lengths: [2] }, 'ERR_OPTION', 'options.key_lengths', /'keyLengths'/],
  [{ softCap: 1 }, 'ERR_OPTION', 'options.softCap', /'softcap'/],
  [{ alibi: [1] }, 'ERR_OPTION', 'options.alibi', /'alibiSlopes'/],
  [{ scale: 1, captures: [] }, 'ERR_OPTION', 'options.captures', /'capture'/],
  [{ sacle: undefined }, 'ERR_OPTION', 'options.sacle', /'scale'/],
  [JSON.parse('{"__proto__": {"scale": 9}}'), 'ERR_OPTION', 'options.__proto__'],

  [{ scale: Number.NaN }, 'ERR_VALUE', 'scale', /NaN/],
  [{ scale: Infinity }, 'ERR_VALUE', 'scale', /Infinity/],
  [{ scale: 1e39 }, 'ERR_VALUE', 'scale', /1e\+39/],
  [{ scale: '1' }, 'ERR_TYPE', 'scale', /"1"/],
  [{ scale: null }, 'ERR_TYPE', 'scale', /null/],
  [{ scale: 1n }, 'ERR_TYPE', 'scale', /bigint/],
  [{ isCausal: 1 }, 'ERR_TYPE', 'isCausal', /1/],
  [{ isCausal: 'true' }, 'ERR_TYPE', 'isCausal', /"true"/],
  [{ isCausal: null }, 'ERR_TYPE', 'isCausal', /null/],

  [{ queryOffset: 'start' }, 'ERR_TYPE', 'queryOffset', /'end'.*"start"/],
  [{ queryOffset: null }, 'ERR_TYPE', 'queryOffset', /null/],
  [{ queryOffset: {} }, 'ERR_TYPE', 'queryOffset', /object/],
  [{ queryOffset: 1.5 }, 'ERR_VALUE', 'queryOffset', /1\.5/],
  [{ queryOffset: Number.NaN }, 'ERR_VALUE', 'queryOffset', /NaN/],
  [{ queryOffset: 2 ** 31 }, 'ERR_VALUE', 'queryOffset', /2147483648/],
  [{ queryOffset: [1, 2] }, 'ERR_SHAPE', 'queryOffset', /1 .*batch.* 2/],
  [{ queryOffset: [] }, 'ERR_SHAPE', 'queryOffset'],
  [{ queryOffset: [0.5] }, 'ERR_VALUE', 'queryOffset[0]', /0\.5/],
  [{ queryOffset: ['end'] }, 'ERR_TYPE', 'queryOffset[0]', /"end"/],

  [{ window: 5 }, 'ERR_TYPE', 'window', /5/],
  [{ window: null }, 'ERR_TYPE', 'window', /null/],
  [{ window: [1, 1] }, 'ERR_TYPE', 'window'],
  [{ window: { lef: 1 } }, 'ERR_OPTION', 'window.lef', /'left'/],
  [{ window: { left: -1 } }, 'ERR_VALUE', 'window.left', /-1/],
  [{ window: { left: 0.5 } }, 'ERR_VALUE', 'window.left', /0\.5/],
  [{ window: { left: -Infinity } }, 'ERR_VALUE', 'window.left'],
  [{ window: { left: '1' } }, 'ERR_TYPE', 'window.left', /"1"/],
  [{ window: { right: Number.NaN } }, 'ERR_VALUE', 'window.right', /NaN/],
  [{ window: { right: null } }, 'ERR_TYPE', 'window.right', /null/],
  [{ window: { right: 2 ** 31 } }, 'ERR_VALUE', 'window.right'],

  ...['alibiSlopes', 'sinks'].flatMap((name) => [
    [{ [name]: 1 }, 'ERR_TYPE', name, /array/],
    [{ [name]: null }, 'ERR_TYPE', name, /null/],
    [{ [name]: [] }, 'ERR_SHAPE', name, /1 .*head.* 0/],
    [{ [name]: [1, 2] }, 'ERR_SHAPE', name, /1 .*head.* 2/],
    [{ [name]: new Float32Array(2) }, 'ERR_SHAPE', name],
    [{ [name]: [Number.NaN] }, 'ERR_VALUE', `${name}[0]`, /NaN/],
    [{ [name]: Float32Array.of(Infinity) }, 'ERR_VALUE', `${name}[0]`, /Infinity/],
    [{ [name]: [-Infinity] }, 'ERR_VALUE', `${name}[0]`],
    [{ [name]: ['1'] }, 'ERR_TYPE', `${name}[0]`, /"1"/],
    [{ [name]: BigInt64Array.of(1n) }, 'ERR_TYPE', `${name}[0]`, /bigint/],
  ]),

  [{ softcap: -1 }, 'ERR_VALUE', 'softcap', /-1/],
  [{ softcap: Number.NaN }, 'ERR_VALUE', 'softcap', /NaN/],
  [{ softcap: Infinity }, 'ERR_VALUE', 'softcap', /Infinity/],
  [{ softcap: '30' }, 'ERR_TYPE', 'softcap', /"30"/],
  [{ softcap: null }, 'ERR_TYPE', 'softcap', /null/],

  [{ keyLengths: 2 }, 'ERR_TYPE', 'keyLengths', /array/],
  [{ keyLengths: null }, 'ERR_TYPE', 'keyLengths', /null/],
  [{ keyLengths: [2, 2] }, 'ERR_SHAPE', 'keyLengths', /1 .*batch.* 2/],
  [{ keyLengths: [3] }, 'ERR_VALUE', 'keyLengths[0]', /0 to 2.*3/],
  [{ keyLengths: [-1] }, 'ERR_VALUE', 'keyLengths[0]', /-1/],
  [{ keyLengths: [1.5] }, 'ERR_VALUE', 'keyLengths[0]', /1\.5/],
  [{ keyLengths: ['2'] }, 'ERR_TYPE', 'keyLengths[0]', /"2"/],
  [{ keyLengths: [undefined] }, 'ERR_TYPE', 'keyLengths[0]', /undefined/],

  [{ layout: 'BLHD' }, 'ERR_OPTION', 'layout', /'blhd'/],
  [{ layout: 'bshd' }, 'ERR_OPTION', 'layout', /'bhld', 'blhd'/],
  [{ layout: 4 }, 'ERR_TYPE', 'layout', /4/],
  [{ layout: null }, 'ERR_TYPE', 'layout', /null/],

  [{ capture: 'weights' }, 'ERR_TYPE', 'capture', /array/],
  [{ capture: new Set(['weights']) }, 'ERR_TYPE', 'capture', /Set/],
  [{ capture: ['weight'] }, 'ERR_OPTION', 'capture[0]', /'weights'/],
  [{ capture: ['weights', 'logsumexp'] }, 'ERR_OPTION', 'capture[1]', /'logSumExp'/],
  [{ capture: ['__proto__'] }, 'ERR_OPTION', 'capture[0]'],
  [{ capture: [1] }, 'ERR_TYPE', 'capture[0]', /1/],
  [{ capture: null }, 'ERR_TYPE', 'capture', /null/],

  [{ out: null }, 'ERR_TYPE', 'out', /null/],
  [{ out: [0, 0] }, 'ERR_TYPE', 'out', /\[0, 0\]/],
  [{ out: new Float64Array(2) }, 'ERR_TYPE', 'out', /Float64Array/],
  [{ out: { data: new Float32Array(2), shape: [1, 2] } }, 'ERR_TYPE', 'out', /data, shape/],
  [{ out: new Float32Array(3) }, 'ERR_SHAPE', 'out', /2 .* 3/],
  [{ out: new Float32Array(0) }, 'ERR_SHAPE', 'out', /2 .* 0/],
];

// [options of createAttention(), code, argument, text of the message]
const CREATE_OPTIONS = [
  [null, 'ERR_TYPE', 'options', /null/],
  ['simd', 'ERR_TYPE', 'options', /"simd"/],
  [{ varient: 'simd' }, 'ERR_OPTION', 'options.varient', /'variant'/],
  [{ maxmemory: 1 }, 'ERR_OPTION', 'options.maxmemory', /'maxMemory'/],
  [{ variant: 'smid' }, 'ERR_OPTION', 'variant', /'simd'\?/],
  [{ variant: 'avx2' }, 'ERR_OPTION', 'variant', /'auto', 'relaxed', 'simd', 'scalar'/],
  [{ variant: 128 }, 'ERR_TYPE', 'variant', /128/],
  [{ variant: null }, 'ERR_TYPE', 'variant', /null/],
  [{ deterministic: 1 }, 'ERR_TYPE', 'deterministic', /1/],
  [{ deterministic: 'yes' }, 'ERR_TYPE', 'deterministic', /"yes"/],
  [{ deterministic: true, variant: 'relaxed' }, 'ERR_OPTION', 'variant', /deterministic|relaxed/],
  [{ maxMemory: '1GB' }, 'ERR_TYPE', 'maxMemory', /"1GB"/],
  [{ maxMemory: 0 }, 'ERR_VALUE', 'maxMemory', /0/],
  [{ maxMemory: -1 }, 'ERR_VALUE', 'maxMemory', /-1/],
  [{ maxMemory: 1e6 + 0.5 }, 'ERR_VALUE', 'maxMemory'],
  [{ maxMemory: Number.NaN }, 'ERR_VALUE', 'maxMemory', /NaN/],
  [{ maxMemory: 65536 }, 'ERR_VALUE', 'maxMemory', /1048576 to 4294967296/],
  [{ maxMemory: 2 ** 32 + 1 }, 'ERR_VALUE', 'maxMemory', /4294967296/],
  [{ timeout: '1s' }, 'ERR_TYPE', 'timeout', /"1s"/],
  [{ timeout: 0 }, 'ERR_VALUE', 'timeout', /0/],
  [{ timeout: 2 ** 31 }, 'ERR_VALUE', 'timeout', /2147483647/],
  [{ timeout: -Infinity }, 'ERR_VALUE', 'timeout', /-Infinity/],
  [{ signal: {} }, 'ERR_TYPE', 'signal', /AbortSignal/],
  [{ signal: null }, 'ERR_TYPE', 'signal', /null/],
  [{ signal: new AbortController() }, 'ERR_TYPE', 'signal', /AbortController/],
  [{ wasm: 5 }, 'ERR_TYPE', 'wasm', /5/],
  [{ wasm: null }, 'ERR_TYPE', 'wasm', /null/],
  [{ wasm: {} }, 'ERR_TYPE', 'wasm', /object/],
  [{ wasm: [0, 97, 115, 109] }, 'ERR_TYPE', 'wasm', /\[0, 97/],
];

function nameOf(options) {
  if (typeof options !== 'object' || options === null) return String(options);
  const entries = Object.entries(options).map(([name, value]) => {
    const shown = typeof value === 'object' && value ? value.constructor?.name : String(value);
    return `${name}: ${ArrayBuffer.isView(value) || Array.isArray(value) ? `[${[...value].map(String)}]` : shown}`;
  });
  return `{ ${entries.join(', ')} }`;
}

forEachVariant('options refused', (engine) => {
  const inputs = [
    [[3, 4]],
    [
      [1, 2],
      [2, 3],
    ],
    [
      [7, 8],
      [9, 10],
    ],
  ];
  for (const [options, code, argument, says] of OPTIONS) {
    test(nameOf(options), () => {
      const { attention } = engine;
      const expected = { code, argument, says };
      assertRefused(attention, () => attention.attend(...inputs, options), expected);
      if (options?.out instanceof Float32Array) return; // does not apply to trace()
      assertRefused(attention, () => attention.trace(...inputs, options), expected);
    });
  }
});

for (const [options, code, argument, says] of CREATE_OPTIONS) {
  test(`createAttention(${nameOf(options)})`, async () => {
    const created = createAttention(options);
    await assert.rejects(created, (error) => assertExplained(error, { code, argument, says }));
  });
}
