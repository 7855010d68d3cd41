import type { Heap } from './heap.js';

/** The heap that a buffer belongs to. */
const owners = new WeakMap<ArrayBufferLike, Heap>();

export function own(buffer: ArrayBufferLike, heap: Heap): void {
  owners.set(buffer, heap);
}

/**
 * Returns the elements of a view wherever they are now. When WebAssembly memory grows, its buffer is
 * detached, and a view of it must be replaced. Other views never move.
 */
export function following<View extends Float32Array | Uint8Array>(view: View): () => View {
  const { byteOffset, length } = view;
  return () => (view.length === length ? view : moved(view, byteOffset, length));
}

/** The view that replaces `view`, whose buffer was detached, if it was a view of WebAssembly memory. */
export function moved<View extends Float32Array | Uint8Array>(
  view: View,
  byteOffset: number,
  length: number,
): View {
  const owner = owners.get(view.buffer);
  if (owner === undefined || owner.buffer === view.buffer) return view;
  // Of an instance that was disposed of, nothing is left.
  if (byteOffset + length * view.BYTES_PER_ELEMENT > owner.buffer.byteLength) return view;
  const Type = (view.BYTES_PER_ELEMENT === 1 ? Uint8Array : Float32Array) as unknown as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => View;
  return new Type(owner.buffer, byteOffset, length);
}
