import { axeFindsNothing } from './axe.ts';
import { type ExamplePage, expect, type Page, test } from './examplePage.ts';

const handle = (page: Page, name: RegExp) => page.locator('#steps').getByRole('button', { name });

/** The numbers that can be seen on the stage, flying ones too, each with its key. */
async function visibleNumbers(page: Page): Promise<[key: string, text: string][]> {
  return page
    .locator('.stage')
    .locator('.sheet button[data-cell], .sheet [data-number], [data-flight]')
    .evaluateAll((nodes) =>
      (nodes as HTMLElement[])
        .filter((node) => getComputedStyle(node).visibility === 'visible')
        .map((node): [string, string] => {
          const { cell, number, flight } = node.dataset;
          const shown = node.querySelector('.number') ?? node.firstChild ?? node;
          return [cell ?? number ?? flight ?? '', shown.textContent?.trim() ?? ''];
        })
        .filter(([, text]) => !text.startsWith('…')),
    );
}

test('drags q by keys until the weights are 50/50', async ({ page, example }) => {
  await handle(page, /^query 1 at 3, 4/).focus();
  for (let i = 0; i < 2; i++) await page.keyboard.press('Shift+ArrowLeft');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowDown');
  await expect(handle(page, /^query 1 at 1, −1/)).toBeFocused();
  expect(await example.text(example.cell('weights:0:0'))).toBe('0.500000');
  expect(await example.text(example.cell('output:0:0'))).toBe('8.0000');
  expect(await example.text(example.cell('output:0:1'))).toBe('9.0000');
  await expect(page.getByText(/^Done: the weights are 0\.500000/)).toBeVisible();
});

test('reaches 0.2 and 0.8 without the divisor, and shares it', async ({
  page,
  example,
  context,
}) => {
  await handle(page, /^query 1/).focus();
  for (let i = 0; i < 2; i++) await page.keyboard.press('Shift+ArrowLeft');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByText(/^Done: the weights are 0\.195\d* and 0\.804/)).toBeVisible();
  await expect(page).toHaveURL(/q=1x1x2:1,1/);
  const friend = await context.newPage();
  await friend.goto(page.url());
  await expect(friend.getByText(/^Done: the weights are 0\.195/)).toBeVisible();
  await expect(example.status).toContainText('Rounded for display only');
});

test('a point is dragged by the mouse, everything follows in the same frame, and undo takes it back', async ({
  page,
  example,
}) => {
  const point = handle(page, /^value 2/);
  await point.scrollIntoViewIfNeeded();
  const box = await point.boundingBox();
  if (!box) throw new Error('no box');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 40, y + 30, { steps: 4 });
  const follows = await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('#example [data-cell="v:1:0"]');
    const output = document.querySelector('#example .sheet [data-cell="output:0:0"]');
    return [input?.value, output?.firstChild?.textContent?.trim()].map(Number);
  });
  await page.mouse.up();
  expect(follows[0]).toBeLessThan(9);
  expect(follows[1]).toBeCloseTo(7 * 0.007035 + follows[0] * 0.992965, 3);
  await page.locator('#example').getByRole('button', { name: 'Undo' }).click();
  await expect(example.input('V', 2, 1)).toHaveValue('9');
});

test('plays the four moves, stops where the products join, and reads the engine’s numbers', async ({
  page,
  example,
}) => {
  test.setTimeout(90_000);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  const product = page.locator('[data-spot="row1 terms:0:0:1"]:not(.unknown)');
  await product.waitFor({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const engine = new Map(
    [
      ...['q:0:0 3', 'q:0:1 4', 'k:0:0 1', 'k:0:1 2'],
      ...['terms:0:0:0 3', 'terms:0:0:1 8', 'products:0:0 11'],
    ].map((line) => line.split(' ') as [string, string]),
  );
  const seen = await visibleNumbers(page);
  expect(seen.length).toBeGreaterThan(5);
  for (const [key, text] of seen) if (engine.has(key)) expect(text, key).toBe(engine.get(key));
  expect(seen.map(([key]) => key)).toContain('terms:0:0:1');
  expect(seen.map(([key]) => key)).not.toContain('output:0:0');
  await expect(page).toHaveURL(/stage\.at=\d/);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect(page.locator('#steps').getByRole('link', { name: /^Next: / })).toBeVisible({
    timeout: 40_000,
  });
  expect(await example.text(example.cell('output:0:0'))).toBe('8.9859');
});

test('Back does not step through pauses', async ({ page, example }) => {
  await example.goToStep(2);
  await expect(page).toHaveURL(/step=2&stage\.at=6/);
  for (const beat of [5, 4]) {
    await page.getByRole('button', { name: 'One beat back' }).click();
    await expect(page).toHaveURL(new RegExp(`step=2&stage\\.at=${beat}`));
  }
  await page.goBack();
  await expect(example.stepHeading).toContainText('Matching');
  await page.goForward();
  await expect(page).toHaveURL(/step=2&stage\.at=4/);
});

/** The share of frames that the page drops in so many milliseconds, at 60 frames a second. */
async function dropped(page: Page, ms: number): Promise<number> {
  const gaps = await page.evaluate(async (ms) => {
    const times: number[] = [];
    const end = performance.now() + ms;
    await new Promise<void>((done) => {
      const frame = (time: number) => {
        times.push(time);
        if (performance.now() < end) requestAnimationFrame(frame);
        else done();
      };
      requestAnimationFrame(frame);
    });
    return times.slice(1).map((time, i) => time - (times[i] ?? time));
  }, ms);
  const lost = gaps.reduce((sum, gap) => sum + Math.max(Math.round((gap * 60) / 1000) - 1, 0), 0);
  return lost / (lost + gaps.length);
}

test('a move plays at the rate of the screen @alone', async ({ page, example }) => {
  // A busy machine drops frames of a page at rest, too.
  const atRest = await dropped(page, 2000);
  await example.next.click();
  await expect(page.locator('[data-flight]').first()).toBeAttached();
  const playing = await dropped(page, 3000);
  console.log(
    `frames dropped: ${playing.toFixed(3)} while a move plays, ${atRest.toFixed(3)} at rest`,
  );
  expect(playing).toBeLessThan(atRest + 0.05);
});

for (const [width, height] of [
  [1366, 650],
  [360, 740],
]) {
  test(`inputs, formula, results, worked line and output on one screen, ${width} × ${height}`, async ({
    page,
    example,
  }) => {
    await page.setViewportSize({ width, height });
    for (const step of [1, 2, 3, 4]) {
      await example.goToStep(step);
      await page.getByRole('link', { name: 'Skip to the four steps' }).focus();
      await page.keyboard.press('Enter');
      const inputs = width < 500 ? '.stage .strip p' : '.stage .inputs';
      for (const part of [
        ...[inputs, '.bar', '.sheet table >> nth=0', '.sheet table >> nth=1', '.sheet .numbers'],
        ...['.stage svg >> nth=0', '.stage svg >> nth=1', '.stage nav'],
      ]) {
        const box = await page.locator('#example').locator(part).boundingBox();
        if (!box) throw new Error(`no ${part}`);
        expect(box.y, `step ${step}, top of ${part}`).toBeGreaterThanOrEqual(0);
        expect(box.y + box.height, `step ${step}, bottom of ${part}`).toBeLessThanOrEqual(height);
      }
    }
  });
}

test('no cell cuts its number', async ({ page, example }) => {
  await example.go('#qkv=1&q=1x1x2:0.7071,100.25&k=1x2x2:-0.3333,-123.4567,2,3');
  for (const width of [1366, 360]) {
    await page.setViewportSize({ width, height: 740 });
    const unfold = page.getByRole('button', { name: 'Change', exact: true });
    if (await unfold.isVisible()) await unfold.click();
    const cut = await page
      .locator('#example input[data-cell]')
      .evaluateAll((nodes) =>
        (nodes as HTMLInputElement[])
          .filter((node) => node.scrollWidth > node.clientWidth)
          .map((node) => node.value),
      );
    expect(cut).toEqual([]);
  }
});

test('a heading is as large as its rank, everywhere', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  const sizes = await page
    .locator(':is(h1, h2, h3, h4):not(.visually-hidden, .part)')
    .evaluateAll((nodes) =>
      nodes.map(
        (node) => [node.tagName, Number.parseFloat(getComputedStyle(node).fontSize)] as const,
      ),
    );
  const of = (rank: string) => [
    ...new Set(sizes.filter(([tag]) => tag === rank).map(([, px]) => px)),
  ];
  expect([of('H1').length, of('H2').length, of('H3').length]).toEqual([1, 1, 1]);
  expect(of('H1')[0]).toBeGreaterThan(of('H2')[0]);
  expect(of('H2')[0]).toBeGreaterThan(of('H3')[0]);
});

test('a comma and a parenthesis stand close to their number', async ({ page, example }) => {
  await example.goToStep(3);
  const gaps = await page.locator('.sheet .after').evaluateAll((nodes) =>
    nodes.map((node) => {
      const number = node.previousElementSibling?.querySelector('.number .number, button .number');
      const last = number ?? node.parentElement?.querySelectorAll('.number .number').item(-1);
      const before = last ?? node;
      return node.getBoundingClientRect().left - before.getBoundingClientRect().right;
    }),
  );
  expect(gaps.length).toBeGreaterThan(2);
  for (const gap of gaps) expect(gap).toBeLessThan(5);
});

test('the time of the reader’s own example is on the page', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  await expect(page.locator('[data-own-time]')).toHaveText(
    /^Your example takes the engine [\d.e-]+ (micro|milli)seconds on this device/,
    { timeout: 15_000 },
  );
});

const PAUSED = [
  'step=1&stage.at=0.5',
  'step=1&stage.at=2.5',
  'step=3&stage.at=7.5',
  'step=4&stage.at=6.5',
];

for (const { colorScheme, forcedColors, width } of [
  { colorScheme: 'light', forcedColors: 'none', width: 1366 },
  { colorScheme: 'dark', forcedColors: 'none', width: 1366 },
  { colorScheme: 'light', forcedColors: 'active', width: 1366 },
  { colorScheme: 'light', forcedColors: 'none', width: 320 },
] as const) {
  test.describe(`${colorScheme}, forced colours ${forcedColors}, ${width} px`, () => {
    test.use({ colorScheme, viewport: { width, height: 740 } });
    test('axe finds nothing in paused frames', async ({ page, example }) => {
      test.setTimeout(120_000);
      await page.emulateMedia({ forcedColors });
      for (const frame of PAUSED) {
        await example.go(`#qkv=1&${frame}`);
        await expect(page.locator('[data-flight]').first()).toBeAttached();
        await axeFindsNothing(page, '#example');
      }
    });
  });
}

test('the phone’s strip unfolds to the cells', async ({
  page,
  example,
}: {
  page: Page;
  example: ExamplePage;
}) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(example.input('Q', 1, 1)).toBeHidden();
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await example.input('Q', 1, 1).fill('1');
  await expect(page.locator('[data-strip="q:0:0"]')).toHaveText('1');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(example.input('Q', 1, 1)).toBeHidden();
});
