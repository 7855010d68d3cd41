// Every test runs for every variant of the engine. The version of Node decides which variants there must be,
// not the package: Node has relaxed SIMD since 22.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAttention } from 'qkv';

const NODE = Number(process.versions.node.split('.')[0]);
export const VARIANTS = ['relaxed', 'simd', 'scalar'];
export const RUNNABLE = NODE >= 22 ? VARIANTS : ['simd', 'scalar'];

/**
 * A suite for each variant. `define` adds the tests; `engine.attention` is the instance while they run.
 * A variant that the engine lacks must be refused.
 */
export function forEachVariant(name, define) {
  for (const variant of VARIANTS) {
    describe(`${name}, ${variant}`, () => {
      if (!RUNNABLE.includes(variant)) {
        test(`Node ${NODE} lacks it, and says so`, () => assertUnsupported(variant));
        return;
      }
      const engine = { variant, attention: undefined };
      before(async () => {
        engine.attention = await createAttention({ variant });
      });
      after(() => engine.attention.dispose());
      define(engine);
    });
  }
}

export async function assertUnsupported(variant) {
  await assert.rejects(createAttention({ variant }), {
    name: 'QkvError',
    code: 'ERR_UNSUPPORTED',
    argument: 'variant',
  });
}
