// How fast a kernel can be: the groups that the laboratory measures, and the table of bounds. The expected
// numbers are worked out by hand from those in record.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { GROUPS } from '../../bench/groups.mjs';
import { BOUNDS_GROUPS } from '../../bench/lab/bounds/groups.mjs';
import { boundsOf, boundsTable } from '../../bench/lab/bounds/table.mjs';
import { nameOfLoop } from '../../bench/lab/limit/loops.mjs';
import { exampleRecord } from './record.mjs';

const RECORD = new URL('../../bench/results/bounds.json', import.meta.url);

describe('groups', () => {
  test('are those of the record: the same problems, loops and contenders', () => {
    const [{ groups }] = JSON.parse(readFileSync(RECORD, 'utf8')).engines;
    const recorded = groups.map(({ name, rows }) => [
      name,
      rows.map(({ problem, contender }) => `${contender} ${problem ?? ''}`).sort(),
    ]);
    const measured = BOUNDS_GROUPS.map(({ name, problems, contenders, limits }) => [
      name,
      [
        ...limits.map((limit) => `${nameOfLoop(limit)} ${limit.problem?.name ?? ''}`),
        ...problems.flatMap((each) => contenders.map((contender) => `${contender} ${each.name}`)),
      ].sort(),
    ]);
    assert.deepEqual(measured, recorded);
  });

  test('the benchmark itself measures no bare attention', () => {
    const loops = new Set(GROUPS.flatMap(({ limits }) => limits.map(({ loop }) => loop)));
    assert.deepEqual([...loops].sort(), ['fused', 'read', 'separate']);
  });
});

test('the limit, bare attention and qkv beside onnxruntime-web', () => {
  const bounds = boundsOf(exampleRecord().engines[0]);
  const shown = ({ factor, ofLimit } = {}) =>
    factor && [factor, ofLimit ?? 1].map((x) => x.toFixed(2));
  assert.deepEqual(
    bounds.map(({ title, factors }) => [title, ...factors.map(shown)]),
    [
      [
        '× onnxruntime-web, L=512 H=8 D=64',
        ...[
          ['4.00', '1.00'],
          ['3.80', '0.95'],
          ['3.60', '0.90'],
          ['3.68', '0.92'],
          ['3.00', '0.75'],
          ['2.00', '0.50'],
        ],
      ],
      [
        '× onnxruntime-web, L=2048 H=8 D=64',
        ...[
          ['2.50', '1.00'],
          ['2.25', '0.90'],
          ['2.00', '0.80'],
          undefined,
          undefined,
          ['1.50', '0.60'],
        ],
      ],
    ],
  );
});

test('a problem of two groups is taken from the first', () => {
  const [engine] = exampleRecord().engines;
  const again = { ...engine.groups[1], name: 'lengths' };
  for (const row of again.rows) row.problem &&= 'L=512 H=8 D=64';
  const bounds = boundsOf({ groups: [engine.groups[0], again] });
  assert.deepEqual(
    bounds.map(({ factors: [{ factor }] }) => factor.toFixed(2)),
    ['4.00'],
  );
});

test('two threads beside one: at the limit, with bare attention, and as workers of a pool', () => {
  const row = (contender, problem, samples) => ({ contender, problem, samples });
  const rows = [
    row('limit: 1 thread', undefined, [1, 1, 1]),
    row('limit: 2 threads', undefined, [1, 1.25, 1.25]), // twice the work
    row('limit: bare attention, fused 2 × 6, 1 thread', 'L=2048', [3.5, 3.5, 4]),
    row('limit: bare attention, fused 2 × 6, 2 threads', 'L=2048', [2, 2, 2]),
    row('qkv pool, 1 worker', 'L=2048', [3, 3, 3]),
    row('qkv pool, 2 workers', 'L=2048', [2, 2, 2]),
  ];
  const [bound] = boundsOf({ groups: [{ name: 'pool, H=1', unit: 'GFLOP/s', rows }] });
  assert.deepEqual(bound, {
    title: 'two workers × one, L=2048',
    factors: [{ factor: 1.6 }, { factor: 1.75 }, { factor: 1.5 }],
  });
});

test('the table has a row for each engine, and dashes where nothing was measured', () => {
  const { engines } = exampleRecord();
  const table = boundsTable([...engines, { ...engines[0], name: 'Chromium' }]);
  const cells = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(
    cells.slice(2).map(([, title]) => title.split(', ').slice(1).join(', ')),
    ['512', '2048'].flatMap((n) => [`L=${n} H=8 D=64, Node`, `L=${n} H=8 D=64, Chromium`]),
  );
  assert.deepEqual(cells[4].slice(2, 8), [
    '2.50×',
    '2.25× (90%)',
    '2.00× (80%)',
    '–',
    '–',
    '1.50× (60%)',
  ]);
});
