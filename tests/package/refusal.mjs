// Checks that hold for every refusal.

import assert from 'node:assert/strict';
import { QkvError } from 'qkv';

/**
 * `call` throws a QkvError with this code, about this argument, that says what was expected and what
 * was received (and matches `says`); nothing stays allocated, and the next call works.
 */
export function assertRefused(attention, call, { code, argument, says }) {
  assertWorks(attention); // so that what the calls share has been allocated
  const { used } = attention.memory;
  assert.throws(call, (error) => assertExplained(error, { code, argument, says }));
  assert.equal(attention.memory.used, used, 'memory that was not given back');
  assertWorks(attention);
}

/** The error itself; for promises, where there is no instance to use afterwards. */
export function assertExplained(error, { code, argument, says }) {
  assert.ok(error instanceof QkvError, `${error?.stack ?? error} is no QkvError`);
  assert.ok(error instanceof Error && error.name === 'QkvError');
  assert.equal(error.code, code, error.message);
  assert.equal(error.argument, argument, error.message);
  assert.ok(error.expected && error.received, `expected and received: ${error.message}`);
  for (const part of [argument, code, `expected ${error.expected}`, `received ${error.received}`])
    assert.ok(error.message.includes(part), `'${part}' in: ${error.message}`);
  assert.ok(error.message.length < 500, `a message to read: ${error.message}`);
  if (says) assert.match(error.message, says);
  return true;
}

/** The worked example of semantics.md. */
export function assertWorks(attention) {
  const keys = [
    [1, 2],
    [2, 3],
  ];
  const values = [
    [7, 8],
    [9, 10],
  ];
  const [a, b] = attention.attend([[3, 4]], keys, values).output.data;
  assert.ok(Math.abs(a - 8.985929298) < 2e-6 && Math.abs(b - 9.985929298) < 2e-6, `${a}, ${b}`);
}
