import type { CellKey, MatrixName } from '../state/cells.ts';
import type { Computation } from '../state/computation.ts';
import type { Projection } from './projection.ts';

/** A number by its key. */
export function lookUp(
  shown: Computation,
  projection: Projection | null,
  key: CellKey,
): number | undefined {
  const { name, at } = partsOf(key);
  const [a = 0, b = 0, c = 0] = at;
  switch (name) {
    case 'terms':
      return projection?.terms[a]?.at(b, c);
    case 'contributions':
      return shown.contributions[a]?.at(b, c);
    case 'rowMax':
    case 'rowSum':
    case 'weightSum':
      return shown[name].at(a, 0);
    case 'q':
    case 'k':
    case 'v':
    case 'products':
    case 'scaled':
    case 'masked':
    case 'exponentials':
    case 'weights':
    case 'output':
      return shown[name].at(a, b);
    default:
      return undefined;
  }
}

export function partsOf(key: CellKey): { name: MatrixName; at: number[] } {
  const [name = '', ...at] = key.split(':');
  return { name: name as MatrixName, at: at.map(Number) };
}
