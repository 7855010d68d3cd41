import { createAttention, type Variant } from 'qkv';
import { normalRows, seededNormal } from '../page/random.ts';
import { attention } from '../page/reference.ts';
import { expect, halfUnit, type Locator, test, toNumber } from './examplePage.ts';
import { openSection, rowsOf } from './sectionPage.ts';

test('softmax a tile at a time: by hand and by itself, to what all keys at once give', async ({
  page,
}) => {
  await page.clock.install();
  const section = await openSection(page, 'speed');
  const story = section.locator('.story');
  const next = section.getByRole('button', { name: 'Next tile' });
  await expect(story).toContainText('nothing is kept');
  await section.getByRole('radio', { name: '4', exact: true }).check();
  await next.click();
  await expect(story).toContainText('Tile 1 of 2');
  await section.getByRole('button', { name: 'Play' }).click();
  await page.clock.runFor(10_000);
  await expect(story).toContainText('Tile 2 of 2');
  await expect(next).toHaveAttribute('aria-disabled', 'true');
  const [soFar, atOnce] = await section.locator('.kept p b').allInnerTexts();
  expect(soFar).toBe(atOnce);
  const kept = await rowsOf(section.getByRole('table', { name: /^All that is kept/ }));
  expect(kept[1][4], 'the sum of exponentials').toMatch(/^\d+\.\d{6}$/);
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

  test('by keyboard: measures everyone; what it prints is consistent, and the errors are true', async ({
    page,
  }) => {
    const benchmark = new Benchmark(await openSection(page, 'speed'));
    const { section, start } = benchmark;
    await expect(section).toContainText('The variant relaxed SIMD computed this page');
    await section.getByRole('radio', { name: '512', exact: true }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    await expect(start).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(start).toHaveAttribute('aria-disabled', 'true');
    await benchmark.finished();
    const answer = section.getByText(/^Measured with 128 tokens/);
    await expect(answer).toContainText('relaxed SIMD, which computed this page');
    const [, said] = /does ([\d.]+) GFLOP\/s/.exec(await answer.innerText()) ?? [];
    expect((await benchmark.rows()).get('relaxed SIMD')?.[1], 'its own speed').toBe(said);
    await expect(benchmark.cancel).toHaveAttribute('aria-disabled', 'true');
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
