import type { InputName } from './cells.ts';
import { type Heads, keyHeadOf, type Model, type Options, type Shape, shapeOf } from './model.ts';
import { STEP_COUNT } from './steps.ts';

/** Pure functions from one model to the next. None of them can make a model that does not fit. */

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

/** New rows, columns and cells of the mask are 0 and true; a new head is the last one, turned by a column. */
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
 * Puts a matrix in the place of another one. Q, K and V must go on fitting each other, so the other two
 * take over the number of rows or columns that they share with it.
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

/** All three at once. A mask that was drawn for another shape is fitted to this one. */
export function setMatrices(model: Model, matrices: Pick<Model, InputName>): Model {
  return resize({ ...model, ...matrices }, {});
}

export function setOptions(model: Model, change: Partial<Options>): Model {
  return { ...model, options: { ...model.options, ...change } };
}

/** Shows a key to a query, or hides it. A mask that hides nothing is no mask. */
export function toggleMask(model: Model, query: number, key: number): Model {
  const { queries, keys } = shapeOf(model);
  const mask = model.options.mask ?? resizedRows([], queries, keys, true);
  const toggled = mask.map((row, i) => (i === query ? row.with(key, !row[key]) : row));
  const hidesSome = toggled.some((row) => row.includes(false));
  return setOptions(model, { mask: hidesSome ? toggled : null });
}

export function goToStep(model: Model, step: number): Model {
  return { ...model, step: Math.min(Math.max(step, 0), STEP_COUNT - 1) };
}

/** The matrices that one head works with. */
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
