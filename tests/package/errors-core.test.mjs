// A call for every Code and Argument of the core's Status, and what the caller then sees. (TypeScript sees a
// negative dimension first.) The lists come from the core's enums, so a new one without a call fails.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const zeros = (...shape) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });
const ONE = [[3, 4]];
const TWO = [[1, 2], [2, 3]]; // biome-ignore format: a matrix
const attend = (options) => (a) => a.attend(ONE, TWO, TWO, options);
/** [70000, 1]: its square has more than 2³¹ elements. */
const long = zeros(70_000, 1);

// biome-ignore format: a table
// [code and argument of the core, the call, code and argument of the error, text of its message]
const REFUSALS = [
  ['negative_extent', 'query', (a) => a.attend({ data: new Float32Array(2), shape: [-1, -2] }, TWO, TWO), 'ERR_SHAPE', 'query.shape', /-1/],
  ['zero_depth', 'query', (a) => a.attend(zeros(1, 0), zeros(2, 0), TWO), 'ERR_SHAPE', 'query', /at least 1/],
  ['heads_not_divisible', 'key', (a) => a.attend(zeros(3, 1, 2), zeros(2, 1, 2), zeros(2, 1, 2)), 'ERR_SHAPE', 'key', /3.*2/],

  ['too_large', 'query', (a) => a.attend(zeros(1, 2 ** 22 + 1), zeros(1, 2 ** 22 + 1), [[1]]), 'ERR_SIZE', 'query', /2\^22|4194304/],
  ['too_large', 'key', (a) => a.attend(ONE, { data: new Float32Array(2), shape: [70_000, 70_000] }, TWO), 'ERR_SIZE', 'key.shape', /4900000000/],
  ['too_large', 'value', (a) => a.attend(long, [[1]], zeros(1, 70_000)), 'ERR_SIZE', 'value', /2\^31|2147483647/],
  ['too_large', 'capture', (a) => a.attend(long, long, long, { capture: ['weights'] }), 'ERR_SIZE', 'capture', /2\^31|2147483647/],

  ['not_broadcastable', 'mask', attend({ mask: [true, true, true] }), 'ERR_SHAPE', 'mask', /S.*2.*3/],
  ['not_broadcastable', 'bias', attend({ bias: [[0], [0]] }), 'ERR_SHAPE', 'bias', /L.*1.*2/],
  ['bias_value', 'bias', attend({ bias: [0, Number.NaN] }), 'ERR_VALUE', 'bias.data[1]', /NaN/],
  ['bias_value', 'bias', attend({ bias: [Infinity, 0] }), 'ERR_VALUE', 'bias.data[0]', /Infinity/],

  ['not_finite', 'scale', attend({ scale: Infinity }), 'ERR_VALUE', 'scale', /Infinity/],
  ['not_finite', 'softcap', attend({ softcap: Number.NaN }), 'ERR_VALUE', 'softcap', /NaN/],
  ['not_finite', 'alibi_slopes', attend({ alibiSlopes: [Number.NaN] }), 'ERR_VALUE', 'alibiSlopes[0]', /NaN/],
  ['not_finite', 'sinks', attend({ sinks: [-Infinity] }), 'ERR_VALUE', 'sinks[0]', /-Infinity/],
  ['negative', 'softcap', attend({ softcap: -1 }), 'ERR_VALUE', 'softcap', /-1/],
  ['negative', 'window', attend({ window: { left: -1 } }), 'ERR_VALUE', 'window.left', /-1/],
  ['negative', 'window', attend({ window: { right: -2 } }), 'ERR_VALUE', 'window.right', /-2/],
  ['key_length_range', 'key_lengths', attend({ keyLengths: [3] }), 'ERR_VALUE', 'keyLengths[0]', /0 to 2.*3/],
  ['key_length_range', 'key_lengths', attend({ keyLengths: [-1] }), 'ERR_VALUE', 'keyLengths[0]', /-1/],
];

/** The names of an enum of src/problem/status.hpp, without the one for "nothing is wrong". */
function namesOf(enumName, nothing) {
  const header = readFileSync(new URL('../../src/problem/status.hpp', import.meta.url), 'utf8');
  const [, body] = header.match(new RegExp(`enum class ${enumName}\\b[^{]*\\{([^}]*)\\}`));
  const names = body.replace(/\/\/.*$/gm, '').match(/\b[a-z]\w*/g);
  assert.ok(names.includes(nothing), `${enumName} has '${nothing}'`);
  return names.filter((name) => name !== nothing);
}

test('each Code of the core has a call here', () => {
  const reached = new Set(REFUSALS.map(([code]) => code));
  assert.deepEqual([...reached].sort(), namesOf('Code', 'ok').sort());
});

test('each Argument of the core has a call here', () => {
  const reached = new Set(REFUSALS.map(([, argument]) => argument));
  assert.deepEqual([...reached].sort(), namesOf('Argument', 'none').sort());
});

forEachVariant('refusals of the core', (engine) => {
  for (const [coreCode, coreArgument, call, code, argument, says] of REFUSALS) {
    test(`${coreCode}, ${coreArgument}: ${argument}`, () => {
      const inJavaScript = coreArgument.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
      assert.equal(argument.split(/[.[]/)[0], inJavaScript);
      const { attention } = engine;
      assertRefused(attention, () => call(attention), { code, argument, says });
    });
  }
});
