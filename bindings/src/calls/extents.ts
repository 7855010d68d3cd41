import { describe, QkvError } from '../errors.js';
import type { Call } from './call.js';

/** Sizes of the problem, for qkv::Extents. */
export interface Extents {
  readonly batch: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly valueDepth: number;
}

/**
 * Query, key and value must agree on sizes, because the core receives each size once. A key or value with
 * a batch of 1 has a stride of 0.
 */
export function extentsOf(call: Call): Extents {
  const q = call.query.geometry;
  const k = call.key.geometry;
  const v = call.value.geometry;
  for (const { argument, geometry } of [call.key, call.value]) {
    if (geometry.batch === q.batch || geometry.batch === 1) continue;
    throw differ(call, argument, 'batch', q.batch, geometry.batch, 'query has, or 1');
  }
  if (q.columns !== k.columns) {
    throw differ(call, 'key', 'depth (last dimension)', q.columns, k.columns, 'query has');
  }
  if (k.heads !== v.heads) throw differ(call, 'value', 'heads', k.heads, v.heads, 'key has');
  if (k.rows !== v.rows) throw differ(call, 'value', 'rows', k.rows, v.rows, 'key has');
  return {
    batch: q.batch,
    heads: q.heads,
    keyHeads: k.heads,
    queries: q.rows,
    keys: k.rows,
    depth: q.columns,
    valueDepth: v.columns,
  };
}

function differ(
  { query, key, value }: Call,
  argument: string,
  what: string,
  expected: number,
  received: number,
  like: string,
): QkvError {
  return new QkvError('ERR_SHAPE', {
    argument,
    expected: `${what} ${expected}, as ${like}`,
    received: `${received}: query ${describe(query.shape)}, key ${describe(key.shape)}, value ${describe(value.shape)}`,
  });
}
