// The parts of README and the docs that `npm run bench -- --readme` writes from a record: the table of results,
// the table of goals, and the chart.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import { PROJECT } from '../../tools/project.mjs';
import { chartOf, describeChart } from './chart.mjs';
import { duration, threeDigits, wholePercent } from './format.mjs';
import { goalsTable } from './goals.mjs';
import { writeParts } from './parts.mjs';
import { spreadOf } from './statistics.mjs';
import { limitOf, summaryOf } from './summary.mjs';

const CHART = 'docs/benchmark.svg';

/** Writes the chart and the tables of a record; gives the files that it wrote. */
export function writeReadme(record) {
  writeFileSync(join(PROJECT, CHART), chartOf(record));
  return [CHART, ...writeParts(partsOf(record))];
}

/** { results, goals }, as Markdown. */
export function partsOf(record) {
  return { results: resultsPart(record), goals: goalsTable(record.engines) };
}

const LIMIT = /^limit: /;
const COLUMNS = [
  ['the limit', LIMIT],
  ['**qkv** relaxed', /^qkv relaxed$/],
  ['**qkv** simd', /^qkv simd$/],
  ['onnxruntime-web', /^onnxruntime-web (?!.*constant)/],
  ['jax-js', /^jax-js$/],
  ['tfjs', /^tfjs/],
  ['plain JavaScript', /^plain/],
];
const ROWS = [
  ['128 queries and keys', 'D=64, L=128'],
  ['512 queries and keys', 'D=64, L=512'],
  ['2048 queries and keys', 'D=64, L=2048'],
  ['2048 queries and keys, depth 128', 'D=128, L=2048'],
  ['1 query, 4k keys in a KV cache', 'decode, 4k keys'],
  ['1 query, 16k keys in a KV cache', 'decode, 16k keys'],
  ['one call of the worked example', 'worked example'],
];

function resultsPart(record) {
  const { engines, date, machine, versions } = record;
  const named = engines.map(({ name, version }) => `${name} ${version.split('.')[0]}`).join(' / ');
  const header = [
    `8 heads of depth 64, one thread; ${named}`,
    'unit',
    ...COLUMNS.map(([title]) => title),
  ];
  const rows = [...ROWS.map((row) => rowOf(engines, row)), firstResultRow(engines)];
  const align = ['l', 'l', ...COLUMNS.map(() => 'r')];
  const compared = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${markdownTable([header, ...rows.filter(Boolean)], { align })}

![${describeChart(record)}](${CHART})

Medians of one run on ${machine.processor} (${date.slice(0, 10)}), in which all contenders took turns. More is
better for rates, less for times. In brackets: the share of the limit. The limit is a WebAssembly loop in the same rounds: fused multiply-adds in registers, or for one
query loads in the order of memory, which another order can exceed. A peer with several settings shows its fastest one.
Versions: ${compared.join(', ')}. \`npm run bench\` measures your machine.`;
}

function rowOf(engines, [title, groupName]) {
  const groups = engines.map(({ groups }) => groups.find(({ name }) => name === groupName));
  if (groups.some((group) => !group)) return undefined;
  const [{ unit }] = groups;
  const cells = COLUMNS.map(([, pattern]) => {
    const values = groups.map((group) => best(group, pattern));
    return values.some(Boolean) ? values.map(cellOf).join(' / ') : '–';
  });
  return [title, unit, ...cells];
}

function best(group, pattern) {
  const timed = summaryOf(group).filter(({ rate }) => rate);
  if (pattern === LIMIT) {
    const ours = timed.find(({ problem }) => problem);
    return ours && limitOf(timed, ours, group.unit);
  }
  const rows = timed.filter(({ contender }) => pattern.test(contender));
  return rows.sort((a, b) => a.seconds.median - b.seconds.median)[0];
}

function cellOf(row) {
  if (!row) return '–';
  const share =
    row.ofLimit && row.contender.startsWith('qkv') ? ` (${wholePercent(row.ofLimit)})` : '';
  return `${threeDigits(row.rate.median)}${share}`;
}

function firstResultRow(engines) {
  const cells = COLUMNS.map(([, pattern]) => {
    const values = engines.map(({ cold }) => {
      const row = cold.find((each) => pattern.test(each.contender) && each.runs.length > 0);
      return row && spreadOf(row.runs.map((run) => run.loading + run.firstCall)).median;
    });
    return values.some(Boolean)
      ? values.map((each) => (each ? duration(each) : '–')).join(' / ')
      : '–';
  });
  return ['first result in a fresh process', 'time', ...cells];
}
