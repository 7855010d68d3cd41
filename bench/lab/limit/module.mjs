// The loops of the limits as a WebAssembly module, made from text. `npm run lab -- wat` prints the text.

import { mkdirSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { bareFunctions } from './bare-text.mjs';
import { ACCUMULATORS } from './loops.mjs';
import { locals, names } from './text.mjs';

const STEPS_READ_AT_ONCE = 8;

const FILE = new URL('../../../build/bench/limit.wasm', import.meta.url);

/** Writes the module to the file that measureGroup() reads. */
export function writeLimitModule() {
  mkdirSync(new URL('.', FILE), { recursive: true });
  writeFileSync(FILE, limitModule());
}

/** The bytes of the module: it exports `memory`, fused_N, separate_N, read and those of bare-text.mjs. */
export function limitModule() {
  const module = binaryen.parseText(limitText());
  module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.RelaxedSIMD);
  if (!module.validate()) throw new Error('the text of the limit loops is no valid module');
  try {
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** The text of the module. It is not optimised, so that V8 compiles the loops as they are written. */
export function limitText() {
  const functions = [
    ...ACCUMULATORS.map((count) => arithmetic(`fused_${count}`, count, fused)),
    ...ACCUMULATORS.map((count) => arithmetic(`separate_${count}`, count, separate)),
    read(),
    ...bareFunctions(),
  ];
  return `(module\n(memory (export "memory") 1)\n${functions.join('\n')})`;
}

const fused = (sum) => `(f32x4.relaxed_madd (local.get $x) (local.get $y) (local.get ${sum}))`;
const separate = (sum) =>
  `(f32x4.add (f32x4.mul (local.get $x) (local.get $y)) (local.get ${sum}))`;

/** Adds x·y to each of `count` sums, $steps times. Gives the total in lane 0. */
function arithmetic(name, count, step) {
  const sums = names('$sum', count);
  return `
(func (export "${name}") (param $x4 f32) (param $y4 f32) (param $steps i32) (result f32)
  (local $x v128) (local $y v128) ${locals(sums, 'v128')}
  (local.set $x (f32x4.splat (local.get $x4)))
  (local.set $y (f32x4.splat (local.get $y4)))
  (loop $more
    ${sums.map((sum) => `(local.set ${sum} ${step(sum)})`).join('\n    ')}
    (br_if $more (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
  (f32x4.extract_lane 0 ${total(sums, 'f32x4.add')}))`;
}

/** Adds up the 32-bit integers in $bytes bytes from $from on; $bytes is a multiple of 128. */
function read() {
  const sums = names('$sum', STEPS_READ_AT_ONCE);
  const add = (sum, i) =>
    `(local.set ${sum} (i32x4.add (local.get ${sum}) (v128.load offset=${16 * i} (local.get $from))))`;
  return `
(func (export "read") (param $from i32) (param $bytes i32) (result i32)
  (local $end i32) (local $sum v128) ${locals(sums, 'v128')}
  (local.set $end (i32.add (local.get $from) (local.get $bytes)))
  (loop $more
    ${sums.map(add).join('\n    ')}
    (local.set $from (i32.add (local.get $from) (i32.const ${16 * STEPS_READ_AT_ONCE})))
    (br_if $more (i32.lt_u (local.get $from) (local.get $end))))
  (local.set $sum ${total(sums, 'i32x4.add')})
  (i32.add
    (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
    (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))`;
}

function total(sums, add) {
  return sums.map((sum) => `(local.get ${sum})`).reduce((a, b) => `(${add} ${a} ${b})`);
}
