import { advice, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import { alignUp } from './bump.js';
import { own } from './following.js';

export const PAGE = 65536;
export const MOST_MEMORY = 65536 * PAGE;

/** WebAssembly memory: views that follow its growth, and allocations that are counted and limited. */
export class Heap {
  #module: MainModule;
  #memory: Pick<WebAssembly.Memory, 'buffer'>;
  readonly #limit: number;
  /** Alignment of every allocation, in bytes. */
  readonly alignment: number;
  readonly #sizes = new Map<number, number>();
  /** Views of tensors, by address. A view keeps the memory alive, so close() must be able to drop them. */
  readonly views = new Map<number, Float32Array<ArrayBuffer>>();
  #used = 0;
  #isClosed = false;
  #f32 = new Float32Array();
  #i32 = new Int32Array();
  #u8 = new Uint8Array();

  constructor(module: MainModule, memory: WebAssembly.Memory, limit: number) {
    this.#module = module;
    this.#memory = memory;
    this.#limit = limit;
    this.alignment = module.alignment;
  }

  /** Memory that is kept for the next call. It is freed if an allocation needs the room. */
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

  get f32(): Float32Array<ArrayBuffer> {
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

  /** After growth the old views have length 0. Reading `memory.buffer` each time would be slow. */
  #follow(): void {
    if (this.#u8.length === 0) this.#look();
  }

  #look(): void {
    const { buffer } = this.#memory;
    own(buffer, this);
    this.#f32 = new Float32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#u8 = new Uint8Array(buffer);
  }

  /** Throws if `bytes` do not fit beside the memory in use. */
  expectRoomFor(bytes: number): void {
    const inUse = this.#used - (this.idle?.spare ?? 0);
    const needed = alignUp(bytes, this.alignment);
    if (inUse + needed > this.#limit) {
      throw new QkvError('ERR_SIZE', {
        argument: 'memory',
        expected: `at most ${this.#limit} bytes in all`,
        received: `a call that needs ${needed} bytes beside the ${inUse} in use`,
        fix:
          this.#limit < MOST_MEMORY
            ? advice`Raise maxMemory, dispose of tensors, capture less, split the problem by heads or queries, or use qkv/pool, where each worker has its own memory.`
            : advice`WebAssembly addresses no more: dispose of tensors, capture less, split the problem by heads or queries, or use qkv/pool, where each worker has its own memory.`,
      });
    }
  }

  /** Allocates `bytes` bytes and returns their address. */
  allocate(bytes: number): number {
    if (this.#isClosed) {
      throw new QkvError('ERR_DISPOSED', {
        argument: 'attention',
        expected: 'an instance in use',
        received: 'one that was disposed of',
        fix: advice`Create another with createAttention().`,
      });
    }
    this.expectRoomFor(bytes);
    const size = alignUp(Math.max(bytes, 1), this.alignment);
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
        fix: advice`Dispose of tensors, capture less, or split the problem by heads or queries.`,
      });
    }
    this.#sizes.set(address, size);
    this.#used += size;
    return address;
  }

  /**
   * Drops the memory. Tensors may outlive the instance, and an engine reserves gigabytes of addresses
   * for each memory, so nothing may refer to it any more. Later releases are ignored.
   */
  close(): void {
    this.#isClosed = true;
    this.#sizes.clear();
    this.views.clear();
    this.#used = 0;
    this.#module = {} as MainModule;
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
