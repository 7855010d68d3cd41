import { type Attention, createAttention, type ResidentTensor, type Tensor } from 'qkv';
import { paint } from './colours.ts';
import { optionsOf, type Picture, type Reply, type Request, type Settings } from './picture.ts';
import { drawSequence } from './sequence.ts';

/** Queries, keys and values stay in the engine's memory as long as only the options change. */
interface Sequence {
  readonly seed: number;
  readonly length: number;
  readonly q: ResidentTensor;
  readonly k: ResidentTensor;
  /** A key of 1s, whose product with weights is their sum; and, to attend to, a value of 1 for each. */
  readonly key: ResidentTensor; // [1, length]
  readonly values: ResidentTensor; // [length, 1]
}

const engine = createAttention();
let sequence: Sequence | null = null;

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  const { id, settings, spare } = data;
  try {
    const picture = draw(await engine, settings, spare);
    const transfer = [picture.pixels.buffer, picture.weights.buffer];
    postMessage({ id, ok: true, picture } satisfies Reply, { transfer });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    postMessage({ id, ok: false, reason } satisfies Reply);
  }
});

function draw(attention: Attention, settings: Settings, spare: ArrayBuffer | null): Picture {
  const { q, k, key, values } = sequenceOf(attention, settings);
  const started = performance.now();
  const { weights } = attention.attend(q, k, values, {
    ...optionsOf(settings),
    capture: ['weights'],
  });
  if (!weights) throw new Error('The engine left out the weights.');
  const rowSums = sumsOf(attention, weights, key);
  const computed = performance.now();
  const size = weights.data.length * Uint32Array.BYTES_PER_ELEMENT;
  const pixels = spare?.byteLength === size ? spare : new ArrayBuffer(size);
  paint(weights.data, pixels);
  return {
    length: settings.length,
    weights: weights.data,
    rowSums,
    pixels: new Uint8ClampedArray(pixels),
    variant: attention.info.variant,
    computeMs: computed - started,
    colourMs: performance.now() - computed,
  };
}

/** Of the weights as they are shown, not as they are used inside: by a product of the engine's. */
function sumsOf(attention: Attention, weights: Tensor, key: ResidentTensor): Float32Array {
  const rows = { data: weights.data, shape: weights.shape.slice(-2) };
  const { scoresRaw } = attention.attend(rows, key, [[1]], { scale: 1, capture: ['scoresRaw'] });
  if (!scoresRaw) throw new Error('The engine left out the sums.');
  return scoresRaw.data;
}

function sequenceOf(attention: Attention, { seed, length }: Settings): Sequence {
  if (sequence?.seed === seed && sequence.length === length) return sequence;
  for (const tensor of [sequence?.q, sequence?.k, sequence?.key, sequence?.values])
    tensor?.dispose();
  sequence = null;
  const { q, k } = drawSequence(seed, length);
  const resident = ({ data, shape }: Tensor) => attention.tensor(shape, data);
  const data = new Float32Array(length).fill(1);
  sequence = {
    ...{ seed, length, q: resident(q), k: resident(k) },
    key: resident({ data, shape: [1, length] }),
    values: resident({ data, shape: [length, 1] }),
  };
  return sequence;
}
