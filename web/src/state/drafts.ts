import { type Reading, readNumber } from '../numbers/numberGrammar.ts';
import type { InputName } from './cells.ts';
import type { CellAddress } from './commands.ts';
import { INPUT_NAMES, type Model } from './model.ts';

/** Typed texts that are not numbers yet, or that the page would write differently. */
export type Drafts = Readonly<Record<string, string>>;

export interface Problem extends CellAddress {
  readonly text: string;
}

export function draftKey({ matrix, head, row, column }: CellAddress): string {
  return `${matrix}:${head}:${row}:${column}`;
}

/** The text of an input cell: the draft while it is wrong or means the model's number. */
export function textAt(model: Model, drafts: Drafts, at: CellAddress): string {
  const value = model[at.matrix][at.head]?.[at.row]?.[at.column];
  const draft = drafts[draftKey(at)];
  if (draft !== undefined) {
    const reading = readNumber(draft);
    if (!reading.ok || Object.is(reading.value, value)) return draft;
  }
  return value === undefined ? '' : String(value);
}

/** The drafts that are not numbers, in the order of the page. */
export function problemsOf(model: Model, drafts: Drafts): Problem[] {
  return Object.entries(drafts)
    .map(([key, draft]) => ({ at: addressOf(key), reading: readNumber(draft) }))
    .filter(({ at }) => model[at.matrix][at.head]?.[at.row]?.[at.column] !== undefined)
    .flatMap(({ at, reading }) => problem(at, reading))
    .sort(
      (a, b) =>
        INPUT_NAMES.indexOf(a.matrix) - INPUT_NAMES.indexOf(b.matrix) ||
        a.head - b.head ||
        a.row - b.row ||
        a.column - b.column,
    );
}

function problem(at: CellAddress, reading: Reading): Problem[] {
  return reading.ok ? [] : [{ ...at, text: reading.problem }];
}

function addressOf(key: string): CellAddress {
  const [matrix, ...at] = key.split(':');
  const [head = 0, row = 0, column = 0] = at.map(Number);
  return { matrix: matrix as InputName, head, row, column };
}
