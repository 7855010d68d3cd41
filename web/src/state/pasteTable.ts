import { readNumber } from '../numbers/numberGrammar.ts';
import { LIMITS, type Rows } from './model.ts';

/** Why pasted text is no matrix. */
export class Unreadable extends Error {}

/** Text that can mean two things, and what to read for each. */
export class Ambiguous extends Error {
  constructor(
    message: string,
    readonly answers: readonly { readonly label: string; readonly text: string }[],
  ) {
    super(message);
  }
}

const SPACES_OR_COMMA = /\s*,\s*|\s+/;
const WITH_COMMA = /^[-+\u2212]?\d*,\d+$/;
/** A comma before three digits, as it also groups thousands. */
const MAY_GROUP = /^[-+\u2212]?[1-9]\d{0,2},\d{3}$/;
/** Where spaces separate numbers, a comma inside a number may be decimal, or separate numbers as well. */
const hasBoth = (line: string) => /\d,\d/.test(line) && /[^\s,]\s+[^\s,]/.test(line);

/** Rows of numbers as spreadsheets copy them (tabs), or with semicolons, commas or spaces. */
export function fromTable(text: string): Rows {
  const separator = text.includes('\t') ? '\t' : text.includes(';') ? ';' : null;
  const lines = text
    .replace(/\s+$/, '')
    .replace(/^(\s*\n)+/, '')
    .split(/\r?\n/);
  if (separator === null) {
    askAboutCommas(text, lines);
    return numbersOf(lines.map((line) => line.trim().split(SPACES_OR_COMMA)));
  }
  const cells = lines.map((line) => (separator === '\t' ? line : line.trim()).split(separator));
  return numbersOf(withPoints(text, cells));
}

const WRAPPER = /^(?:\w+\.)?(?:array|matrix|tensor)\s*\(\s*(\[.*\])\s*(?:,\s*\w+\s*=[^[\]]*)*\)$/is;
const INNER_ROW = /\[([^[\]]*)\]/g;

export function isPrinted(text: string): boolean {
  return text.startsWith('[') || WRAPPER.test(text);
}

/** A matrix as NumPy and PyTorch print it, `[[1. 2.] [3. 4.]]`, or as MATLAB writes it, `[1 2; 3 4]`. */
export function fromPrinted(text: string): Rows {
  const brackets = WRAPPER.exec(text)?.[1] ?? text;
  if (text.includes('...')) {
    throw new Unreadable('“...” stands for numbers that were left out. Print all of them.');
  }
  const inside = /^\[(.*)\]$/s.exec(brackets)?.[1];
  if (inside === undefined) throw new Unreadable(BRACKETS);
  const inner = [...inside.matchAll(INNER_ROW)].map(([, row = '']) => row);
  const outside = inside.replaceAll(INNER_ROW, '').trim();
  if (inner.length === 0 && !/[[\]]/.test(inside)) return fromLines(inside.split(';'));
  if (/^[,\s]*$/.test(outside)) return fromLines(inner);
  throw new Unreadable(/^[[\],\s]*$/.test(outside) ? SEVERAL_HEADS : BRACKETS);
}

export const BRACKETS = 'It starts like JSON but cannot be read: check its brackets and commas.';
export const SEVERAL_HEADS = 'Several heads must be in an object with "q", "k" and "v".';

function fromLines(lines: readonly string[]): Rows {
  const rows = lines.map((line) => line.trim().replace(/,$/, ''));
  askAboutCommas(rows.join('\n'), rows);
  return numbersOf(rows.map((row) => row.split(SPACES_OR_COMMA)));
}

export function checkShape(rows: readonly (readonly unknown[])[]): void {
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

function numbersOf(cells: readonly (readonly string[])[]): Rows {
  checkShape(cells);
  return cells.map((row, i) =>
    row.map((cell, j) => {
      const reading = readNumber(cell);
      if (reading.ok) return reading.value;
      throw new Unreadable(`Row ${i + 1}, column ${j + 1}, “${short(cell)}”: ${reading.problem}`);
    }),
  );
}

/** `1,5 2,5` is 1.5 and 2.5, or four numbers. */
function askAboutCommas(text: string, lines: readonly string[]): void {
  const line = lines.find(hasBoth);
  if (line === undefined) return;
  const [points, spaces] = [text.replace(/(\d),(\d)/g, '$1.$2'), text.replaceAll(',', ' ')];
  const shown = (as: string) => short(as.split('\n')[lines.indexOf(line)] ?? as);
  throw new Ambiguous(`“${short(line)}” can mean two things. Which numbers are these?`, [
    { label: shown(points), text: points },
    { label: shown(spaces), text: spaces },
  ]);
}

/** Cells whose decimal comma becomes a point, where it cannot be anything else. */
function withPoints(text: string, cells: readonly string[][]): readonly string[][] {
  const all = cells.flat().map((cell) => cell.trim());
  const commas = all.filter((cell) => WITH_COMMA.test(cell));
  if (commas.length === 0 || all.some((cell) => cell.includes('.'))) return cells;
  const [first = ''] = commas;
  if (commas.every((cell) => MAY_GROUP.test(cell))) {
    throw new Ambiguous(`“${short(first)}” can mean two things. Which number is it?`, [
      { label: first.replace(',', '.'), text: text.replaceAll(',', '.') },
      { label: first.replace(',', ''), text: text.replaceAll(',', '') },
    ]);
  }
  return cells.map((row) => row.map((cell) => cell.replace(',', '.')));
}

function short(cell: string): string {
  const trimmed = cell.trim();
  return trimmed.length > 20 ? `${trimmed.slice(0, 20)}…` : trimmed;
}
