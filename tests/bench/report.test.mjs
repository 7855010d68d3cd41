// What is said of samples: medians and ratios, goals, README's part and the chart. The expected numbers
// are worked out by hand from those in record.mjs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { boundsOf, boundsTable } from '../../bench/report/bounds.mjs';
import { chartOf } from '../../bench/report/chart.mjs';
import { goalsOf } from '../../bench/report/goals.mjs';
import { withParts } from '../../bench/report/readme.mjs';
import { ratioOf, spreadOf } from '../../bench/report/statistics.mjs';
import { summaryOf, timesTheFirst } from '../../bench/report/summary.mjs';
import { engineTable } from '../../bench/report/table.mjs';
import { exampleRecord } from './record.mjs';

describe('statistics', () => {
  test('the median and the quartiles of samples in any order', () => {
    assert.deepEqual(spreadOf([9, 1, 5, 3, 7]), { median: 5, low: 3, high: 7 });
    assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
  });

  test('a ratio is taken round by round: slow rounds change nothing', () => {
    assert.equal(ratioOf([2, 20, 200], [1, 10, 100]), 2);
  });
});

describe('summary', () => {
  const [{ groups }] = exampleRecord().engines;
  const rowOf = (contender) => summaryOf(groups[0]).find((row) => row.contender === contender);

  test('rate, share of the limit, ratio to the faster of two settings', () => {
    const { rate, ofLimit, timesOnnxruntime } = rowOf('qkv relaxed');
    assert.equal(Math.round(rate.median), 90);
    assert.equal(ofLimit.toFixed(6), '0.900000');
    assert.equal(timesOnnxruntime.toFixed(6), '3.600000');
  });

  test('the rates of the quartiles', () => {
    const { rate } = rowOf('qkv simd');
    assert.ok(rate.low < rate.median && rate.median < rate.high);
    assert.ok(rate.low > 45 && rate.high < 56);
  });

  test('a cache is read against the limit of its own size', () => {
    const read = (bytes, seconds) => ({
      contender: `limit: reading ${bytes}`,
      limit: 'read',
      operations: 0,
      bytes,
      samples: [seconds],
    });
    const decoded = { problem: 'p', contender: 'qkv relaxed', operations: 1, bytes: 8e6 };
    const rows = [read(64e6, 0.016), read(8e6, 0.001), { ...decoded, samples: [0.002] }];
    const { rate, ofLimit } = summaryOf({ unit: 'GB/s', rows })[2];
    assert.equal(rate.median, 4);
    assert.equal(ofLimit, 0.5);
  });

  test('keys that are constant are no way to decode', () => {
    const row = (contender, seconds) => ({
      ...{ problem: 'p', contender, operations: 1, bytes: 1 },
      samples: [seconds],
    });
    const rows = [
      row('onnxruntime-web Attention, constant keys', 1),
      row('onnxruntime-web Attention', 8),
      row('qkv relaxed', 2),
    ];
    assert.equal(summaryOf({ unit: 'µs', rows })[2].timesOnnxruntime, 4);
  });

  test('a later problem against the first of the same contender', () => {
    const row = (problem, contender, seconds) => ({ problem, contender, samples: [seconds] });
    const rows = [row('a', 'x', 1), row('a', 'y', 5), row('b', 'x', 3), row('b', 'y', 5)];
    assert.deepEqual(
      rows.map((each) => timesTheFirst(rows, each)),
      [1, 1, 3, 1],
    );
  });
});

describe('goals', () => {
  const find = (engine, start) => goalsOf(engine).find(({ goal }) => goal.startsWith(start));

  test('the worst of what was measured decides', () => {
    const [engine] = exampleRecord().engines;
    const limit = find(engine, 'relaxed, L ≥ 512');
    assert.deepEqual(
      [limit.measured, limit.bound, limit.at, limit.isMet],
      ['80%', '≥ 80%', 'L=2048 H=8 D=64', true],
    );
    const out = find(engine, 'the same, results written to `out`');
    assert.deepEqual([out.measured, out.at], ['92%', 'L=512 H=8 D=64']);
    const peer = find(engine, 'relaxed, L ≥ 512, D = 64 and 128: × onnxruntime-web');
    assert.deepEqual([peer.measured, peer.isMet], ['2.00×', false]);
  });

  test('lengths are compared with the first of the same contender, with `out` and without', () => {
    const [engine] = exampleRecord().engines;
    const row = (problem, contender, operations, seconds) => ({
      ...{ problem, contender, operations, bytes: 0 },
      samples: [seconds],
    });
    const rows = [
      row('L=512', 'qkv relaxed', 8, 1),
      row('L=512', 'qkv relaxed, out', 8, 0.8),
      row('S=77', 'qkv relaxed', 2, 0.5), // of the rate: half
      row('S=77', 'qkv relaxed, out', 2, 0.25), // 0.8
    ];
    engine.groups.push({ name: 'lengths', unit: 'GFLOP/s', rows });
    const plain = find(engine, 'other depths and lengths');
    const out = find(engine, 'other lengths, results written to `out`');
    assert.deepEqual([plain.measured, plain.at], ['50%', 'qkv relaxed, S=77']);
    assert.deepEqual([out.measured, out.at], ['80%', 'qkv relaxed, out, S=77']);
  });

  test('a bound from above', () => {
    const [engine] = exampleRecord().engines;
    assert.deepEqual(find(engine, 'first result').measured, '5%');
    engine.cold[0].runs[0].loading = 0.2;
    assert.equal(find(engine, 'first result').isMet, false);
  });

  test('what was not measured is neither met nor missed', () => {
    const [engine] = exampleRecord().engines;
    assert.equal(find(engine, 'decode').isMet, undefined);
  });
});

describe('README', () => {
  const text = 'before\n<!-- benchmark: results -->\nold\n<!-- /benchmark -->\nafter\n';

  test('is changed between its marks alone, and the same a second time', () => {
    const once = withParts(text, exampleRecord());
    assert.match(once, /^before\n<!-- benchmark: results -->\n\n\|/);
    assert.match(once, /\n<!-- \/benchmark -->\nafter\n$/);
    assert.doesNotMatch(once, /old/);
    assert.equal(withParts(once, exampleRecord()), once);
  });

  test('has the numbers of the record, and what they were measured with', () => {
    const row = withParts(text, exampleRecord())
      .split('\n')
      .find((line) => line.startsWith('| 512 queries'));
    const cells = row.split('|').map((cell) => cell.trim());
    assert.deepEqual(cells.slice(2, 7), ['GFLOP/s', '100', '90 (90%)', '50 (50%)', '25']);
    assert.match(withParts(text, exampleRecord()), /A processor \(2026-01-02\)[\s\S]*qkv 1\.2\.3/);
  });

  test('what is made of machine code stays as it is', () => {
    const loops = text.replace('results', 'loops');
    assert.equal(withParts(loops, exampleRecord()), loops);
  });

  test('a mark that means nothing is an error', () => {
    assert.throws(
      () => withParts(text.replace('results', 'nonsense'), exampleRecord()),
      /nonsense/,
    );
  });
});

test('what a kernel at the limit and bare attention would be beside onnxruntime-web', () => {
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

test('a problem that two groups have is taken from the first', () => {
  const [engine] = exampleRecord().engines;
  const again = { ...engine.groups[1], name: 'lengths' };
  for (const row of again.rows) row.problem &&= 'L=512 H=8 D=64';
  const bounds = boundsOf({ groups: [engine.groups[0], again] });
  assert.deepEqual(
    bounds.map(({ factors: [{ factor }] }) => factor.toFixed(2)),
    ['4.00'],
  );
});

test('what two threads at the limit are beside one, and two workers', () => {
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

test('the table of bounds has a row for each engine, and dashes for what is not known', () => {
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

test('the terminal shows what was measured of a group that ended early, and why it did', () => {
  const [engine] = exampleRecord().engines;
  engine.groups[0].reason = 'it died';
  assert.match(engineTable(engine), /qkv relaxed +\| +9[\s\S]*D=64, L=512[^\n]*it died/);
});

test('the terminal shows the reason where there is no number', () => {
  const [engine] = exampleRecord().engines;
  const [, row] = engine.groups[0].rows;
  delete row.samples;
  row.reason = 'wrong by 0.5';
  assert.match(engineTable(engine), /qkv relaxed +\| +– \| +\| wrong by 0\.5/);
});

describe('chart', () => {
  const { document } = parseHTML(chartOf(exampleRecord()));

  test('says in words what it shows', () => {
    const svg = document.querySelector('svg');
    assert.equal(svg.getAttribute('role'), 'img');
    const [title, description] = svg.getAttribute('aria-labelledby').split(' ');
    assert.ok(document.getElementById(title).textContent);
    assert.match(
      document.getElementById(description).textContent,
      /relaxed SIMD 90%, qkv, SIMD 50%/,
    );
  });

  test('bars are as long as the shares', () => {
    const bars = [...document.querySelectorAll('[aria-label=bar] rect')];
    const widths = bars.map((bar) => Number(bar.getAttribute('width')));
    const shares = [0.9, 0.5, 0.25, 0.01, 0.8, 0.6, 0.4];
    assert.equal(widths.length, shares.length);
    const unit = widths[0] / shares[0];
    for (const [i, share] of shares.entries()) assert.ok(Math.abs(widths[i] / unit - share) < 1e-3);
  });

  test('needs nothing from elsewhere', () => {
    assert.doesNotMatch(chartOf(exampleRecord()), /(href|src|url\(|@import|<script)/);
  });
});
