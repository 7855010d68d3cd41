// The results of the cells: a line per cell in the terminal, a line per subject in README.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../tools/project.mjs';
import { CHECKS } from './judge.mjs';

const README = join(PROJECT, 'README.md');
const IN_README = /(<!-- written by npm run matrix -- --readme -->\n)([\s\S]*?)(<!-- end -->)/;
const HEAD = ['where', 'version', 'as', 'variant', ...CHECKS];
const ALIGNMENT = ['---', '---', '---', '---', ...CHECKS.map(() => ':-:')];

export function printTable(rows) {
  const lines = [HEAD, ...rows.map((row) => lineOf([row]))];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const [head, ...body] = lines.map((line) =>
    line.map((text, column) => text.padEnd(widths[column])).join('  '),
  );
  console.log(['', head, '─'.repeat(head.length), ...body, ''].join('\n'));
}

/** Puts the lines of the subjects whose cells all ran into README; the others stay. `cells` are all there are. */
export function writeReadme(rows, cells) {
  const before = readFileSync(README, 'utf8');
  const [, , shown] = IN_README.exec(before) ?? [];
  if (shown === undefined) throw new Error('README lacks the markers of the table');
  const old = new Map(shown.split('\n').map((line) => [line.split(' | ')[0].slice(2), line]));
  const lines = [HEAD, ALIGNMENT].map(asMarkdown);
  for (const [subject, all] of bySubject(cells, (cell) => cell)) {
    const ran = rows.filter(({ cell }) => cell.subject === subject);
    if (ran.length === all.length) lines.push(asMarkdown(lineOf(ran)));
    else if (old.has(subject)) lines.push(`${old.get(subject)}\n`);
  }
  writeFileSync(README, before.replace(IN_README, `$1${lines.join('')}$3`));
}

/** Whether README shows these rows; versions may differ, since they change often. */
export function isInReadme(rows) {
  const [, , shown] = IN_README.exec(readFileSync(README, 'utf8')) ?? [];
  return shown !== undefined && withoutVersions(shown) === withoutVersions(readmeTable(rows));
}

function withoutVersions(table) {
  const column = HEAD.indexOf('version');
  const cells = table.split('\n').map((line) => line.split(' | '));
  return cells.map((line) => line.filter((_, i) => i !== column).join(' | ')).join('\n');
}

function readmeTable(rows) {
  const subjects = bySubject(rows, ({ cell }) => cell);
  return [HEAD, ALIGNMENT, ...[...subjects.values()].map(lineOf)].map(asMarkdown).join('');
}

function bySubject(items, cellOf) {
  const subjects = new Map();
  for (const item of items) {
    const { subject } = cellOf(item);
    subjects.set(subject, [...(subjects.get(subject) ?? []), item]);
  }
  return subjects;
}

function asMarkdown(line) {
  return `| ${line.join(' | ')} |\n`;
}

/** One line for rows of one subject. */
function lineOf(rows) {
  return [
    rows[0].cell.subject,
    listOf(rows.map(({ version }) => version ?? '?')),
    listOf(rows.map((row) => row.cell.as)),
    listOf(reportsOf(rows).map(({ variant }) => variant ?? '?')),
    ...CHECKS.map((check) => markOf(check, rows)),
  ];
}

function markOf(check, rows) {
  const hasFailed = ({ failures }) =>
    failures.some((failure) => failure.check === check || failure.check === 'report');
  if (rows.some(hasFailed)) return '✗';
  if (check !== 'pool') return '✓';
  const worked = reportsOf(rows).some(({ pool }) => pool && !pool.refused);
  return worked ? '✓' : '–';
}

function reportsOf(rows) {
  return rows.flatMap(({ places }) => Object.values(places));
}

function listOf(texts) {
  return [...new Set(texts)].join(', ');
}
