import { readNumber, readValue } from '../numbers/numberGrammar.ts';
import type { InputName } from './cells.ts';
import { type Heads, INPUT_NAMES, LIMITS, PLAIN, problemOf, type Rows } from './model.ts';

/** The pasted numbers: one matrix, or Q, K and V at once. */
export type Pasted =
  | { readonly kind: 'matrix'; readonly rows: Rows }
  | { readonly kind: 'all'; readonly matrices: Record<InputName, Heads> }
  | { readonly kind: 'problem'; readonly problem: string };

/** Characters. The largest file that the page saves is shorter, and so many are read at once. */
export const LONGEST_PASTE = 1_000_000;

class Unreadable extends Error {}

/**
 * Reads rows of numbers as spreadsheets copy them (tabs), CSV files have them (commas or semicolons) or
 * people type them (spaces), and JSON: [[…]] or {"q": …, "k": …, "v": …}, nested once more for heads.
 */
export function readPaste(text: string): Pasted {
  if (text.length > LONGEST_PASTE) {
    const millions = (length: number) => Math.ceil(length / 1e6);
    return problem(
      `That is ${millions(text.length)} million characters; the page reads at most ${millions(LONGEST_PASTE)} million.`,
    );
  }
  const trimmed = text.trim();
  if (trimmed === '') return problem('Nothing to read yet: paste rows of numbers.');
  try {
    return /^[[{]/.test(trimmed) ? fromJSON(trimmed) : { kind: 'matrix', rows: fromTable(text) };
  } catch (error) {
    if (error instanceof Unreadable) return problem(error.message);
    throw error;
  }
}

/** Tabs win over semicolons and commas, because cells of a spreadsheet may contain commas. */
function fromTable(text: string): Rows {
  const separator = text.includes('\t') ? '\t' : text.includes(';') ? ';' : /\s*,\s*|[ ]+/;
  const lines = text
    .replace(/\s+$/, '')
    .replace(/^(\s*\n)+/, '')
    .split(/\r?\n/);
  const cells = lines.map((line) => (separator === '\t' ? line : line.trim()).split(separator));
  checkShape(cells);
  return cells.map((row, i) =>
    row.map((cell, j) => {
      const reading = readNumber(cell);
      if (reading.ok) return reading.value;
      throw new Unreadable(`Row ${i + 1}, column ${j + 1}, “${short(cell)}”: ${reading.problem}`);
    }),
  );
}

function fromJSON(text: string): Pasted {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable('It starts like JSON but cannot be read: check its brackets and commas.');
  }
  if (Array.isArray(value)) return { kind: 'matrix', rows: onlyHead(headsOf(value, 'the matrix')) };
  const [q, k, v] = INPUT_NAMES.map((name) => {
    if (!Object.hasOwn(value as object, name)) {
      throw new Unreadable('An object needs "q", "k" and "v", each an array of rows.');
    }
    return headsOf((value as Record<string, unknown>)[name], `"${name}"`);
  }) as [Heads, Heads, Heads];
  const wrong = problemOf({ q, k, v, options: PLAIN, step: 0 });
  if (wrong) throw new Unreadable(wrong);
  return { kind: 'all', matrices: { q, k, v } };
}

/** [[…], …] is one head, [[[…], …], …] several, […] a single row. */
function headsOf(value: unknown, name: string): Heads {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Unreadable(`${name} must be an array of rows.`);
  }
  const heads = depthOf(value) === 3 ? value : [depthOf(value) === 1 ? [value] : value];
  if (heads.length > LIMITS.heads) throw new Unreadable(`At most ${LIMITS.heads} heads.`);
  return heads.map((rows) => rowsOf(rows, name));
}

function depthOf(value: unknown): number {
  return Array.isArray(value) ? 1 + depthOf(value[0]) : 0;
}

function rowsOf(rows: unknown, name: string): Rows {
  const isTable = Array.isArray(rows) && rows.every((row) => Array.isArray(row));
  if (!isTable) throw new Unreadable(`${name} must be an array of rows, each an array of numbers.`);
  checkShape(rows);
  for (const [i, row] of rows.entries()) {
    for (const [j, number] of row.entries()) {
      const reading =
        typeof number === 'number' ? readValue(number) : { ok: false, problem: 'Not a number.' };
      if (reading.ok) continue;
      throw new Unreadable(`Row ${i + 1}, column ${j + 1} of ${name}: ${reading.problem}`);
    }
  }
  return rows;
}

function onlyHead(heads: Heads): Rows {
  const [rows, ...others] = heads;
  if (!rows || others.length > 0) {
    throw new Unreadable('Several heads must be in an object with "q", "k" and "v".');
  }
  return rows;
}

function checkShape(rows: readonly (readonly unknown[])[]): void {
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged >= 0) {
    const length = rows[ragged]?.length;
    throw new Unreadable(
      `Row ${ragged + 1} has ${length} and row 1 has ${width}: every row must be as long as the first.`,
    );
  }
  const most = LIMITS.side;
  if (height > most || width > most || width === 0) {
    throw new Unreadable(
      `A matrix has 1 to ${most} rows and columns; this has ${height} × ${width}.`,
    );
  }
}

function short(cell: string): string {
  const trimmed = cell.trim();
  return trimmed.length > 20 ? `${trimmed.slice(0, 20)}…` : trimmed;
}

function problem(text: string): Pasted {
  return { kind: 'problem', problem: text };
}
