export function alignUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Lays out parts one after the other; `take` returns the offset of a part. */
export class Bump {
  readonly #alignment: number;
  bytes = 0;

  constructor(alignment: number) {
    this.#alignment = alignment;
  }

  take(size: number): number {
    const offset = this.bytes;
    this.bytes += alignUp(size, this.#alignment);
    return offset;
  }
}
