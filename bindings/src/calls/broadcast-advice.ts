import { type Advice, advice } from '../errors.js';
import type { Call } from './call.js';
import type { Broadcast } from './option-kinds.js';

/** Advice for a mask or bias that does not broadcast, if its shape shows what is meant. */
export function adviceForShape(option: 'mask' | 'bias', call: Call): Advice | undefined {
  const { source } = call.options[option] as Broadcast;
  const [first, ...rest] = source.shape as [number, ...number[]];
  const { batch, heads } = call.query.geometry;
  if (rest.length === 1 && first === batch) {
    const lengths = option === 'mask' ? lengthsOf(source.data, rest[0] as number) : undefined;
    const shape = `[${batch}, 1, 1, ${rest[0]}]`;
    return lengths === undefined
      ? advice`Padding [B, S] needs the shape ${shape}.`
      : advice`Padding [B, S] needs the shape ${shape}; or give keyLengths: [${lengths}] instead.`;
  }
  if (rest.length !== 2) return undefined;
  if (first === batch) return advice`For each batch element the shape is [${batch}, 1, ${rest}].`;
  if (first !== batch * heads) return undefined;
  return advice`For each batch element and head the shape is [${batch}, ${heads}, ${rest}].`;
}

/** How many keys each row attends, if these are the first ones. */
function lengthsOf(mask: ArrayLike<number>, keys: number): string | undefined {
  const rows = Array.from({ length: mask.length / keys }, (_, row) =>
    Array.from({ length: keys }, (_, j) => mask[row * keys + j] !== 0),
  );
  const lengths = rows.map((row) => row.filter(Boolean).length);
  const isPadded = rows.every((row, b) => row.lastIndexOf(true) < (lengths[b] as number));
  return isPadded ? lengths.join(', ') : undefined;
}
