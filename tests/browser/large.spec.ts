import { interpolateCividis } from 'd3-scale-chromatic';
import { type AttentionOptions, createAttention } from 'qkv';
import { DEPTH, drawSequence } from '../../web/src/large/sequence.ts';
import { expect, halfUnit, type Locator, type Page, test, toNumber } from './examplePage.ts';
import { openSection } from './sectionPage.ts';

/** The page's own, before the reader changes it. */
const SEED = 7;
test.describe.configure({ timeout: 60_000 });
// The tests read the canvas back, which the page does not.
test.use({ tolerated: /willReadFrequently/ });

/** Between variants, which add up in another order. */
const ROUNDING = 2e-6;

interface Settings {
  seed?: number;
  length?: number;
  options?: AttentionOptions;
}

/** The engine's weights of the page's made-up text, computed here. */
async function weightsOf({ seed = SEED, length = 512, options }: Settings): Promise<Float32Array> {
  const engine = await createAttention({ deterministic: true });
  const { q, k } = drawSequence(seed, length);
  const { weights } = engine.attend(q, k, k, { ...options, capture: ['weights'] });
  engine.dispose();
  if (!weights) throw new Error('no weights');
  return weights.data;
}

const times = (factor: number) => ({ scale: factor / Math.sqrt(DEPTH) });

class Picture {
  readonly map: Locator;
  readonly readout: Locator;

  constructor(readonly section: Locator) {
    this.map = section.getByRole('application', { name: /^Weights of/ });
    this.readout = section.getByText(/^Query \d+ gives key/);
  }

  static async open(page: Page): Promise<Picture> {
    const picture = new Picture(await openSection(page, 'large'));
    await expect(picture.readout).not.toContainText('…');
    return picture;
  }

  slider(name: RegExp): Locator {
    return this.section.getByRole('slider', { name });
  }

  async choose(name: string): Promise<void> {
    await this.section.getByRole('radio', { name, exact: true }).check();
  }

  /** By number, counted from 1. */
  async goTo(query: number, key: number): Promise<void> {
    await this.section.getByRole('textbox', { name: 'query', exact: true }).fill(String(query));
    await this.section.getByRole('textbox', { name: 'key', exact: true }).fill(String(key));
  }

  async at(): Promise<[query: number, key: number]> {
    const [, query, key] = /Query (\d+) gives key (\d+)/.exec(await this.readout.innerText()) ?? [];
    return [Number(query), Number(key)];
  }

  async weight(): Promise<string> {
    return (await this.readout.locator('b').first().innerText()).trim();
  }

  /** Waits for the picture to be that of these weights, and compares some cells of it. */
  async expectWeights(weights: Float32Array): Promise<void> {
    const length = Math.sqrt(weights.length);
    const last = length - 1;
    const cells: [number, number][] = [
      [0, 0],
      [last, last],
      [Math.floor(length / 3), Math.floor(length / 3) + 1],
      [last, 3],
      [2, last],
    ];
    for (const [query, key] of cells) {
      await this.goTo(query + 1, key + 1);
      const wanted = weights[query * length + key];
      await expect(
        async () => {
          const text = await this.weight();
          expect(Math.abs(toNumber(text) - wanted)).toBeLessThanOrEqual(halfUnit(text) + ROUNDING);
        },
        `query ${query + 1}, key ${key + 1}: ${wanted}`,
      ).toPass({ timeout: 5000 });
      await expect(this.readout).toContainText(/row sums to 1\.00000\./);
    }
  }

  pixel(query: number, key: number): Promise<number[]> {
    return this.map
      .locator('canvas')
      .evaluate(
        (canvas, [x, y]) => [
          ...((canvas as HTMLCanvasElement).getContext('2d')?.getImageData(x, y, 1, 1).data ?? []),
        ],
        [key, query],
      );
  }
}

test('what is read out is the engine’s, and so are the colours: masks, size, scale and seed', async ({
  page,
}) => {
  const picture = await Picture.open(page);
  await picture.choose('causal: no later key');
  const weights = await weightsOf({ options: { isCausal: true } });
  await picture.expectWeights(weights);
  await expectColours(picture, weights);
  await picture.slider(/window/).fill('5'); // which chooses the window
  await expect(picture.section.getByRole('radio', { name: 'a window' })).toBeChecked();
  await picture.expectWeights(await weightsOf({ options: { window: { left: 5, right: 5 } } }));

  await picture.choose('all keys');
  await picture.choose('128');
  await picture.slider(/scale/).fill('2');
  await expect(picture.slider(/scale/)).toHaveAttribute('aria-valuetext', '4.00');
  await picture.section.getByRole('textbox', { name: 'seed of the text' }).fill('31');
  await picture.expectWeights(await weightsOf({ seed: 31, length: 128, options: times(4) }));
  const said = await picture.section.getByText(/row sums differs from 1/).innerText();
  const [, farthest] = /more than (\S+)\.$/.exec(said) ?? [];
  // 128 roundings a row, which do not all cancel.
  expect(toNumber(farthest)).toBeLessThan(2e-6);
  expect(toNumber(farthest)).toBeGreaterThan(0);
});

/** Cividis by the fourth root, dark for 0. */
async function expectColours(picture: Picture, weights: Float32Array): Promise<void> {
  for (const [query, key] of [
    [0, 0],
    [0, 1],
    [511, 511],
    [300, 200],
    [300, 299],
    [300, 301],
  ]) {
    const colour = interpolateCividis(weights[query * 512 + key] ** 0.25);
    const wanted = colour.match(/\d+/g)?.map(Number) ?? [];
    const shown = await picture.pixel(query, key);
    for (const channel of [0, 1, 2]) {
      // Of 256 shades one beside the right one may be it, between variants.
      expect(Math.abs(shown[channel] - wanted[channel]), `${query}, ${key}`).toBeLessThanOrEqual(3);
    }
    expect(shown[3]).toBe(255);
  }
  const ticks = await picture.section.locator('.legend .tick').allInnerTexts();
  expect([ticks.at(0), ticks.at(-1)], 'the ends of the legend').toEqual(['0', '1']);
}

test('keys and pointer move the cross, and it is read out; what is no cell is refused', async ({
  page,
}) => {
  const picture = await Picture.open(page);
  const weights = await weightsOf({});
  await picture.map.focus();
  const press = async (key: string, at: [number, number]) => {
    await page.keyboard.press(key);
    expect(await picture.at(), key).toEqual(at);
  };
  await press('ArrowRight', [256, 257]);
  await press('Shift+ArrowDown', [272, 257]);
  await press('End', [272, 512]);
  const text = await picture.weight();
  const wanted = weights[271 * 512 + 511];
  expect(Math.abs(toNumber(text) - wanted)).toBeLessThanOrEqual(halfUnit(text) + ROUNDING);
  await expect(picture.readout).toHaveAttribute('aria-live', 'polite');
  await picture.slider(/scale/).focus();
  await expect(picture.readout, 'silent while a slider is dragged').toHaveAttribute(
    'aria-live',
    'off',
  );

  await picture.map.scrollIntoViewIfNeeded();
  const box = await picture.map.boundingBox();
  if (!box) throw new Error('no map');
  const middleOf = (cell: number, size: number) => ((cell + 0.5) / 512) * size;
  await page.mouse.move(box.x + middleOf(99, box.width), box.y + middleOf(199, box.height));
  expect(await picture.at()).toEqual([200, 100]);
  const pointed = await picture.readout.innerText();
  await page.mouse.move(0, 0);
  await picture.goTo(1, 1);
  await picture.goTo(200, 100);
  expect(await picture.readout.innerText()).toBe(pointed);

  const query = picture.section.getByRole('textbox', { name: 'query', exact: true });
  for (const text of ['', '0', '513', '1.5']) {
    await query.fill(text);
    await expect(query, text).toHaveAttribute('aria-invalid', 'true');
    await expect(query, text).toHaveAccessibleDescription(/\w/);
    expect(await picture.at(), text).toEqual([200, 100]);
  }
  await query.fill('512');
  await picture.choose('128');
  await expect(picture.readout, 'the cross stays inside').toContainText('Query 128');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

  test('a tap reads a cell out', async ({ page }) => {
    const picture = await Picture.open(page);
    await picture.map.scrollIntoViewIfNeeded();
    const { width, height } = (await picture.map.boundingBox()) ?? { width: 0, height: 0 };
    await picture.map.tap({ position: { x: width / 4, y: height / 2 } });
    const [query, key] = await picture.at();
    expect(Math.abs(query - 256)).toBeLessThanOrEqual(2);
    expect(Math.abs(key - 128)).toBeLessThanOrEqual(2);
  });
});

test('a slider that runs ahead is caught up with: the last input wins', { tag: '@alone' }, async ({
  page,
}) => {
  const picture = await Picture.open(page);
  await picture.choose('1024');
  await expect(picture.map).toHaveAccessibleName(/1024 queries/);
  const median = await picture.slider(/scale/).evaluate(async (node) => {
    const slider = node as HTMLInputElement;
    const took: number[] = [];
    for (let i = 0; i < 60; i++) {
      slider.value = String(-2 + i / 20);
      const began = performance.now();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      took.push(performance.now() - began);
      await new Promise((done) => setTimeout(done));
    }
    return took.sort((a, b) => a - b)[took.length >> 1];
  });
  await picture.expectWeights(await weightsOf({ length: 1024, options: times(2 ** 0.95) }));
  // A picture of a million cells takes longer than that; the page does not wait for it.
  expect(median).toBeLessThan(5);
});

/** From the input event to the moment when the canvas has been drawn on, seen from outside. */
async function timesToDraw(picture: Picture, inputs: number): Promise<number[]> {
  return picture.section.evaluate(async (section, inputs) => {
    const slider = section.querySelector<HTMLInputElement>('input[type=range]');
    if (!slider) throw new Error('no slider');
    const prototype = CanvasRenderingContext2D.prototype;
    const putImageData = prototype.putImageData;
    const took: number[] = [];
    for (let i = 0; i < inputs; i++) {
      const drawn = new Promise<number>((resolve) => {
        prototype.putImageData = function (...args: unknown[]) {
          Reflect.apply(putImageData, this, args);
          // What is queued for the painter is not drawn until it is read back.
          this.getImageData(0, 0, 1, 1);
          resolve(performance.now());
        };
      });
      slider.value = String((i % 20) / 20);
      const began = performance.now();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      took.push((await drawn) - began);
      await new Promise((done) => setTimeout(done, 5));
    }
    prototype.putImageData = putImageData;
    return took;
  }, inputs);
}

test('512 tokens are drawn within a frame of 16 ms, as the page says', { tag: '@alone' }, async ({
  page,
}) => {
  const picture = await Picture.open(page);
  const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
  await timesToDraw(picture, 20); // engines optimise what runs often
  // Other work on the machine makes it slower, nothing makes it faster: the best of three rounds.
  const rounds: number[] = [];
  while (rounds.length < 3 && !(Math.min(...rounds) <= 16)) {
    rounds.push(median(await timesToDraw(picture, 40)));
  }
  const timing = picture.section.locator('.timing');
  const parts = await timing.locator('dd').allInnerTexts();
  console.log(
    `512 tokens: median ${rounds.map((ms) => ms.toFixed(1))} ms; last: ${parts.join(', ')}`,
  );
  expect(Math.min(...rounds)).toBeLessThanOrEqual(16);

  const read = (text: string) => toNumber(text.replace(' ms', ''));
  expect(await timing.locator('dt').allInnerTexts()).toEqual([
    'compute',
    'colours',
    'hand over',
    'draw',
  ]);
  const total = read(await timing.locator('b').first().innerText());
  const sum = parts.map(read).reduce((a, b) => a + b, 0);
  expect(Math.abs(sum - total), 'the parts make up the whole').toBeLessThanOrEqual(0.3);
});

test.describe('when the worker cannot be had', () => {
  // A service worker would have its script, whatever the network says.
  test.use({ tolerated: /pictureWorker|404|registration blocked/, serviceWorkers: 'block' });

  test('it says so, and can be tried again', async ({ page }) => {
    await page.route('**/pictureWorker*', (route) => route.fulfill({ status: 404 }));
    const section = await openSection(page, 'large');
    await expect(section.getByRole('alert')).toContainText('could not be computed');
    await page.unroute('**/pictureWorker*');
    await section.getByRole('button', { name: 'Try again' }).click();
    await expect(section.getByText(/^Query \d+ gives key/)).not.toContainText('…');
    await expect(section.getByRole('alert')).toHaveCount(0);
  });
});
