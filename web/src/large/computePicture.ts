import type { Attention, ResidentTensor, Tensor } from 'qkv';
import { paint } from './colours.ts';
import { optionsOf, type Picture, type Settings } from './picture.ts';
import { drawSequence } from './sequence.ts';

/** Queries, keys and values stay in the engine's memory as long as only the options change. */
interface Sequence {
  readonly seed: number;
  readonly length: number;
  readonly q: ResidentTensor;
  readonly k: ResidentTensor;
  readonly ones: ResidentTensor; // [1, length]; its dot product with weights is their sum
  readonly values: ResidentTensor; // [length, 1]
}

/** Computes pictures, one after the other, with one engine. */
export class PictureComputer {
  readonly #attention: Attention;
  #sequence: Sequence | null = null;

  constructor(attention: Attention) {
    this.#attention = attention;
  }

  /** `spare` is used again for the pixels if it has the right size. */
  compute(settings: Settings, spare: ArrayBuffer | null): Picture {
    const { q, k, ones, values } = this.#sequenceOf(settings);
    const started = performance.now();
    const { weights } = this.#attention.attend(q, k, values, {
      ...optionsOf(settings),
      capture: ['weights'],
    });
    if (!weights) throw new Error('The engine left out the weights.');
    const rowSums = this.#sumsOf(weights, ones);
    const computed = performance.now();
    const size = weights.data.length * Uint32Array.BYTES_PER_ELEMENT;
    const pixels = spare?.byteLength === size ? spare : new ArrayBuffer(size);
    paint(weights.data, pixels);
    return {
      length: settings.length,
      weights: weights.data,
      rowSums,
      pixels: new Uint8ClampedArray(pixels),
      variant: this.#attention.info.variant,
      computeMs: computed - started,
      colourMs: performance.now() - computed,
    };
  }

  /** Sums of the captured weights, by a product of the engine. */
  #sumsOf(weights: Tensor, ones: ResidentTensor): Float32Array {
    const rows = { data: weights.data, shape: weights.shape.slice(-2) };
    const { scoresRaw } = this.#attention.attend(rows, ones, [[1]], {
      scale: 1,
      capture: ['scoresRaw'],
    });
    if (!scoresRaw) throw new Error('The engine left out the sums.');
    return scoresRaw.data;
  }

  #sequenceOf({ seed, length }: Settings): Sequence {
    const kept = this.#sequence;
    if (kept?.seed === seed && kept.length === length) return kept;
    for (const tensor of [kept?.q, kept?.k, kept?.ones, kept?.values]) tensor?.dispose();
    this.#sequence = null;
    const { q, k } = drawSequence(seed, length);
    const resident = ({ data, shape }: Tensor) => this.#attention.tensor(shape, data);
    const data = new Float32Array(length).fill(1);
    this.#sequence = {
      ...{ seed, length, q: resident(q), k: resident(k) },
      ones: resident({ data, shape: [1, length] }),
      values: resident({ data, shape: [length, 1] }),
    };
    return this.#sequence;
  }
}
