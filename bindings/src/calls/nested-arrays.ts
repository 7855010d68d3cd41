import { describe, QkvError } from '../errors.js';
import { asPlainView, type TypedArray, typeOfArray } from './typed-arrays.js';

/** What nested arrays hold. */
interface Items {
  /** Throws unless it is one. */
  check(argument: string, item: unknown): void;
  /** The items of a row that is a typed array. */
  read(argument: string, row: TypedArray): ArrayLike<unknown>;
}

/** Shape and values of nested arrays. All rows of a level must have the same length. */
export function flatten(argument: string, input: readonly unknown[], items: Items) {
  const shape = shapeOf(argument, input);
  const values: unknown[] = [];
  const visit = (level: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      expectItem(argument + path, level, items);
      values.push(level);
      return;
    }
    const length = shape[depth] as number;
    const row = rowOf(argument + path, level, length, items);
    for (let i = 0; i < length; ++i) visit(row[i], depth + 1, `${path}[${i}]`);
  };
  visit(input, 0, '');
  return { shape, values };
}

/** The lengths of the first row of each level. */
function shapeOf(argument: string, input: readonly unknown[]): number[] {
  const shape: number[] = [];
  let level: unknown = input;
  while (Array.isArray(level) || typeOfArray(level)) {
    const row = level as ArrayLike<unknown>;
    shape.push(row.length);
    if (shape.length > 4) {
      throw new QkvError('ERR_SHAPE', {
        argument,
        expected: 'at most 4 dimensions',
        received: 'arrays nested deeper',
      });
    }
    if (row.length === 0) break;
    level = row[0];
  }
  return shape;
}

function expectItem(argument: string, item: unknown, items: Items): void {
  if (!Array.isArray(item)) {
    items.check(argument, item);
    return;
  }
  throw new QkvError('ERR_SHAPE', {
    argument,
    expected: 'all rows nested equally deep',
    received: describe(item),
  });
}

function rowOf(argument: string, row: unknown, length: number, items: Items): ArrayLike<unknown> {
  const isTyped = typeOfArray(row) !== undefined;
  const list = isTyped ? asPlainView(row as TypedArray) : (row as readonly unknown[]);
  if ((isTyped || Array.isArray(row)) && list.length === length)
    return isTyped ? items.read(argument, list as TypedArray) : list;
  throw new QkvError('ERR_SHAPE', {
    argument,
    expected: `an array of ${length}, as long as the rows before it (ragged arrays are no tensor)`,
    received: isTyped || Array.isArray(row) ? `an array of ${list.length}` : describe(row),
  });
}
