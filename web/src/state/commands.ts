import type { InputName } from './cells.ts';
import {
  type Heads,
  keyHeadOf,
  LIMITS,
  type Model,
  type Options,
  type Shape,
  shapeOf,
} from './model.ts';
import { STEP_COUNT } from './steps.ts';

/** Pure functions from one model to the next. Matrices always fit each other afterwards. */

export interface CellAddress {
  readonly matrix: InputName;
  readonly head: number;
  readonly row: number;
  readonly column: number;
}

export function setCell(model: Model, at: CellAddress, value: number): Model {
  const heads = model[at.matrix].map((rows, head) =>
    head === at.head
      ? rows.map((row, i) => (i === at.row ? row.with(at.column, value) : row))
      : rows,
  );
  return { ...model, [at.matrix]: heads };
}

/** New numbers are 0, new cells of the mask are true. A new head is the last one rotated by one column. */
export function resize(model: Model, change: Partial<Shape>): Model {
  const { queries, keys, depth, width, heads, keyHeads } = { ...shapeOf(model), ...change };
  const { mask } = model.options;
  return {
    ...model,
    q: resizedHeads(model.q, heads, queries, depth),
    k: resizedHeads(model.k, keyHeads, keys, depth),
    v: resizedHeads(model.v, keyHeads, keys, width),
    options: { ...model.options, mask: mask && resizedRows(mask, queries, keys, true) },
  };
}

/**
 * Replaces a matrix. Q, K and V must still fit each other, so the other two take over the number of rows
 * or columns that they share with it.
 */
export function setMatrix(model: Model, name: InputName, head: number, rows: Heads[number]): Model {
  const [height, length] = [rows.length, rows[0]?.length ?? 0];
  const change = {
    q: { queries: height, depth: length },
    k: { keys: height, depth: length },
    v: { keys: height, width: length },
  }[name];
  const fitted = resize(model, change);
  return { ...fitted, [name]: fitted[name].with(head, rows) };
}

/** Fills a matrix from a cell on. The matrix grows to the right and downwards, up to the limit. */
export function setBlock(model: Model, at: CellAddress, rows: Heads[number]): Model {
  const present = model[at.matrix][at.head] ?? [];
  const grown = (now: number, end: number) => Math.min(Math.max(now, end), LIMITS.side);
  const height = grown(present.length, at.row + rows.length);
  const length = grown(present[0]?.length ?? 0, at.column + (rows[0]?.length ?? 0));
  const filled = resizedRows(present, height, length, 0).map((row, i) =>
    row.map((value, j) => rows[i - at.row]?.[j - at.column] ?? value),
  );
  return setMatrix(model, at.matrix, at.head, filled);
}

/** Replaces all three matrices and resizes the mask to fit them. */
export function setMatrices(model: Model, matrices: Pick<Model, InputName>): Model {
  return resize({ ...model, ...matrices }, {});
}

export function setOptions(model: Model, change: Partial<Options>): Model {
  return { ...model, options: { ...model.options, ...change } };
}

/** A query sees one key fewer before (left) or after (right) its position; null if it sees none there. */
export function seeFewer(model: Model, side: 'left' | 'right'): Model | null {
  const now = model.options[side] ?? shapeOf(model).keys;
  return now > 0 ? setOptions(model, { [side]: now - 1 }) : null;
}

/** A query sees one key more, up to all keys; null if it already sees all. */
export function seeMore(model: Model, side: 'left' | 'right'): Model | null {
  const now = model.options[side];
  if (now === null) return null;
  const isAll = now + 1 >= shapeOf(model).keys;
  return setOptions(model, { [side]: isAll ? null : now + 1 });
}

/**
 * Sets the number of query heads and of key heads. The key heads must divide the query heads, so the next
 * smaller divisor is taken. Without `keyHeads`, heads that shared no keys continue to share none.
 */
export function setHeads(model: Model, heads: number, keyHeads?: number): Model {
  const shape = shapeOf(model);
  const wanted = keyHeads ?? (shape.keyHeads === shape.heads ? heads : shape.keyHeads);
  const divisors = keyHeadChoices(heads);
  const fitting = divisors.findLast((divisor) => divisor <= wanted) ?? 1;
  return resize(model, { heads, keyHeads: fitting });
}

/** The numbers of key heads that divide the query heads into groups of equal size. */
export function keyHeadChoices(heads: number): number[] {
  return Array.from({ length: heads }, (_, i) => i + 1).filter((count) => heads % count === 0);
}

/** Shows a key to a query, or hides it. A mask that hides nothing becomes null. */
export function toggleMask(model: Model, query: number, key: number): Model {
  const { queries, keys } = shapeOf(model);
  const mask = model.options.mask ?? resizedRows([], queries, keys, true);
  const toggled = mask.map((row, i) => (i === query ? row.with(key, !row[key]) : row));
  const hidesSome = toggled.some((row) => row.includes(false));
  return setOptions(model, { mask: hidesSome ? toggled : null });
}

/** Hides every key from a query, or shows all of them again. */
export function setMaskRow(model: Model, query: number, isSeen: boolean): Model {
  const { queries, keys } = shapeOf(model);
  const mask = model.options.mask ?? resizedRows([], queries, keys, true);
  const drawn = mask.map((row, i) => (i === query ? row.map(() => isSeen) : row));
  return setOptions(model, { mask: drawn.some((row) => row.includes(false)) ? drawn : null });
}

/** Adds a second query: the first one's numbers in reverse order. */
export function addSecondQuery(model: Model): Model {
  const { q } = resize(model, { queries: 2 });
  const reversed = q.map((rows) => rows.with(1, [...(rows[0] ?? [])].reverse()));
  return { ...resize(model, { queries: 2 }), q: reversed };
}

export function goToStep(model: Model, step: number): Model {
  return { ...model, step: Math.min(Math.max(step, 0), STEP_COUNT - 1) };
}

/** The matrices of one query head. */
export function headOf(
  model: Record<InputName, Heads>,
  head: number,
): Record<InputName, Heads[number]> {
  const keyHead = keyHeadOf(head, shapeOf(model));
  return {
    q: model.q[head] ?? [],
    k: model.k[keyHead] ?? [],
    v: model.v[keyHead] ?? [],
  };
}

function resizedHeads(matrices: Heads, heads: number, rows: number, columns: number): Heads {
  const resized = matrices.slice(0, heads).map((matrix) => resizedRows(matrix, rows, columns, 0));
  while (resized.length < heads) {
    const last = resized.at(-1) ?? [];
    resized.push(last.map((row) => [...row.slice(1), ...row.slice(0, 1)]));
  }
  return resized;
}

function resizedRows<Cell>(
  cells: readonly (readonly Cell[])[],
  rows: number,
  columns: number,
  blank: Cell,
): Cell[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cells[row]?.[column] ?? blank),
  );
}
