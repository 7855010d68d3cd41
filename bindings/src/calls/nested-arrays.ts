import { describe, QkvError } from '../errors.js';

/** Shape and values of nested arrays. All rows of a level must have the same length. */
export function flatten(argument: string, input: readonly unknown[], type: 'number' | 'boolean') {
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
  const values: unknown[] = [];
  const visit = (level: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof level !== type) {
        const isArray = Array.isArray(level);
        throw new QkvError(isArray ? 'ERR_SHAPE' : 'ERR_TYPE', {
          argument: `${argument}${path}`,
          expected: `a ${type}`,
          received: describe(level),
          ...(isArray && { fix: 'All rows must be nested equally deep.' }),
        });
      }
      values.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[depth]) {
      throw new QkvError('ERR_SHAPE', {
        argument: `${argument}${path}`,
        expected: `an array of ${shape[depth]}, as long as the rows before it`,
        received: Array.isArray(level) ? `an array of ${level.length}` : describe(level),
        fix: 'Nested arrays must not be ragged.',
      });
    }
    for (let i = 0; i < shape[depth]; ++i) visit(level[i], depth + 1, `${path}[${i}]`);
  };
  visit(input, 0, '');
  return { shape, values };
}
