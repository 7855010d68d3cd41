import type { Heap } from './heap.js';

/** Whose memory a buffer is, while it is. */
const owners = new WeakMap<ArrayBufferLike, Heap>();

export function own(buffer: ArrayBufferLike, heap: Heap): void {
  owners.set(buffer, heap);
}

/**
 * The same elements wherever they are: a view of WebAssembly memory is made anew when the memory has
 * grown, which detaches the one that was given. Other views are never moved.
 */
export function following<View extends Float32Array | Uint8Array>(view: View): () => View {
  const { byteOffset, length } = view;
  return () => (view.length === length ? view : moved(view, byteOffset, length));
}

/** What a view that is shorter than it was has become, if the memory that it is of has grown. */
export function moved<View extends Float32Array | Uint8Array>(
  view: View,
  byteOffset: number,
  length: number,
): View {
  const owner = owners.get(view.buffer);
  if (owner === undefined || owner.buffer === view.buffer) return view;
  const Type = (view.BYTES_PER_ELEMENT === 1 ? Uint8Array : Float32Array) as unknown as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => View;
  return new Type(owner.buffer, byteOffset, length);
}
