import type { Computation } from '../state/computation.ts';
import type { Model } from '../state/model.ts';
import { csvOf } from './csv.ts';
import type { Format } from './formats.ts';
import { jsonOf } from './json.ts';
import { pngOf } from './png.ts';
import { pictureOf } from './svg.ts';
import type { Table } from './tables.ts';

/** What the reader saves: JSON holds everything, the other formats one table of one head. */
export interface Choice {
  readonly model: Model;
  readonly heads: readonly Computation[];
  readonly head: number;
  readonly table: Table;
}

/** `attention-weights.csv`, `attention-head-2-weights.png`, `attention.json`. */
export function fileName(format: Format, { heads, head, table }: Choice): string {
  if (format === 'JSON') return 'attention.json';
  const part = heads.length > 1 ? `head-${head + 1}-${table.id}` : table.id;
  return `attention-${part}.${format.toLowerCase()}`;
}

export async function fileOf(format: Format, { model, heads, head, table }: Choice): Promise<Blob> {
  if (format === 'JSON') return new Blob([jsonOf(model, heads)], { type: 'application/json' });
  const computation = heads[head];
  if (!computation) throw new Error('Nothing is computed yet.');
  const matrix = table.of(computation);
  if (format === 'CSV') return new Blob([csvOf(matrix)], { type: 'text/csv' });
  const title = heads.length > 1 ? `${table.title} (head ${head + 1})` : table.title;
  const picture = pictureOf(table, matrix, title);
  return format === 'SVG' ? new Blob([picture.svg], { type: 'image/svg+xml' }) : pngOf(picture);
}
