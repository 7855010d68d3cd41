import { interpolateCividis } from 'd3-scale-chromatic';
import { describe, expect, test, vi } from 'vitest';
import { brightness, legendPixels } from '../../web/src/large/colours.ts';
import { PictureComputer } from '../../web/src/large/computePicture.ts';
import { LivePicture } from '../../web/src/large/livePicture.svelte.ts';
import { cellAt, moved } from '../../web/src/large/moves.ts';
import type { Request, Settings } from '../../web/src/large/picture.ts';
import { DEPTH, drawSequence } from '../../web/src/large/sequence.ts';
import { engine } from './open.ts';
import { attention } from './reference.ts';

const SETTINGS: Settings = { seed: 7, length: 128, sharpness: 1, pattern: 'full', reach: 5 };
const { length } = SETTINGS;

function rowsOf(seed: number) {
  const { q, k } = drawSequence(seed, length);
  const cut = (data: ArrayLike<number>) =>
    Array.from({ length }, (_, i) => Array.from(data).slice(i * DEPTH, (i + 1) * DEPTH));
  return { q: cut(q.data), k: cut(k.data), v: Array.from({ length }, () => [1]) };
}

describe('the picture', () => {
  const computer = new PictureComputer(engine);

  test.each([
    ['every key', {}, {}],
    ['causal', { pattern: 'causal' }, { sees: (i: number, j: number) => j <= i }],
    ['a window', { pattern: 'window' }, { sees: (i: number, j: number) => Math.abs(i - j) <= 5 }],
    ['four times the scale', { sharpness: 4 }, { divisor: Math.sqrt(DEPTH) / 4 }],
    ['another seed', { seed: 31 }, {}],
  ] as const)('its weights are right: %s', (_, change, options) => {
    const settings: Settings = { ...SETTINGS, ...change };
    const { weights, rowSums, pixels } = computer.compute(settings, null);
    const wanted = attention(rowsOf(settings.seed), options).weights.flat();
    for (const [i, weight] of weights.entries())
      if (Math.abs(weight - wanted[i]) > 4e-6) expect(weight, `weight ${i}`).toBe(wanted[i]);
    for (const sum of rowSums) expect(Math.abs(sum - 1)).toBeLessThan(2e-6);
    for (let at = 0; at < weights.length; at += 97) {
      const shade =
        interpolateCividis(weights[at] ** 0.25)
          .match(/\d+/g)
          ?.map(Number) ?? [];
      // The index of the shade drops bits, so a neighbour may be taken.
      for (const channel of [0, 1, 2])
        expect(Math.abs(pixels[4 * at + channel] - shade[channel])).toBeLessThanOrEqual(3);
      expect(pixels[4 * at + 3]).toBe(255);
    }
  });

  test('a spare buffer of the right size is used again', () => {
    const spare = new ArrayBuffer(4 * length * length);
    expect(computer.compute(SETTINGS, spare).pixels.buffer).toBe(spare);
    expect(computer.compute(SETTINGS, new ArrayBuffer(4)).pixels.byteLength).toBe(spare.byteLength);
  });

  test('the legend goes from dark for 0 to bright for 1, by the fourth root', () => {
    expect([brightness(0), brightness(1)]).toEqual([0, 1]);
    expect(brightness(0.0016)).toBeCloseTo(0.2, 12);
    const { data, width } = legendPixels();
    const sumAt = (at: number) => data[4 * at] + data[4 * at + 1] + data[4 * at + 2];
    expect(width).toBe(256);
    expect(sumAt(0)).toBeLessThan(sumAt(128));
    expect(sumAt(128)).toBeLessThan(sumAt(255));
  });
});

describe('the cross', () => {
  test.each([
    ['ArrowUp', false, 254, 255],
    ['ArrowDown', false, 256, 255],
    ['ArrowLeft', false, 255, 254],
    ['ArrowRight', false, 255, 256],
    ['ArrowDown', true, 271, 255],
    ['ArrowLeft', true, 255, 239],
    ['PageUp', false, 239, 255],
    ['PageDown', false, 271, 255],
    ['Home', false, 255, 0],
    ['End', false, 255, 511],
  ])('%s, shift %s', (pressed, shift, query, key) => {
    expect(moved({ query: 255, key: 255 }, pressed, shift, 512)).toEqual({ query, key });
  });

  test('stays inside, and other keys are not its own', () => {
    expect(moved({ query: 0, key: 0 }, 'PageUp', false, 512)).toEqual({ query: 0, key: 0 });
    expect(moved({ query: 511, key: 0 }, 'ArrowDown', true, 512)).toEqual({ query: 511, key: 0 });
    expect(moved({ query: 1, key: 1 }, 'a', false, 512)).toBeNull();
    expect(cellAt(0.25, 0.5, 512)).toEqual({ query: 256, key: 128 });
    expect(cellAt(-0.1, 1.1, 512)).toEqual({ query: 511, key: 0 });
  });
});

describe('a worker that is asked for pictures', () => {
  class FakeWorker {
    static readonly all: FakeWorker[] = [];
    readonly asked: Request[] = [];
    isEnded = false;
    onmessage?: (event: { data: unknown }) => void;
    onerror?: (event: { message: string }) => void;
    constructor() {
      FakeWorker.all.push(this);
    }
    postMessage(request: Request) {
      this.asked.push(request);
    }
    terminate() {
      this.isEnded = true;
    }
    answer() {
      const id = this.asked.at(-1)?.id;
      const pixels = new Uint8ClampedArray(4);
      this.onmessage?.({ data: { id, ok: true, picture: { pixels, computeMs: 1, colourMs: 2 } } });
    }
  }

  test('has one request at a time, then the latest; when it failed another is started', () => {
    vi.stubGlobal('Worker', FakeWorker);
    const drawn: unknown[] = [];
    const live = new LivePicture((picture) => drawn.push(picture));
    for (const sharpness of [1, 2, 3]) live.ask({ ...SETTINGS, sharpness });
    const [worker] = FakeWorker.all;
    const asked = () => worker.asked.map(({ settings }) => settings.sharpness);
    expect(asked()).toEqual([1]);
    worker.answer();
    expect(asked(), 'what came between is dropped').toEqual([1, 3]);
    worker.answer();
    expect(drawn).toHaveLength(2);
    expect(live.picture).toBe(drawn[1]);
    const { compute, colour, handOver, draw, total } = live.timing ?? { total: Number.NaN };
    expect([compute, colour]).toEqual([1, 2]);
    expect((compute ?? 0) + (colour ?? 0) + (handOver ?? 0) + (draw ?? 0)).toBeCloseTo(total, 6);

    live.ask(SETTINGS);
    worker.onerror?.({ message: '' });
    expect(live.failure).toMatch(/could not be loaded/);
    expect(worker.isEnded).toBe(true);
    live.ask(SETTINGS);
    FakeWorker.all[1].answer();
    expect(live.failure).toBeNull();
    live.stop();
    expect(FakeWorker.all[1].isEnded).toBe(true);
    vi.unstubAllGlobals();
  });
});
