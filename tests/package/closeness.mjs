// Comparisons of float32 results with the reference.

import assert from 'node:assert/strict';

/** The promise for unit-normal inputs without options, D ≤ 128 and S ≤ 4096. */
export const PROMISED = { absolute: 2e-6, relative: 0 };
/** Options can make scores larger, and rounding with them. */
export const WITH_OPTIONS = { absolute: 1e-5, relative: 4e-6 };

/** Each element within `absolute + relative·|expected|`; NaN and infinities exactly so. */
export function assertClose(actual, expected, { absolute, relative }, what = 'data') {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++) {
    const allowed = absolute + relative * Math.abs(expected[i]);
    const isSame = Object.is(actual[i], expected[i]) || actual[i] === expected[i];
    if (isSame || Math.abs(actual[i] - expected[i]) <= allowed) continue;
    assert.fail(`${what}[${i}]: ${actual[i]}, but the reference has ${expected[i]} ± ${allowed}`);
  }
}

/** Shape as well as data. */
export function assertTensorClose(actual, expected, tolerance, what) {
  assert.ok(actual.data instanceof Float32Array, `${what}: float32`);
  assert.deepEqual([...actual.shape], expected.shape, `${what}: shape`);
  assertClose(actual.data, expected.data, tolerance, what);
}

/** The same bits: NaN payloads and the sign of 0 count. */
export function assertSameBits(actual, expected, what = 'data') {
  assert.equal(actual.length, expected.length, `${what}: length`);
  const bits = (data) => new Uint32Array(Float32Array.from(data).buffer);
  const [a, e] = [bits(actual), bits(expected)];
  for (let i = 0; i < e.length; i++)
    if (a[i] !== e[i])
      assert.fail(`${what}[${i}]: ${actual[i]} has other bits than ${expected[i]}`);
}
