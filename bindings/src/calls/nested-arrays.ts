import { describe, QkvError } from '../errors.js';

type Item = 'number' | 'boolean';

/** Shape and values of nested arrays. All rows of a level must have the same length. */
export function flatten(argument: string, input: readonly unknown[], type: Item) {
  const shape = shapeOf(argument, input);
  const values: unknown[] = [];
  const visit = (level: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      expectItem(argument + path, level, type);
      values.push(level);
      return;
    }
    const length = shape[depth] as number;
    const row = expectRow(argument + path, level, length);
    for (let i = 0; i < length; ++i) visit(row[i], depth + 1, `${path}[${i}]`);
  };
  visit(input, 0, '');
  return { shape, values };
}

/** The lengths of the first row of each level. */
function shapeOf(argument: string, input: readonly unknown[]): number[] {
  const shape: number[] = [];
  for (let level: unknown = input; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > 4) {
      throw new QkvError('ERR_SHAPE', {
        argument,
        expected: 'at most 4 dimensions',
        received: 'arrays nested deeper',
      });
    }
    if (level.length === 0) break;
  }
  return shape;
}

function expectItem(argument: string, item: unknown, type: Item): void {
  if (typeof item === type) return;
  const isArray = Array.isArray(item);
  throw new QkvError(isArray ? 'ERR_SHAPE' : 'ERR_TYPE', {
    argument,
    expected: `a ${type}`,
    received: describe(item),
    ...(isArray && { fix: 'All rows must be nested equally deep.' }),
  });
}

function expectRow(argument: string, row: unknown, length: number): readonly unknown[] {
  if (Array.isArray(row) && row.length === length) return row;
  throw new QkvError('ERR_SHAPE', {
    argument,
    expected: `an array of ${length}, as long as the rows before it`,
    received: Array.isArray(row) ? `an array of ${row.length}` : describe(row),
    fix: 'Nested arrays must not be ragged.',
  });
}
