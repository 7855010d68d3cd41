import { alignUp } from './heap.js';

/** Lays parts out one after the other, each on a boundary of 64 bytes; `take` gives their offsets. */
export class Bump {
  bytes = 0;

  take(size: number): number {
    const offset = this.bytes;
    this.bytes += alignUp(size);
    return offset;
  }
}
