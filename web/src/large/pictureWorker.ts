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
  /** Values of 1, which make the output the sum of each row's weights. */
  readonly ones: ResidentTensor;
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
  const { q, k, ones } = sequenceOf(attention, settings);
  const started = performance.now();
  const { weights, output } = attention.attend(q, k, ones, {
    ...optionsOf(settings),
    capture: ['weights'],
  });
  const computed = performance.now();
  if (!weights) throw new Error('The engine left out the weights.');
  const size = weights.data.length * Uint32Array.BYTES_PER_ELEMENT;
  const pixels = spare?.byteLength === size ? spare : new ArrayBuffer(size);
  paint(weights.data, pixels);
  return {
    length: settings.length,
    weights: weights.data,
    rowSums: output.data,
    pixels: new Uint8ClampedArray(pixels),
    variant: attention.info.variant,
    computeMs: computed - started,
    colourMs: performance.now() - computed,
  };
}

function sequenceOf(attention: Attention, { seed, length }: Settings): Sequence {
  if (sequence?.seed === seed && sequence.length === length) return sequence;
  for (const tensor of [sequence?.q, sequence?.k, sequence?.ones]) tensor?.dispose();
  sequence = null;
  const { q, k } = drawSequence(seed, length);
  const resident = ({ data, shape }: Tensor) => attention.tensor(shape, data);
  const ones = { data: new Float32Array(length).fill(1), shape: [length, 1] };
  sequence = { seed, length, q: resident(q), k: resident(k), ones: resident(ones) };
  return sequence;
}
