import type { Integers } from '../types.js';

export type TypedArray = Integers | Float32Array | Float64Array;

/** The name of a typed array's type, also of another realm. */
export function typeOfArray(value: unknown): string | undefined {
  return ArrayBuffer.isView(value) ? TYPE_NAME.call(value) : undefined;
}
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);
const TYPE_NAME = Object.getOwnPropertyDescriptor(TYPED_ARRAY, Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

const OVERRIDABLE = ['buffer', 'byteLength', 'byteOffset', 'length'] as const;

/** The same elements in a view without properties that the caller may have added or overridden. */
export function asPlainView<View extends TypedArray>(view: View): View {
  const prototype = Object.getPrototypeOf(view);
  // Not in a loop: engines make these checks cheap if the names are constants.
  const isPlain =
    (prototype === Float32Array.prototype || prototype === Uint8Array.prototype) &&
    !Object.hasOwn(view, 'buffer') &&
    !Object.hasOwn(view, 'byteLength') &&
    !Object.hasOwn(view, 'byteOffset') &&
    !Object.hasOwn(view, 'length') &&
    !Object.hasOwn(view, 'set') &&
    !Object.hasOwn(view, 'subarray') &&
    !Object.hasOwn(view, 'constructor'); // subarray() calls it
  if (isPlain) return view;
  const read = (name: (typeof OVERRIDABLE)[number]) =>
    Object.getOwnPropertyDescriptor(TYPED_ARRAY, name)?.get?.call(view);
  const Type = Reflect.get(globalThis, TYPE_NAME.call(view) as string) as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => View;
  const length = read('length');
  // A detached buffer allows no new view; expectStorage() checks the old one.
  return length === 0 ? view : new Type(read('buffer'), read('byteOffset'), length);
}

/** Whether the buffer was transferred, or shrunk below the view. */
export function isDetached(data: TypedArray): boolean {
  if (data.length > 0) return false;
  try {
    new Uint8Array(data.buffer); // throws if it is detached, in every engine
  } catch {
    return true;
  }
  return (data.buffer as ArrayBufferLike & { readonly resizable?: boolean }).resizable === true;
}
