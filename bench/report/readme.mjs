// The parts of README and the docs that are made from a record, or from machine code.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import { PROJECT } from '../../tools/project.mjs';
import { boundsTable } from './bounds.mjs';
import { chartOf, describeChart } from './chart.mjs';
import { duration, threeDigits, wholePercent } from './format.mjs';
import { goalsTable } from './goals.mjs';
import { spreadOf } from './statistics.mjs';
import { limitOf, summaryOf } from './summary.mjs';

const CHART = 'docs/benchmark.svg';

/** What is written between `<!-- benchmark: NAME -->` and `<!-- /benchmark -->` in these files. */
const PARTS = {
  results: resultsPart,
  goals: ({ engines }) => goalsTable(engines),
  bounds: ({ engines }) => boundsTable(engines),
};
/** The part that is not made from a record: `--machine-code` gives its text. */
const LOOPS = 'loops';
const FILES = ['README.md', 'docs/performance.md'];

/** Writes the chart and every part that a record has in the files; gives the files that were written. */
export function writeReadme(record) {
  writeFileSync(join(PROJECT, CHART), chartOf(record));
  return [CHART, ...rewrite((text) => withParts(text, record))];
}

/** Writes what is known of the machine code; gives the files that were written. */
export function writeLoops(loops) {
  return rewrite((text) => replaceParts(text, (name) => (name === LOOPS ? loops : undefined)));
}

function rewrite(change) {
  return FILES.filter((file) => {
    const path = join(PROJECT, file);
    const before = readIfThere(path);
    const after = before && change(before);
    if (after !== before) writeFileSync(path, after);
    return after !== before;
  });
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The text with all parts that are made from a record made anew. */
export function withParts(text, record) {
  return replaceParts(text, (name) => {
    if (name === LOOPS) return undefined;
    if (!PARTS[name]) throw new Error(`no part '${name}'; there are ${Object.keys(PARTS)}`);
    return PARTS[name](record);
  });
}

/** `partOf(name)` gives the new text of a part, or undefined if it stays. */
function replaceParts(text, partOf) {
  const marked = /(<!-- benchmark: (\w+) -->\n)[\s\S]*?(<!-- \/benchmark -->)/g;
  return text.replaceAll(marked, (whole, begin, name, end) => {
    const part = partOf(name);
    return part === undefined ? whole : `${begin}\n${part}\n\n${end}`;
  });
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
  ['1 query, 4k keys in a cache', 'decode, 4k keys'],
  ['1 query, 16k keys in a cache', 'decode, 16k keys'],
  ['the worked example, a call', 'worked example'],
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

Medians, measured in turn in one run on ${machine.processor} (${date.slice(0, 10)}). The limit is a
loop of fused multiply-adds in registers, or one of loads in the order of their memory (the only one that
can be passed), as WebAssembly in the same rounds; of several settings of a peer the fastest is shown. ${compared.join(', ')}. \`npm run bench\` measures yours.`;
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
  return ['the first result in a fresh process', 'time', ...cells];
}
