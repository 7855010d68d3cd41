// A trap leaves an instance in an unknown state, so it must not be used again. Our modules never trap: these
// tests replace their loops by `unreachable`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { createAttention } from 'qkv';
import { assertExplained, assertWorks } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';
import { wasmBytes } from './wasm-file.mjs';

/** The .wasm of a variant whose functions that multiply in a loop trap. */
function trapping(variant) {
  const module = binaryen.readBinary(wasmBytes(variant));
  const replaced = [];
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const {
      name,
      body,
      params,
      results,
      module: imported,
    } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (imported) continue;
    const text = binaryen.emitText(body);
    if (/\(loop/.test(text) && /f32(x4)?\.(relaxed_madd|mul)/.test(text))
      replaced.push({ name, params, results });
  }
  assert.ok(replaced.length > 0);
  for (const { name, params, results } of replaced) {
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.unreachable());
  }
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

forEachVariant('trap', ({ variant }) => {
  test('a trap: the call and every later call reject, and another instance works', async () => {
    const attention = await createAttention({ wasm: trapping(variant) });
    assert.equal(attention.info.variant, variant);
    const tensor = attention.tensor([1, 1], [1]);
    const trapped = { code: 'ERR_DISPOSED', argument: 'attention', says: /trap.*createAttention/ };
    assert.throws(
      () => attention.attend([[1]], [[1]], [[1]]),
      (error) => {
        assert.ok(error.cause instanceof WebAssembly.RuntimeError);
        return assertExplained(error, trapped);
      },
    );
    const stopped = { code: 'ERR_DISPOSED', argument: 'attention', says: /stopped in the middle/ };
    const uses = [
      () => attention.attend([[1]], [[1]], [[1]]),
      () => attention.trace([[1]], [[1]], [[1]]),
      () => attention.tensor([1]),
      () => attention.memory,
    ];
    for (const use of uses) assert.throws(use, (error) => assertExplained(error, stopped));
    tensor.dispose();
    attention.dispose();
    assertWorks(await createAttention({ variant }));
  });
});
