// Decoding a thousand tokens with a cache gives the rows of one causal call over all tokens.

import { test } from 'node:test';
import { assertClose, PROMISED } from '../package/closeness.mjs';
import { forEachVariant } from '../package/variants.mjs';
import { random, tensor } from '../random/numbers.mjs';

const TOKENS = 1000;
const [HEADS, KEY_HEADS, DEPTH, VALUE_DEPTH] = [4, 2, 16, 24];
const SETTINGS = {
  causal: { apart: PROMISED },
  'with a window, softcap, ALiBi and sinks': {
    // Each of the two may be off by 2e-6.
    apart: { absolute: 4e-6, relative: 0 },
    ...{ window: { left: 200 }, softcap: 20 },
    ...{ alibiSlopes: [0.5, 0.25, 0.125, 0.0625], sinks: [0, 1, -1, 2] },
  },
};

forEachVariant('decoding', (engine) => {
  for (const [name, { apart, ...options }] of Object.entries(SETTINGS)) {
    test(`${TOKENS} tokens, ${name}`, () => {
      const { attention } = engine;
      const next = random(17);
      const query = tensor(next, [HEADS, TOKENS, DEPTH]);
      const key = tensor(next, [KEY_HEADS, TOKENS, DEPTH]);
      const value = tensor(next, [KEY_HEADS, TOKENS, VALUE_DEPTH]);
      const whole = attention.attend(query, key, value, { ...options, isCausal: true });
      const cache = attention.createKVCache({
        ...{ heads: KEY_HEADS, depth: DEPTH, valueDepth: VALUE_DEPTH },
      });
      for (let token = 0; token < TOKENS; token++) {
        cache.append(rowOf(key, token), rowOf(value, token));
        const { output } = attention.attend(rowOf(query, token), cache, {
          ...options,
          isCausal: true,
        });
        assertClose(output.data, rowOf(whole.output, token).data, apart, `token ${token}`);
      }
      cache.dispose();
    });
  }
});

/** Row i of each head. */
function rowOf({ data, shape: [heads, rows, columns] }, i) {
  const picked = new Float32Array(heads * columns);
  for (let head = 0; head < heads; head++) {
    const from = (head * rows + i) * columns;
    picked.set(data.subarray(from, from + columns), head * columns);
  }
  return { data: picked, shape: [heads, 1, columns] };
}
