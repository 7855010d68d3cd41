// What the benchmark reports: medians and ratios, goals, the generated parts of the docs, and the chart. The
// expected numbers are worked out by hand from those in record.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { boundsTable } from '../../bench/lab/bounds/table.mjs';
import { chartOf } from '../../bench/report/chart.mjs';
import { goalsOf } from '../../bench/report/goals.mjs';
import { replaceParts } from '../../bench/report/parts.mjs';
import { partsOf } from '../../bench/report/readme.mjs';
import { ratioOf, spreadOf } from '../../bench/report/statistics.mjs';
import { summaryOf, timesTheFirst } from '../../bench/report/summary.mjs';
import { engineTable } from '../../bench/report/table.mjs';
import { exampleRecord } from './record.mjs';

describe('statistics', () => {
  test('the median and the quartiles of samples in any order', () => {
    assert.deepEqual(spreadOf([9, 1, 5, 3, 7]), { median: 5, low: 3, high: 7 });
    assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
  });

  test('a ratio is taken round by round, so slow rounds change nothing', () => {
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

  test('decoding is compared with reading as many bytes', () => {
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

  test('constant keys do not count as decoding', () => {
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

  test('a later problem is compared with the first of the same contender', () => {
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

  test('the worst measured value decides', () => {
    const [engine] = exampleRecord().engines;
    const limit = find(engine, 'relaxed, L ≥ 512');
    assert.deepEqual(
      [limit.measured, limit.bound, limit.at, limit.isMet],
      ['80%', '≥ 80%', 'L=2048 H=8 D=64', true],
    );
    const out = find(engine, 'the same, with results written to `out`');
    assert.deepEqual([out.measured, out.at], ['92%', 'L=512 H=8 D=64']);
    const peer = find(engine, 'relaxed, L ≥ 512, D = 64 and 128: × onnxruntime-web');
    assert.deepEqual([peer.measured, peer.isMet], ['2.00×', false]);
  });

  test('lengths are compared with the first of the same contender, with and without `out`', () => {
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
    const out = find(engine, 'the same for other lengths');
    assert.deepEqual([plain.measured, plain.at], ['50%', 'qkv relaxed, S=77']);
    assert.deepEqual([out.measured, out.at], ['80%', 'qkv relaxed, out, S=77']);
  });

  test('a bound may be an upper one', () => {
    const [engine] = exampleRecord().engines;
    assert.deepEqual(find(engine, 'first result').measured, '5%');
    engine.cold[0].runs[0].loading = 0.2;
    assert.equal(find(engine, 'first result').isMet, false);
  });

  test('a goal that was not measured is neither met nor missed', () => {
    const [engine] = exampleRecord().engines;
    assert.equal(find(engine, 'decode').isMet, undefined);
  });
});

describe('generated parts', () => {
  const text = 'before\n<!-- benchmark: results -->\nold\n<!-- /benchmark -->\nafter\n';
  const written = () => replaceParts(text, partsOf(exampleRecord()));

  test('only the text between the marks changes, and a second time nothing does', () => {
    const once = written();
    assert.match(once, /^before\n<!-- benchmark: results -->\n\n\|/);
    assert.match(once, /\n<!-- \/benchmark -->\nafter\n$/);
    assert.doesNotMatch(once, /old/);
    assert.equal(replaceParts(once, partsOf(exampleRecord())), once);
  });

  test('README has the numbers of the record, and the versions', () => {
    const row = written()
      .split('\n')
      .find((line) => line.startsWith('| 512 queries'));
    const cells = row.split('|').map((cell) => cell.trim());
    assert.deepEqual(cells.slice(2, 7), ['GFLOP/s', '100', '90 (90%)', '50 (50%)', '25']);
    assert.match(written(), /A processor \(2026-01-02\)[\s\S]*qkv 1\.2\.3/);
  });

  test('a part that was not made stays as it is', () => {
    const loops = text.replace('results', 'loops');
    assert.equal(replaceParts(loops, partsOf(exampleRecord())), loops);
  });

  test('an unknown name between the marks is an error', () => {
    assert.throws(() => replaceParts(text.replace('results', 'nonsense'), {}), /nonsense/);
  });

  for (const [file, record, parts] of [
    ['README.md', 'readme.json', (each) => ({ results: partsOf(each).results })],
    ['docs/performance.md', 'readme.json', (each) => ({ goals: partsOf(each).goals })],
    ['docs/performance.md', 'bounds.json', ({ engines }) => ({ bounds: boundsTable(engines) })],
    ['docs/benchmark.svg', 'readme.json', undefined],
  ])
    test(`${file} shows what its generator makes of ${record}`, () => {
      const shown = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      const path = new URL(`../../bench/results/${record}`, import.meta.url);
      const measured = JSON.parse(readFileSync(path, 'utf8'));
      assert.equal(parts ? replaceParts(shown, parts(measured)) : chartOf(measured), shown);
    });
});

test('the terminal shows what a group measured before it ended early, and why it ended', () => {
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

  test('loads nothing', () => {
    assert.doesNotMatch(chartOf(exampleRecord()), /(href|src|url\(|@import|<script)/);
  });
});
