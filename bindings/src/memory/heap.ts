import { QkvError } from '../errors.js';
import type { MainModule as Module } from '../loading/glue.js';

export const PAGE = 65536;
export const MOST_MEMORY = 65536 * PAGE;
const ALIGNMENT = 64;
const KEPT = PAGE;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Whose memory a buffer is, while it is. */
const owners = new WeakMap<ArrayBufferLike, Heap>();

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

/** WebAssembly memory: views that follow its growth, and allocations that are counted and bounded. */
export class Heap {
  #module: Module;
  #memory: Pick<WebAssembly.Memory, 'buffer'>;
  readonly #limit: number;
  readonly #sizes = new Map<number, number>();
  /** Of tensors, by address. Here, since a view holds the memory and a tensor may outlive it. */
  readonly views = new Map<number, Float32Array>();
  #used = 0;
  #isClosed = false;
  #f32 = new Float32Array();
  #i32 = new Int32Array();
  #u8 = new Uint8Array();

  constructor(module: Module, memory: WebAssembly.Memory, limit: number) {
    this.#module = module;
    this.#memory = memory;
    this.#limit = limit;
  }

  /** What is only kept for the next call, and can be given back for something else. */
  idle: { readonly spare: number; giveBack(): void } | undefined;

  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  get buffer(): ArrayBufferLike {
    return this.#memory.buffer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get used(): number {
    return this.#used;
  }

  get f32(): Float32Array {
    this.#follow();
    return this.#f32;
  }

  get i32(): Int32Array {
    this.#follow();
    return this.#i32;
  }

  get u8(): Uint8Array {
    this.#follow();
    return this.#u8;
  }

  /** Growing detaches the old buffer: its views are empty. To ask the memory for it is slow. */
  #follow(): void {
    if (this.#u8.length === 0) this.#look();
  }

  #look(): void {
    const { buffer } = this.#memory;
    owners.set(buffer, this);
    this.#f32 = new Float32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#u8 = new Uint8Array(buffer);
  }

  /** Refuses, before anything is allocated, what cannot fit beside what is in use. */
  expectRoomFor(bytes: number): void {
    const inUse = this.#used - (this.idle?.spare ?? 0);
    if (inUse + alignUp(bytes) > this.#limit) {
      throw new QkvError('ERR_SIZE', {
        argument: 'memory',
        expected: `at most ${this.#limit} bytes in all`,
        received: `a call that needs ${alignUp(bytes)} bytes beside the ${inUse} in use`,
        fix: 'Raise maxMemory, dispose of tensors, capture less, or split the problem by heads or queries.',
      });
    }
  }

  /** The address of `bytes` bytes on a boundary of 64. */
  allocate(bytes: number): number {
    if (this.#isClosed) {
      throw new QkvError('ERR_DISPOSED', {
        argument: 'attention',
        expected: 'an instance in use',
        received: 'one that was disposed of',
        fix: 'Create another with createAttention().',
      });
    }
    this.expectRoomFor(bytes);
    const size = alignUp(Math.max(bytes, 1));
    if (this.#used + size > this.#limit) this.idle?.giveBack();
    let address = this.#module.allocate(size);
    if (address === 0 && this.idle && this.idle.spare > 0) {
      this.idle.giveBack();
      address = this.#module.allocate(size);
    }
    if (address === 0) {
      throw new QkvError('ERR_OOM', {
        argument: 'memory',
        expected: `${size} bytes`,
        received: `no room: ${this.#used} of ${this.bytes} bytes are in use, and the memory could not grow`,
        fix: 'Dispose of tensors, capture less, or split the problem by heads or queries.',
      });
    }
    this.#sizes.set(address, size);
    this.#used += size;
    return address;
  }

  /**
   * Ends the use of the memory: what is released afterwards is ignored. Nothing holds it any longer,
   * since tensors may be kept, and gigabytes of addresses are reserved for each.
   */
  close(): void {
    this.#isClosed = true;
    this.#sizes.clear();
    this.views.clear();
    this.#used = 0;
    this.#module = {} as Module;
    this.#memory = { buffer: new ArrayBuffer(0) };
    this.idle = undefined;
    this.#look();
  }

  release(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) return;
    this.#sizes.delete(address);
    this.views.delete(address);
    this.#used -= size;
    this.#module.release(address);
  }
}

/** One allocation that calls share, one after the other: it grows to what the largest needed. */
export class Scratch {
  readonly #heap: Heap;
  #address = 0;
  #size = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
    heap.idle = this;
  }

  /** What could be given back. Little is kept: a small call finds room even when the memory is full. */
  get spare(): number {
    return this.#size > KEPT ? this.#size : 0;
  }

  giveBack(): void {
    if (this.spare > 0) this.#release();
  }

  #release(): void {
    if (this.#size > 0) this.#heap.release(this.#address);
    this.#size = 0;
  }

  /** Whether `bytes` bytes are there already. */
  holds(bytes: number): boolean {
    return bytes <= this.#size;
  }

  /** An address with room for `bytes` bytes, valid until the next call. */
  reserve(bytes: number): number {
    if (bytes <= this.#size) return this.#address;
    this.#heap.expectRoomFor(bytes);
    this.#release();
    this.#address = this.#heap.allocate(bytes);
    this.#size = alignUp(bytes);
    return this.#address;
  }
}
