/** Works for arrays of another realm, where `instanceof` does not. */
export function typeOfArray(value: unknown): string | undefined {
  return ArrayBuffer.isView(value) ? TYPE_NAME.call(value) : undefined;
}
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);
const TYPE_NAME = Object.getOwnPropertyDescriptor(TYPED_ARRAY, Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

const OVERRIDABLE = ['buffer', 'byteLength', 'byteOffset', 'length'] as const;

/** The same elements, with no property that the caller may have put in the way. */
export function asPlainView<View extends Float32Array | Uint8Array>(view: View): View {
  const prototype = Object.getPrototypeOf(view);
  // Written out: with names that are constants, engines make these checks cheap.
  const isPlain =
    (prototype === Float32Array.prototype || prototype === Uint8Array.prototype) &&
    !Object.hasOwn(view, 'buffer') &&
    !Object.hasOwn(view, 'byteLength') &&
    !Object.hasOwn(view, 'byteOffset') &&
    !Object.hasOwn(view, 'length') &&
    !Object.hasOwn(view, 'set');
  if (isPlain) return view;
  const read = (name: (typeof OVERRIDABLE)[number]) =>
    Object.getOwnPropertyDescriptor(TYPED_ARRAY, name)?.get?.call(view);
  const Type = (TYPE_NAME.call(view) === 'Uint8Array'
    ? Uint8Array
    : Float32Array) as unknown as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => View;
  const length = read('length');
  // Nothing can be made of a detached buffer; what its view says is checked later.
  return length === 0 ? view : new Type(read('buffer'), read('byteOffset'), length);
}

/** Transferred, or a view that no longer fits in its shrunk buffer. */
export function isDetached(data: Float32Array | Uint8Array): boolean {
  if (data.length > 0) return false;
  try {
    new Uint8Array(data.buffer); // throws if it is detached, in every engine
  } catch {
    return true;
  }
  return (data.buffer as ArrayBufferLike & { readonly resizable?: boolean }).resizable === true;
}
