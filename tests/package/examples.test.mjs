// Each example runs as its README says, and prints the right numbers. example-pages.test.mjs tests the pages;
// ctest runs 09, which is C++.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAttention } from 'qkv';
import { createModel } from '../../examples/06-streaming-decode/model.mjs';
import { MultiHeadAttention } from '../../examples/07-model-layer/layer.mjs';
import { attendSplit } from '../../examples/08-split-over-processes/split.mjs';
import { normals, random, tensor } from '../random/numbers.mjs';
import { attendReference } from '../reference/attention.mjs';
import { rotaryReference } from '../reference/rotary.mjs';
import { assertClose } from './closeness.mjs';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const CLOSE = { absolute: 2e-6, relative: 2e-6 };

function run(example) {
  const cwd = join(EXAMPLES, example);
  return execFileSync(process.execPath, ['main.mjs'], { cwd, encoding: 'utf8', timeout: 60_000 });
}

test('each example has a README of a few lines, and a line in the table of all', () => {
  const entries = readdirSync(EXAMPLES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const table = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
  const listed = Array.from(table.matchAll(/^\| \[([\w-]+)\]\(\1\) \|/gm), ([, name]) => name);
  assert.deepEqual(listed, folders.sort());
  assert.deepEqual(
    folders.map((name) => name.slice(0, 2)),
    folders.map((_, i) => `0${i + 1}`),
  );
  for (const folder of folders) {
    const readme = readFileSync(join(EXAMPLES, folder, 'README.md'), 'utf8');
    assert.ok(readme.trimEnd().split('\n').length <= 7, `${folder}/README.md is long`);
  }
});

test('01-worked-example', () => {
  // semantics.md: 0.007035351, 0.992964649 and 8.985929298, 9.985929298.
  assert.equal(run('01-worked-example'), 'weights 0.007035 0.992965\noutput  8.9859 9.9859\n');
});

test('05-pool-of-workers', () => {
  assert.match(
    run('05-pool-of-workers'),
    /^2 workers: all of \d+ blocks done\nthe bits of one thread\nERR_ABORTED\n$/,
  );
});

test('06-streaming-decode writes what a model without a cache writes', () => {
  const model = createModel();
  const prompt = 'attention is ';
  const tokens = model.tokensOf(prompt);
  for (let step = 0; step < 40; step++) {
    const { query, key, value } = model.project(tokens);
    const { output } = attendReference(query, key, value, { isCausal: true });
    tokens.push(model.mostLikely(output));
  }
  const keys = tokens.length - 1; // the last letter is not read any more
  assert.equal(run('06-streaming-decode'), `${model.textOf(tokens)}\n${keys} keys in the cache\n`);
});

test('07-model-layer prints that one call and row by row agree', () => {
  const [, furthest] = /differ by (\S+)\nlast row starts( -?\d\.\d{5}){4}\n$/.exec(
    run('07-model-layer'),
  );
  assert.ok(Number(furthest) <= 2e-6, furthest);
});

test('07-model-layer agrees with double precision', async () => {
  const [width, heads, keyHeads, depth, length] = [10, 4, 2, 6, 9];
  const next = random(7);
  const weights = {
    query: normals(next, width * heads * depth),
    key: normals(next, width * keyHeads * depth),
    value: normals(next, width * keyHeads * depth),
    output: normals(next, heads * depth * width),
  };
  const x = { data: normals(next, length * width), shape: [length, width] };

  // Rows of [H·D] numbers are [H, D] in layout 'blhd'.
  const layout = 'blhd';
  const projected = (matrix, count) => ({
    data: product(x, matrix).data,
    shape: [length, count, depth],
  });
  const attended = attendReference(
    rotaryReference(projected(weights.query, heads), { layout }),
    rotaryReference(projected(weights.key, keyHeads), { layout }),
    projected(weights.value, keyHeads),
    { isCausal: true, layout },
  ).output;
  const joined = { data: attended.data, shape: [length, heads * depth] };
  const expected = product(joined, weights.output).data;

  const attention = await createAttention();
  const layer = new MultiHeadAttention(attention, { heads, keyHeads, depth, weights });
  const rows = (first, end) => ({
    data: x.data.subarray(first * width, end * width),
    shape: [end - first, width],
  });
  // In pieces, with one between them that rewind() removes.
  const pieces = [layer.forward(rows(0, 4)), layer.forward(rows(4, 6))];
  layer.forward(rows(0, 3));
  layer.rewind(6);
  pieces.push(layer.forward(rows(6, length)));
  assert.equal(layer.length, length);
  assertClose(
    pieces.flatMap(({ data }) => [...data]),
    expected,
    { absolute: 1e-4, relative: 1e-5 }, // sums of hundreds of products, in float32
  );
  layer.dispose();
  attention.dispose();
});

/** x [L, N] · W [N, M], in double. */
function product({ data, shape: [length, inputs] }, matrix) {
  const outputs = matrix.length / inputs;
  const at = (i, j) => {
    let sum = 0;
    for (let k = 0; k < inputs; k++) sum += data[i * inputs + k] * matrix[k * outputs + j];
    return sum;
  };
  const all = Array.from({ length: length * outputs }, (_, n) =>
    at(Math.floor(n / outputs), n % outputs),
  );
  return { data: all, shape: [length, outputs] };
}

test('08-split-over-processes prints that the split is exact', () => {
  const [, furthest] = /^3 processes and one differ by (\S+)\n$/.exec(
    run('08-split-over-processes'),
  );
  assert.ok(Number(furthest) <= 1e-6, furthest);
});

test('08-split-over-processes, where only the last queries attend the last part', async () => {
  const next = random(8);
  const [query, key, value] = [5, 11, 11].map((length) => tensor(next, [2, length, 8]));
  const attention = await createAttention();
  const split = await attendSplit(attention, { query, key, value }, 4);
  const options = { isCausal: true, queryOffset: 'end' };
  assertClose(split.data, attendReference(query, key, value, options).output.data, CLOSE);
  attention.dispose();
});
