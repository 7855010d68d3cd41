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

/** Puts the table of these rows into README. */
export function writeReadme(rows) {
  const before = readFileSync(README, 'utf8');
  if (!IN_README.test(before)) throw new Error('README lacks the markers of the table');
  writeFileSync(README, before.replace(IN_README, `$1${readmeTable(rows)}$3`));
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
  const subjects = new Map();
  for (const row of rows) {
    const { subject } = row.cell;
    subjects.set(subject, [...(subjects.get(subject) ?? []), row]);
  }
  const lines = [HEAD, ALIGNMENT, ...[...subjects.values()].map(lineOf)];
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
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
