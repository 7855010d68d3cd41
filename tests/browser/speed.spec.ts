import { createAttention, type Variant } from 'qkv';
import { expect, halfUnit, type Locator, test, toNumber } from './examplePage.ts';
import { normalRows, seededNormal } from './random.ts';
import { attention } from './reference.ts';
import { openSection, rowsOf } from './sectionPage.ts';

const closeTo = (text: string, wanted: number, name: string) =>
  expect(
    Math.abs(toNumber(text) - wanted),
    `${name} shows ${text}, is ${wanted}`,
  ).toBeLessThanOrEqual(halfUnit(text) + 4e-6 * Math.max(1, Math.abs(wanted)));

const numbersOf = (text: string) => text.split(', ').map(toNumber);

/** The walk as the page shows it. */
class Walk {
  readonly next: Locator;
  readonly previous: Locator;
  readonly story: Locator;

  constructor(readonly section: Locator) {
    this.next = section.getByRole('button', { name: 'Next tile' });
    this.previous = section.getByRole('button', { name: 'Previous tile' });
    this.story = section.locator('.story');
  }

  get keys(): Locator {
    return this.section.getByRole('table', { name: /^The keys, tile by tile/ });
  }

  /** Rows of the table of what is kept: the maximum, the sum, and the mixed values. */
  async kept(): Promise<string[][]> {
    return rowsOf(this.section.getByRole('table', { name: /^All that is kept/ }));
  }

  /** The page’s own query, keys and values, as its table prints them. */
  async problem() {
    const caption = await this.keys.locator('caption').innerText();
    const [, query = ''] = /\((.*)\)/.exec(caption) ?? [];
    const rows = await rowsOf(this.keys);
    return {
      q: [numbersOf(query)],
      k: rows.map((cells) => numbersOf(cells[1])),
      v: rows.map((cells) => numbersOf(cells[2])),
    };
  }

  /** The tile that is being read: its keys with their scores and exponentials. */
  async tile(): Promise<string[][]> {
    const rows = await rowsOf(this.keys);
    return rows.filter((cells) => cells.length === 5);
  }
}

/** Softmax and the mix of values of the first keys, in double precision, plain loops. */
function stateOf(problem: { q: number[][]; k: number[][]; v: number[][] }, count: number) {
  const { q, k, v } = problem;
  const { scaled, rowMax, exponentials, rowSum, output } = attention({
    q,
    k: k.slice(0, count),
    v: v.slice(0, count),
  });
  const mixed = v[0].map((_, column) =>
    exponentials[0].reduce((sum, e, key) => sum + e * v[key][column], 0),
  );
  return {
    scores: scaled[0],
    max: rowMax[0],
    exponentials: exponentials[0],
    sum: rowSum[0],
    mixed,
    output: output[0],
  };
}

test.describe('a tile at a time', () => {
  for (const width of [1, 2, 4]) {
    test(`every number of the walk can be found again, ${width} keys a tile`, async ({ page }) => {
      const walk = new Walk(await openSection(page, 'speed'));
      await walk.section.getByRole('radio', { name: String(width), exact: true }).check();
      const problem = await walk.problem();
      const count = problem.k.length;
      expect(count).toBeGreaterThan(4);
      let previousMax = Number.NEGATIVE_INFINITY;
      for (let read = width; read <= count; read += width) {
        await walk.next.click();
        const now = stateOf(problem, read);
        const tile = await walk.tile();
        expect(tile).toHaveLength(width);
        for (const [index, cells] of tile.entries()) {
          const key = read - width + index;
          closeTo(cells[3], now.scores[key], `score of key ${key + 1}`);
          closeTo(cells[4], now.exponentials[key], `exponential of key ${key + 1}`);
        }
        const [max, sum, ...mixed] = await walk.kept();
        closeTo(max[4], now.max, 'maximum');
        closeTo(sum[4], now.sum, 'sum');
        closeTo(sum[2], Math.exp(previousMax - now.max), 'factor');
        for (const [column, cells] of mixed.entries()) {
          closeTo(cells[4], now.mixed[column], `mixed values, column ${column + 1}`);
        }
        // What the table says in its head: kept × factor + this tile = now.
        for (const [name, kept, factor, added, total] of [sum, ...mixed]) {
          const slack = [kept, factor, added, total].reduce((all, text) => all + halfUnit(text), 0);
          const made = toNumber(kept) * toNumber(factor) + toNumber(added);
          const tolerance = slack * Math.max(1, toNumber(kept)) + 1e-5;
          expect(Math.abs(made - toNumber(total)), name).toBeLessThanOrEqual(tolerance);
        }
        const outputs = numbersOf(await walk.section.locator('.output').innerText());
        for (const [column, value] of outputs.entries()) {
          expect(Math.abs(value - now.output[column])).toBeLessThanOrEqual(6e-5);
        }
        previousMax = now.max;
      }
      await expect(walk.next).toHaveAttribute('aria-disabled', 'true');
      const [soFar, atOnce] = await walk.section.locator('.kept p b').allInnerTexts();
      expect(soFar, 'a tile at a time gives what all keys at once give').toBe(atOnce);
    });
  }

  test('says what each tile does: nothing kept, a larger score, none', async ({ page }) => {
    const walk = new Walk(await openSection(page, 'speed'));
    const { k } = await walk.problem();
    await expect(walk.story).toContainText('Nothing is read yet');
    const heard: string[] = [];
    for (let tile = 0; tile < k.length / 2; tile++) {
      await walk.next.click();
      heard.push(await walk.story.innerText());
      const factor = (await walk.kept())[1][2];
      if (tile === 0) expect(heard[tile]).toContain('the factor is 0');
      else if (factor === '1.000000') expect(heard[tile]).toContain('the factor is 1');
      else expect(heard[tile]).toContain(`multiplied by ${factor}`);
    }
    expect(heard.some((text) => text.includes('the factor is 1'))).toBe(true);
    expect(heard.some((text) => text.includes('multiplied by'))).toBe(true);
    for (const text of heard.toReversed()) {
      await expect(walk.story).toHaveText(text);
      await walk.previous.click();
    }
    await expect(walk.story).toContainText('Nothing is read yet');
    await expect(walk.previous).toHaveAttribute('aria-disabled', 'true');
  });

  test('plays to the end by itself, and can be paused', async ({ page }) => {
    await page.clock.install();
    const walk = new Walk(await openSection(page, 'speed'));
    await walk.section.getByRole('button', { name: 'Play' }).click();
    await page.clock.runFor(2000);
    await expect(walk.story).toContainText('Tile 1 of 4');
    await walk.section.getByRole('button', { name: 'Pause' }).click();
    await page.clock.runFor(10_000);
    await expect(walk.story).toContainText('Tile 1 of 4');
    await walk.section.getByRole('button', { name: 'Play' }).click();
    await page.clock.runFor(10_000);
    await expect(walk.story).toContainText('Tile 4 of 4');
    await expect(walk.section.getByRole('button', { name: 'Play' })).toBeVisible();
  });
});

const HEADS = 4;
const DEPTH = 64;

class Benchmark {
  readonly start: Locator;
  readonly cancel: Locator;
  readonly progress: Locator;

  constructor(readonly section: Locator) {
    this.start = section.getByRole('button', { name: 'Measure' });
    this.cancel = section.getByRole('button', { name: 'Cancel' });
    this.progress = section.getByRole('progressbar', { name: 'Progress of the measurement' });
  }

  async choose(tokens: number): Promise<void> {
    await this.section
      .getByRole('radio', { name: String(tokens), exact: true })
      .last()
      .check();
  }

  /** Rows of the table, by who computed. */
  async rows(): Promise<Map<string, string[]>> {
    const rows = await rowsOf(this.section.getByRole('table', { name: /^Time of one call/ }));
    return new Map(rows.map(([name, ...cells]) => [name.split('\n')[0], cells]));
  }

  async finished(): Promise<void> {
    await expect(this.section.getByText(/^Measured with/)).toBeVisible({ timeout: 25_000 });
  }
}

/** The largest difference from double precision, of the same problem. */
async function errorOf(variant: Variant, length: number): Promise<number> {
  const normal = seededNormal(1);
  const [q, k, v] = [0, 1, 2].map(() => normalRows(normal, HEADS * length, DEPTH));
  const tensor = (rows: number[][]) => ({
    data: Float32Array.from(rows.flat()),
    shape: [HEADS, length, DEPTH],
  });
  const engine = await createAttention({ variant });
  const { data } = engine.attend(tensor(q), tensor(k), tensor(v)).output;
  engine.dispose();
  let largest = 0;
  for (let head = 0; head < HEADS; head++) {
    const of = (rows: number[][]) => rows.slice(head * length, (head + 1) * length);
    const { output } = attention({ q: of(q), k: of(k), v: of(v) });
    for (const [row, values] of output.entries()) {
      for (const [column, value] of values.entries()) {
        const computed = data[((head * length + row) * DEPTH + column) as number];
        largest = Math.max(largest, Math.abs(computed - value));
      }
    }
  }
  return largest;
}

test.describe('the reader’s own benchmark', () => {
  test.setTimeout(60_000);

  test('measures everyone; what it prints is consistent, and the errors are true', async ({
    page,
  }) => {
    const benchmark = new Benchmark(await openSection(page, 'speed'));
    await benchmark.choose(128);
    await benchmark.start.click();
    await expect(benchmark.start).toHaveAttribute('aria-disabled', 'true');
    await benchmark.finished();
    await expect(benchmark.progress).toHaveAttribute('value', '100');

    const rows = await benchmark.rows();
    const names = [...rows.keys()];
    expect(names.slice(0, 4)).toEqual(['plain JavaScript', 'scalar', 'SIMD', 'relaxed SIMD']);
    expect(names[4]).toMatch(/^pool of \d+ workers?$/);
    const plain = toNumber(rows.get('plain JavaScript')?.[0] ?? '');
    const operations = 4 * HEADS * 128 * 128 * DEPTH;
    for (const [name, [milliseconds, gflops, ratio]] of rows) {
      const ms = toNumber(milliseconds);
      const relative = halfUnit(milliseconds) / ms;
      const speed = operations / ms / 1e6;
      expect(ms, name).toBeGreaterThan(0);
      expect(Math.abs(toNumber(gflops) - speed), name).toBeLessThanOrEqual(
        halfUnit(gflops) + speed * relative * 1.1,
      );
      expect(Math.abs(toNumber(ratio) - plain / ms), name).toBeLessThanOrEqual(
        halfUnit(ratio) + (plain / ms) * relative * 2.2,
      );
    }
    // 'scalar' and 'simd' give the same bits on every engine.
    const error = (name: string) => rows.get(name)?.[3] ?? '';
    const wanted = await errorOf('simd', 128);
    expect(error('SIMD')).toBe(error('scalar'));
    expect(toNumber(error('SIMD'))).toBeCloseTo(wanted, 9);
    expect(toNumber(error('relaxed SIMD'))).toBeLessThan(2e-6);
    expect(toNumber(error('plain JavaScript'))).toBeLessThan(1e-7);

    // The chart says the same.
    const bars = await benchmark.section.getByRole('listitem').evaluateAll((nodes) =>
      nodes.map((node) => ({
        text: (node as HTMLElement).innerText.split('\n').map((line) => line.trim()),
        length: Number(
          getComputedStyle(node.querySelector('.bar span') as Element).getPropertyValue('--length'),
        ),
      })),
    );
    const fastest = Math.max(...[...rows.values()].map(([, gflops]) => toNumber(gflops)));
    expect(bars.map(({ text }) => text.filter(Boolean))).toEqual(
      [...rows].map(([name, [, gflops]]) => [name, gflops]),
    );
    for (const [index, [, gflops]] of [...rows.values()].entries()) {
      expect(bars[index].length).toBeCloseTo(toNumber(gflops) / fastest, 2);
    }
  });

  test('by keyboard: which variant computed the page, and how fast it is', async ({ page }) => {
    const { section, start, ...benchmark } = new Benchmark(await openSection(page, 'speed'));
    await expect(section).toContainText('This page was computed by the variant relaxed SIMD');
    await section.getByRole('radio', { name: '512', exact: true }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    await expect(start).toBeFocused();
    await page.keyboard.press('Enter');
    const answer = section.getByText(/^Measured with 128 tokens/);
    await expect(answer).toBeVisible({ timeout: 25_000 });
    await expect(answer).toContainText('relaxed SIMD, which computed this page');
    const [, speed] = /does ([\d.]+) GFLOP\/s/.exec(await answer.innerText()) ?? [];
    const rows = await rowsOf(section.getByRole('table', { name: /^Time of one call/ }));
    const own = rows.find(([name]) => name.includes('computed this page'));
    expect(own?.[0]).toContain('relaxed SIMD');
    expect(own?.[2]).toBe(speed);
    await expect(benchmark.cancel).toHaveAttribute('aria-disabled', 'true');
  });

  test('can be cancelled at once, keeps what it has, and starts anew', async ({ page }) => {
    const benchmark = new Benchmark(await openSection(page, 'speed'));
    const measuring = () => page.workers().filter((worker) => /benchmark/.test(worker.url()));
    await benchmark.choose(1024);
    await benchmark.start.click();
    await expect(benchmark.section).toContainText(/\d+\s+%: /);
    // Chromium reports a worker when its script has been asked for, which is after the page has started it.
    await expect.poll(measuring).toHaveLength(1);
    await benchmark.cancel.click();
    await expect(benchmark.section).toContainText('Cancelled.');
    await expect.poll(measuring).toHaveLength(0);
    await expect(benchmark.start).toHaveAttribute('aria-disabled', 'false');

    await benchmark.choose(128);
    await benchmark.start.click();
    await expect(benchmark.progress).not.toHaveAttribute('value', '0', { timeout: 20_000 });
    await benchmark.cancel.click();
    const rows = [...(await benchmark.rows()).values()];
    expect(rows.some(([text]) => text === 'not measured yet')).toBe(true);
  });

  test.describe('where something is missing', () => {
    // A service worker would have the file, whatever the network says.
    test.use({ tolerated: /404|registration blocked/, serviceWorkers: 'block' });

    test('its row says why, and the others are measured', async ({ page }) => {
      await page.route('**/qkv.scalar*.wasm', (route) => route.fulfill({ status: 404 }));
      const benchmark = new Benchmark(await openSection(page, 'speed'));
      await benchmark.choose(128);
      await benchmark.start.click();
      await benchmark.finished();
      const rows = await benchmark.rows();
      expect(rows.get('scalar')?.[0]).toContain('404');
      expect(toNumber(rows.get('relaxed SIMD')?.[1] ?? '')).toBeGreaterThan(0);
    });

    test('a pool that does not start can be cancelled', async ({ page }) => {
      const silent = { contentType: 'text/javascript', body: 'onmessage = () => undefined;' };
      await page.route('**/worker-*.js', (route) => route.fulfill(silent));
      const benchmark = new Benchmark(await openSection(page, 'speed'));
      await benchmark.choose(128);
      await benchmark.start.click();
      await expect(benchmark.section).toContainText(/\d+\s+%: pool of workers/, {
        timeout: 20_000,
      });
      const waiting = () =>
        page.workers().filter((worker) => /\/worker-/.test(worker.url())).length;
      await expect.poll(waiting).toBeGreaterThan(0);
      await benchmark.cancel.click();
      await expect(benchmark.section).toContainText('Cancelled.');
      await expect.poll(waiting).toBe(0);
      const rows = await benchmark.rows();
      expect(toNumber(rows.get('relaxed SIMD')?.[1] ?? '')).toBeGreaterThan(0);
      expect(rows.get('pool of workers')?.[0]).toBe('not measured yet');
    });

    test('without its script it says so', async ({ page }) => {
      await page.route('**/benchmarkWorker*', (route) => route.fulfill({ status: 404 }));
      const benchmark = new Benchmark(await openSection(page, 'speed'));
      await benchmark.start.click();
      await expect(benchmark.section).toContainText('The measurement failed.');
      await expect(benchmark.start).toHaveAttribute('aria-disabled', 'false');
    });
  });
});
