import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type ExamplePage,
  expect,
  halfUnit,
  isWhole,
  type Page,
  test,
  toNumber,
} from './examplePage.ts';
import { address, MODELS } from './models.ts';

const run = promisify(execFile);
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
// Inside the project, where a module finds `qkv`.
const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));

async function codeFor(page: Page, language: string): Promise<string> {
  const section = page.getByRole('region', { name: 'Use it' });
  await section.getByRole('radio', { name: language }).check();
  return section.locator('pre code').innerText();
}

/** Runs it as it stands, but for what printing does: each result becomes a line of JSON. */
async function numbersPrinted(code: string, kind: 'mjs' | 'py'): Promise<number[][]> {
  const folder = await mkdtemp(join(BUILD, 'code-'));
  try {
    const file = join(folder, `code.${kind}`);
    await writeFile(file, code);
    const printing =
      kind === 'mjs'
        ? 'const { log } = console; console.log = (x) => log(JSON.stringify([...x]));'
        : 'import json; print_ = print; print = lambda x: print_(json.dumps(x.ravel().tolist()))';
    const { stdout } =
      kind === 'mjs'
        ? await run(process.execPath, [
            '--input-type=module',
            '-e',
            `${printing} await import(${JSON.stringify(file)})`,
          ])
        : await run(PYTHON, [
            '-W',
            'error',
            '-c',
            `${printing}\nexec(open(${JSON.stringify(file)}).read())`,
          ]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The numbers of the first head as the page shows them, row by row. */
async function shown(page: Page, name: 'weights' | 'output'): Promise<string[]> {
  const cells = page.locator(`#steps [data-cell^="${name}:"]`);
  return cells.evaluateAll((nodes) =>
    nodes.map((node) => node.firstChild?.textContent?.trim() ?? ''),
  );
}

/** What was computed rounds to what is printed; float32 may differ in its last bit. */
function agree(computed: number[], texts: string[]): void {
  expect(texts.length).toBeGreaterThan(0);
  for (const [index, text] of texts.entries()) {
    const slack = halfUnit(text) + 1e-6 * Math.max(1, Math.abs(computed[index]));
    expect(Math.abs(toNumber(text) - computed[index]), `number ${index}`).toBeLessThanOrEqual(
      slack,
    );
  }
}

function inComments(code: string): string[][] {
  return [...code.matchAll(/(?:\/\/|#) (-?\d.*)$/gm)].map(([, numbers]) =>
    numbers.split(', ').filter((text) => text !== '…'),
  );
}

async function open(page: Page, example: ExamplePage, model: string): Promise<void> {
  await page.goto(address(model));
  await page.reload();
  await isWhole(page);
  await expect(example.cell('output:0:0')).not.toHaveText(/…/);
  await expect(page.locator('.notice')).toHaveCount(0);
}

for (const [name, model] of Object.entries(MODELS)) {
  test(`the code computes what is on the screen: ${name}`, async ({ page, example }) => {
    await open(page, example, model);
    const texts = [await shown(page, 'weights'), await shown(page, 'output')];
    for (const [language, kind] of [
      ['JavaScript', 'mjs'],
      ['NumPy', 'py'],
    ] as const) {
      const code = await codeFor(page, language);
      const results = await numbersPrinted(code, kind);
      expect(results, language).toHaveLength(2);
      for (const index of [0, 1]) {
        agree(results[index], texts[index]);
        agree(results[index], inComments(code)[index]);
      }
    }
    const torch = await codeFor(page, 'PyTorch');
    await run(PYTHON, ['-c', `compile(${JSON.stringify(torch)}, 'torch', 'exec')`]);
    expect(inComments(torch).at(-1)).toEqual(inComments(await codeFor(page, 'NumPy')).at(-1));
  });
}

test('PyTorch is asked for its own attention where it has the options', async ({
  page,
  example,
}) => {
  const torch = async (name: string) => {
    await open(page, example, MODELS[name]);
    return codeFor(page, 'PyTorch');
  };
  expect(await torch('the article')).toContain('scaled_dot_product_attention(q, k, v)');
  expect(await torch('plainly causal')).toContain('attention(q, k, v, is_causal=True)');
  expect(await torch('a window on both sides')).toContain('attention(q, k, v, attn_mask=mask)');
  expect(await torch('scale off')).toContain('attention(q, k, v, scale=1.0)');
  for (const name of [
    'a drawn mask that leaves a row empty',
    'everything at once, grouped heads',
  ]) {
    const formula = await torch(name);
    expect(formula).not.toContain('scaled_dot_product');
    expect(formula).toContain('.masked_fill(~mask, -torch.inf)');
  }
});

test('the code follows an edit, and is copied whole', async ({ page, example, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await example.input('Q', 1, 1).fill('-2.5');
  const code = await codeFor(page, 'JavaScript');
  expect(code).toContain('const q = [[-2.5, 4]];');
  await page.getByRole('button', { name: 'Copy the code' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
});

test('without leave to write to the clipboard the code is selected', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.getByRole('button', { name: 'Copy the code' }).click();
  await expect(page.getByText('The code is selected')).toBeVisible();
  expect(await page.evaluate(() => String(getSelection()).trim())).toContain('createAttention');
});
