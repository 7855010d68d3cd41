// README's code runs and does what its comments say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const AsyncFunction = (async () => {}).constructor;

test('the first code block prints what its comments say', async () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(README);
  const [imported, ...rest] = code.split('\n');
  assert.equal(imported, "import { createAttention } from 'qkv';");
  const printed = [];
  const run = new AsyncFunction('createAttention', 'console', rest.join('\n'));
  await run(createAttention, { log: (data) => printed.push([...data]) });
  const promised = [...code.matchAll(/\/\/ → (.*)/g)].map(([, numbers]) =>
    numbers.split(', ').map(Number),
  );
  assert.equal(promised.length, 2);
  assert.deepEqual(
    printed.map((numbers) => numbers.map((x) => Number(x.toFixed(7)))),
    promised,
  );
});

test('the code block of the pool computes the worked example', async () => {
  const [, code] = /```js\n(import \{ createAttentionPool \}[\s\S]*?)```/.exec(README);
  const [imported, ...rest] = code.split('\n');
  assert.equal(imported, "import { createAttentionPool } from 'qkv/pool';");
  const run = new AsyncFunction('createAttentionPool', `${rest.join('\n')}; return output;`);
  const { data, shape } = await run(createAttentionPool);
  assert.deepEqual(shape, [1, 2]);
  assert.deepEqual(
    Array.from(data, (x) => Number(x.toFixed(7))),
    [8.9859295, 9.9859295],
  );
});

const examples = [...README.matchAll(/^\| `(\w+)` \|.*\| `(attention\..*)` \|$/gm)];

test('every option of the types has a row in the table', () => {
  const types = readFileSync(new URL('../../bindings/src/types.ts', import.meta.url), 'utf8');
  const membersOf = (name) => {
    const [, body] = new RegExp(`export interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(
      types,
    );
    return [...body.matchAll(/^ {2}(\w+)\??[:(]/gm)].map(([, member]) => member);
  };
  const rows = examples.map(([, name]) => name);
  for (const option of membersOf('AttentionOptions')) assert.ok(rows.includes(option), option);
  const methods = new Set(membersOf('Attention'));
  for (const method of methods)
    if (!['attend', 'dispose'].includes(method)) assert.ok(rows.includes(method), method);
});

for (const [, name, code] of examples) {
  test(`the example of ${name}`, async () => {
    const attention = await createAttention();
    const q = [
      [3, 4],
      [1, 0],
    ];
    const k = [
      [1, 2],
      [2, 3],
      [0, 1],
      [1, 1],
    ];
    const v = [
      [7, 8],
      [9, 10],
      [1, 2],
      [3, 4],
    ];
    new Function('attention', 'q', 'k', 'v', `return ${code.replaceAll('\\|', '|')}`)(
      attention,
      q,
      k,
      v,
    );
    attention.dispose();
  });
}
