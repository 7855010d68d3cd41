import { Bump } from '../memory/bump.js';
import type { Heap } from '../memory/heap.js';
import { InMemory, Resident } from '../memory/resident.js';
import { elementsOf } from '../shape.js';
import type { Captured } from '../types.js';
import { type Call, type Operand, tensorsOf } from './call.js';
import { shapeOfCapture } from './captures.js';
import type { Extents } from './extents.js';
import type { OptionName } from './options.js';

/** Offsets of the parts of one call in the scratch memory, in bytes. */
export interface Placement {
  readonly bytes: number;
  /** Undefined if it is in memory already. */
  readonly query: number | undefined;
  readonly key: number | undefined;
  readonly value: number | undefined;
  /** Undefined if the core writes to `out`. */
  readonly output: number | undefined;
  readonly tensors: Partial<Record<OptionName, number>>;
  readonly captures: Partial<Record<Captured, number>>;
  readonly workspace: number;
}

/**
 * Lays out the parts of a call. The output overwrites a copied query of the same shape, unless
 * `keepsQuery`: `attend` of the core reads each row before it writes it, `trace` does not.
 */
export function place(
  call: Call,
  { batch, heads, queries, keys, depth, valueDepth }: Extents,
  heap: Heap,
  workspaceBytes: number,
  keepsQuery: boolean,
): Placement {
  const bump = new Bump(heap.alignment);
  const isInPlace = call.out instanceof Resident && call.out.addressIn(heap, 'out') !== undefined;
  const query = placeOperand(bump, call.query, heap);
  const room = keepsQuery || depth !== valueDepth ? undefined : query;
  return {
    query,
    key: placeOperand(bump, call.key, heap),
    value: placeOperand(bump, call.value, heap),
    tensors: placeTensors(bump, call),
    output: isInPlace ? undefined : (room ?? bump.take(4 * batch * heads * queries * valueDepth)),
    captures: placeCaptures(bump, call, [batch, heads, queries], keys),
    workspace: bump.take(workspaceBytes),
    bytes: bump.bytes,
  };
}

function placeOperand(bump: Bump, { source, argument }: Operand, heap: Heap): number | undefined {
  if (source instanceof InMemory && source.addressIn(heap, argument) !== undefined)
    return undefined;
  return bump.take(source.data.byteLength);
}

function placeTensors(bump: Bump, { options }: Call): Placement['tensors'] {
  const tensors: Partial<Record<OptionName, number>> = {};
  for (const { name, source } of tensorsOf(options)) {
    tensors[name] = bump.take(source.data.byteLength);
  }
  return tensors;
}

function placeCaptures(
  bump: Bump,
  { capture }: Call,
  perQuery: readonly number[],
  keys: number,
): Placement['captures'] {
  const captures: Partial<Record<Captured, number>> = {};
  for (const name of capture) {
    captures[name] = bump.take(4 * elementsOf(shapeOfCapture(name, perQuery, keys)));
  }
  return captures;
}
