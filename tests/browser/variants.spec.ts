import { ExamplePage, expect, test } from './examplePage.ts';
import { ANY_SIMD, RELAXED_MADD, withoutOpcodes } from './withoutOpcodes.ts';

const CASES: [string, number[] | null, string, string[]][] = [
  ['a browser with everything', null, 'relaxed', []],
  ['no relaxed SIMD', RELAXED_MADD, 'simd', ['relaxed']],
  ['no SIMD', ANY_SIMD, 'scalar', ['relaxed', 'simd']],
];

for (const [name, missing, variant, rejected] of CASES) {
  test(`${name}: says that ${variant} computed it, and computes the same`, async ({ page }) => {
    if (missing) await withoutOpcodes(page, missing);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const example = new ExamplePage(page);
    await example.open();
    await expect(page.getByText(`variant ${variant}`)).toBeVisible();
    for (const other of rejected) await expect(page.getByText(`Not ${other}:`)).toBeVisible();
    expect(await example.text(example.cell('output:0:0'))).toBe('8.9859');
    expect(await example.text(example.cell('output:0:1'))).toBe('9.9859');
    const wasm = requests.filter((url) => url.includes('.wasm'));
    expect(wasm, 'one variant is fetched').toHaveLength(1);
    expect(wasm[0]).toContain(variant);
  });
}
