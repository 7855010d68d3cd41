// docs/migration.md is what the table of the errors says, and every name of a library has its line in it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import {
  ALSO_WRITTEN,
  LIBRARIES,
  MIGRATION,
  migrationText,
  namesElsewhere,
} from '../../tools/migration.mjs';

const names = await namesElsewhere();
const attention = await createAttention({ variant: 'scalar' });
const fixOf = (option) => {
  try {
    attention.attend([[1]], [[1]], [[1]], { [option]: undefined });
  } catch (error) {
    assert.equal(error.code, 'ERR_OPTION');
    return error.fix;
  }
  return undefined;
};
const inCamelCase = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

test('docs/migration.md is up to date (npm run migration)', async () => {
  assert.equal(readFileSync(MIGRATION, 'utf8'), await migrationText());
});

test('each name has the advice of the table, in snake_case and in camelCase', () => {
  for (const [name, advice] of names) {
    if (inCamelCase(name) !== 'alibiSlopes') assert.equal(fixOf(inCamelCase(name)), advice, name);
    assert.equal(fixOf(name), advice, name);
  }
});

test('each option of a library is in the table, or is an option here', () => {
  const known = new Set(names.map(([name]) => name));
  for (const { name: library, options } of LIBRARIES)
    for (const [option, alike] of Object.entries(options)) {
      if (known.has(option)) continue;
      assert.ok(alike, `${option} of ${library}: what differs?`);
      assert.equal(fixOf(inCamelCase(option)), undefined, `${option} of ${library}`);
    }
});

test('each name of the table is of a library, or said to be none of one', () => {
  const used = new Set(LIBRARIES.flatMap(({ options }) => Object.keys(options)));
  const others = names.map(([name]) => name).filter((name) => !used.has(name));
  assert.deepEqual(others.sort(), [...ALSO_WRITTEN].sort());
});

test('no guess: a name that is near nothing gets no advice', () => {
  for (const name of ['temperature', 'foo', 'x', 'maskedKeys', 'isBidirectional', 'out_proj', 'lr'])
    assert.equal(fixOf(name), undefined, name);
});

for (const [name, meant] of Object.entries({
  sacle: 'scale',
  isCasual: 'isCausal',
  is_causal: 'isCausal',
  queryoffset: 'queryOffset',
  key_lengths: 'keyLengths',
  alibi: 'alibiSlopes',
  captures: 'capture',
  windows: 'window',
  sink: 'sinks',
}))
  test(`${name} is near ${meant}`, () => assert.equal(fixOf(name), `Did you mean '${meant}'?`));
