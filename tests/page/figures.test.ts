// The figures of sections 1 to 3, mounted in a simulated document.

import { describe, expect, test } from 'vitest';
import { numberOf } from '../../web/src/sections/sections.ts';
import { expectPrinted } from './expectPrinted.ts';
import { hashOf, MODELS } from './models.ts';
import { MountedPage, oneLine, rowsOf } from './mounted.ts';
import { halfUnit, toNumber } from './printedNumbers.ts';
import { CASES } from './problems.ts';
import { random } from './random.ts';
import { attention, type Solution, valueAt } from './reference.ts';

const page = await MountedPage.open();
const FOUR = CASES.find(({ name }) => name === 'causal')?.problem;
const FOUR_PLAIN = CASES.find(({ name }) => name === 'causal')?.hash.replace('&causal=1', '') ?? '';

function checkCells(section: string, expected: Solution, least: number): void {
  const cells = page.results(section);
  expect(cells.length).toBeGreaterThanOrEqual(least);
  for (const [key, text] of cells) expectPrinted(text, valueAt(expected, key), `${section} ${key}`);
}

/** A number in a formula is printed exactly as in its cell. */
function checkFormula(section: string, expected: Solution): void {
  const numbers = page.formula(section);
  if (numbers.length === 0) expect(page.says(section)).toContain('No key is left');
  for (const [key, text] of numbers) {
    const cell =
      document.querySelector<HTMLElement>(`${section} [data-cell="${key}"]:not(.heated)`) ??
      document.querySelector<HTMLElement>(`[data-cell="${key}"]:not(.heated)`);
    if (cell instanceof HTMLInputElement) expect(text, key).toBe(cell.value);
    else if (cell) expect(text, key).toBe(cell.firstChild?.textContent?.trim());
    else expectPrinted(text, valueAt(expected, key), key);
  }
}

describe.each(CASES)('every number that is shown is right: $name', ({ hash, problem, options }) => {
  const expected = attention(problem, options);
  const largest = Math.max(1, ...problem.v.flat().map(Math.abs));
  const last = problem.q.length - 1;

  test.each([1, 2, 3, 4])('step %i', async (step) => {
    expect(largest).toBeGreaterThan(0);
    await page.show(hash, step);
    const pointed = ['products', 'scaled', 'weights', 'weights'][step - 1];
    for (const query of new Set([0, last])) {
      // The contributions and the formula are those of the selected query.
      page.state.select({ query });
      await page.settled();
      await page.focus(page.cell('#steps', `${pointed}:${query}:0`));
      checkCells('#example', expected, problem.q.length);
      checkFormula('#steps', expected);
    }
    const results = page.results('#steps').map(([key]) => key.replace(/:.*/, ''));
    for (const wanted of ['products', 'scaled', 'exponentials', 'weights', 'output'])
      expect(results).toContain(wanted);
    const parts = page.formula('#steps').map(([key]) => key.replace(/:.*/, ''));
    if (step === 1) expect(parts).toContain('terms');
    if (step === 4) expect(parts).toContain('contributions');
    if (step === 3) {
      const masked = /causal|left|right|mask|softcap/.test(hash);
      expect(results).toContain(masked ? 'masked' : 'scaled');
    }
  });

  test('where masks are drawn, where inputs are edited, and in the grid of heads', async () => {
    await page.show(hash);
    for (const key of ['masked:0:0', 'weights:0:0', 'output:0:0']) {
      await page.focus(page.cell('#options', key));
      checkFormula('#options', expected);
    }
    checkCells('#options', expected, 3 * problem.q.length);
    checkCells('#matrices', expected, problem.q.length);
    const heads = [...document.querySelectorAll<HTMLElement>('#options [data-head-cell]')];
    expect(heads).toHaveLength(problem.q.length * (problem.k.length + 1));
    for (const node of heads) {
      const key = node.dataset.headCell?.replace('0:', '') ?? '';
      expectPrinted(node.firstChild?.textContent?.trim() ?? '', valueAt(expected, key), key);
    }
  });
});

describe('the worked example', () => {
  test.each([
    [1, { 'products:0:0': '11', 'products:0:1': '18', 'output:0:0': '8.9859' }],
    [2, { 'scaled:0:0': '7.77817', 'scaled:0:1': '12.72792' }],
    [
      3,
      {
        'rowMax:0': '12.72792',
        'exponentials:0:1': '1.000000',
        'weights:0:0': '0.007035',
        'weights:0:1': '0.992965',
        'weightSum:0': '1.000000',
      },
    ],
    [4, { 'output:0:0': '8.9859', 'output:0:1': '9.9859', 'weightSum:0': '1.000000' }],
  ])('step %i, at the printed digits', async (step, expected) => {
    await page.show('', step);
    for (const [key, text] of Object.entries(expected)) {
      expect(page.number('#example', key), key).toBe(text);
    }
    expect(page.says('.says .sentence')).toMatch(/\w{3,}.*\./);
    expect(document.querySelectorAll('#example .symbols math').length).toBeGreaterThan(0);
    for (const math of document.querySelectorAll('math'))
      expect(math.textContent, 'no TeX is left').not.toMatch(/[\\{}$]/);
  });

  test('what is printed adds up within its printed rounding', async () => {
    await page.show('', 4);
    for (const column of [0, 1]) {
      await page.focus(page.cell('#steps', `output:0:${column}`));
      let [sum, slack] = [0, 0];
      for (const key of [0, 1]) {
        const weight = page.number('#steps', `weights:0:${key}`);
        const value = Number(
          page.formula('#steps').find(([name]) => name === `v:${key}:${column}`)?.[1],
        );
        sum += toNumber(weight) * value;
        slack += halfUnit(weight) * Math.abs(value);
      }
      const output = page.number('#steps', `output:0:${column}`);
      expect(Math.abs(sum - toNumber(output))).toBeLessThanOrEqual(slack + halfUnit(output));
    }
    expect(page.says('#example .status')).toContain('Rounded for display only.');
  });

  test('the page counts decimals, which are not digits', async () => {
    await page.show('');
    expect(page.says('#speed')).toContain('printed to 5 decimals, weights to 6, outputs to 4');
    expect(page.says('#speed')).not.toMatch(/printed to \d digits/);
  });

  test('the depth in a formula is live', async () => {
    await page.show('#qkv=1&q=1x1x3:3,4,0&k=1x2x3:1,2,0,2,3,0', 2);
    expect(page.says('.numbers msqrt')).toBe('3');
  });

  test('overflow is shown and explained', async () => {
    await page.show('#qkv=1&q=1x1x2:1e38,4&k=1x2x2:1e38,2,2,3', 2);
    expect(page.says('#example .status')).toContain('overflow single precision');
    expect(page.number('#steps', 'scaled:0:0')).toBe('∞');
  });

  test('what is selected is named, current, and shows its operands', async () => {
    await page.show('#qkv=1&q=1x2x2:3,4,-5,0');
    await page.focus(page.cell('#steps', 'products:1:1'));
    expect(page.says('.numbers')).toContain('Score of query 2 and key 2');
    expect(page.cell('#steps', 'products:1:1').getAttribute('aria-current')).toBe('true');
    const formula = new Map(page.formula('#steps'));
    expect([formula.get('q:1:0'), formula.get('products:1:1')]).toEqual(['−5', '−10']);
    const tinted = [...document.querySelectorAll<HTMLElement>('#example input.operand')];
    expect(tinted.map(({ dataset }) => dataset.cell)).toEqual(['q:1:0', 'q:1:1', 'k:1:0', 'k:1:1']);
  });

  test.each([1, 2, 3, 4])(
    'hover and focus light the same, and leave no trace: step %i',
    async (step) => {
      await page.show('#qkv=1&q=1x2x2:3,4,-5,0', step);
      const result = ['products', 'scaled', 'weights', 'output'][step - 1];
      await page.focus(page.cell('#steps .matrix-row', `${result}:0:0`));
      const seen = () => ({
        lit: [...document.querySelectorAll<HTMLElement>('#example .lit')].map(
          ({ dataset }) => dataset.cell ?? `formula ${dataset.number}`,
        ),
        tinted: [...document.querySelectorAll<HTMLElement>('#example .operand')].map(
          ({ dataset }) => dataset.cell,
        ),
        formula: page.says('.numbers'),
      });
      const pointer = async (node: HTMLElement, event: string) => {
        node.dispatchEvent(new PointerEvent(event, { pointerType: 'mouse' }));
        await page.settled();
      };
      const first = document.activeElement as HTMLElement;
      first.blur();
      await page.settled();
      const start = seen();
      expect(start.lit).toEqual([]);
      const nodes = document.querySelectorAll<HTMLElement>(
        '#steps .matrix-row [data-cell], #steps [data-number]',
      );
      expect(nodes.length).toBeGreaterThan(6);
      for (const node of nodes) {
        const key = node.dataset.cell ?? node.dataset.number ?? '';
        if (/:0:0$/.test(key)) continue;
        await pointer(node, 'pointerenter');
        const hovered = seen();
        expect(hovered.lit.join(), key).toContain(key);
        await pointer(node, 'pointerleave');
        expect(seen(), 'a hover leaves no trace').toEqual(start);
        if (!node.isConnected) continue;
        await page.focus(node);
        expect(seen(), key).toEqual(hovered);
        await page.focus(first);
        first.blur();
        await page.settled();
      }
    },
  );

  test('numbers and cells say what they are', async () => {
    await page.show('', 3);
    expect(oneLine(page.cell('#steps', 'weights:0:1'))).toBe(
      '0.992965 weight of key 2 for query 1',
    );
    expect(oneLine(page.find('#steps [data-number="exponentials:0:0"]'))).toContain(
      'exponential for query 1 and key 1',
    );
    expect(page.cell('#example', 'q:0:0').getAttribute('aria-label')).toBe('Q row 1 column 1');
  });
});

describe('editing', () => {
  const input = (key: string) => page.cell('#example', key) as HTMLInputElement;

  test('a wrong cell says what is wrong, and the last good result stays', async () => {
    await page.show('');
    await page.type(input('k:0:1'), '2.5');
    const before = page.number('#example', 'output:0:0');
    for (const [text, problem] of [
      ['1,5', /Write 1\.5/],
      ['', /is empty/],
      ['alert(1)', /Not a number/],
    ] as const) {
      await page.type(input('k:0:1'), text);
      expect(input('k:0:1').getAttribute('aria-invalid')).toBe('true');
      const described = document.getElementById(
        input('k:0:1').getAttribute('aria-describedby') ?? '',
      );
      expect(described?.textContent).toMatch(problem);
      expect(page.says('#example .status')).toContain('Results of the last good input');
      expect(page.says('#example .status')).toContain('K row 1 column 2');
      expect(page.number('#example', 'output:0:0')).toBe(before);
      expect(new Map(page.formula('#steps')).get('k:0:1'), 'the formula too').toBe('2.5');
    }
    await page.type(input('v:1:1'), 'x');
    expect(page.says('#example .status')).toContain('K row 1 column 2, V row 2 column 2');
    await page.type(input('k:0:1'), '2');
    await page.press('#matrices', 'Reset to the article’s numbers');
    expect(input('v:1:1').value).toBe('10');
    expect(page.says('#example .status')).not.toContain('last good');
    expect(page.number('#example', 'output:0:0')).toBe('8.9859');
  });

  test('sizes, from one to twelve', async () => {
    await page.show('');
    for (const [one, key] of [
      ['query', 'queries'],
      ['key and its value', 'keys'],
      ['column of Q and K', 'depth'],
      ['column of V', 'width'],
    ] as const) {
      const button = (name: string) => page.find(`#matrices button[aria-label="${name} a ${one}"]`);
      page.state.resize({ [key]: 11 });
      await page.press('#matrices', `Add a ${one}`);
      expect(page.state.shape[key]).toBe(12);
      expect(button('Add').getAttribute('aria-disabled')).toBe('true');
      await page.press('#matrices', `Add a ${one}`);
      expect(page.state.shape[key]).toBe(12);
      page.state.resize({ [key]: 2 });
      await page.press('#matrices', `Remove a ${one}`);
      expect(button('Remove').getAttribute('aria-disabled')).toBe('true');
      await page.press('#matrices', `Remove a ${one}`);
      expect(page.state.shape[key]).toBe(1);
    }
  });

  test('presets and undo, by buttons and by keys', async () => {
    await page.show('');
    const keys = async (key: string, target: EventTarget = document.body, shiftKey = false) => {
      target.dispatchEvent(
        new KeyboardEvent('keydown', { key, shiftKey, ctrlKey: true, bubbles: true }),
      );
      await page.settled();
    };
    await page.press('#matrices', 'Identity');
    expect(page.find('#matrices button[aria-pressed="true"]').textContent).toContain('Identity');
    expect(page.says('#matrices .says')).toContain('right angles');
    await page.press('#matrices', 'Undo');
    expect(page.state.shape.keys).toBe(2);
    await keys('y');
    expect(page.state.shape.keys).toBe(3);
    await keys('z');
    expect(page.state.shape.keys).toBe(2);
    await keys('Z', document.body, true);
    expect(page.state.shape.keys).toBe(3);
    await keys('z', input('q:0:0'));
    expect(page.state.shape.keys, 'in a text field the keys are the field’s').toBe(3);
    await page.press('#matrices', 'Undo');
    await page.press('#matrices', 'Redo');
    expect(page.state.shape.keys).toBe(3);
    await page.type(input('q:0:0'), '9');
    expect(page.says('#matrices .says')).toBe('These are your own numbers.');
  });

  test('a matrix is pasted into the form, or says what is wrong', async () => {
    await page.show('');
    const area = page.find('#matrices textarea') as HTMLTextAreaElement;
    const paste = async (text: string) => {
      area.value = text;
      await page.press('#matrices', 'Use these numbers');
    };
    await page.press('#matrices', 'as K');
    await paste('1\t2\n3\t4\n5\t6.5');
    expect(page.state.model.k).toEqual([
      [
        [1, 2],
        [3, 4],
        [5, 6.5],
      ],
    ]);
    expect(page.says('#matrices .outcome')).toContain('3 × 2');
    await paste('1 2\n3');
    expect(page.says('#matrices .outcome')).toMatch(/Row 2 has 1/);
    expect(area.getAttribute('aria-invalid')).toBe('true');
    expect(page.state.shape.keys).toBe(3);
    await paste('{"q": [[1]], "k": [[2]], "v": [[3]]}');
    expect(page.says('#matrices .outcome')).toContain('Q, K and V');
    expect(page.number('#matrices', 'output:0:0')).toBe('3.0000');
  });

  test('a link that is too long is not cut: the page says so', async () => {
    const { q, k, v } = random(6, 12, 12, 12, 12);
    const longer = (rows: number[][]) => [rows.map((row) => row.map((x) => x / 7e7))];
    const long = { q: longer(q), k: longer(k), v: longer(v) };
    page.state.change((model) => ({ ...model, ...long }));
    await page.settled();
    await page.press('#matrices', 'Share this section');
    expect(page.says('#matrices .panel')).toContain('more than 8000 characters');
    expect(document.querySelector('#matrices .panel textarea')).toBeNull();
    expect(page.find('#matrices .onward a').getAttribute('href')).toBe('#options');
  });
});

describe('masks', () => {
  /** The check box of a key for the selected query. */
  const keyBox = (key: number) =>
    page.find(`#options .choice.key:nth-of-type(${key + 1}) input`) as HTMLInputElement;
  const toggle = async (query: number, key: number) => {
    await page.focus(page.cell('#options', `masked:${query}:${key}`));
    keyBox(key).click();
    await page.settled();
  };

  test('a click on a number explains it and hides nothing', async () => {
    await page.show(FOUR_PLAIN);
    for (const key of ['masked:2:1', 'weights:1:3', 'output:3:0']) {
      page.cell('#options', key).click();
      await page.settled();
      expect(page.state.model.options.mask, key).toBeNull();
      expect(page.cell('#options', key).getAttribute('aria-current'), key).toBe('true');
    }
    expect(page.says('#options .formula')).toContain('Output of query 4, column 1');
  });

  test('a check box hides a key by hand, and it is said there and in section 1', async () => {
    await page.show(FOUR_PLAIN);
    const before = page.number('#options', 'masked:2:1');
    await toggle(2, 1);
    expect(page.says('#options')).toContain('Query 3 sees');
    expect(keyBox(1).checked).toBe(false);
    expect(page.number('#options', 'masked:2:1')).toBe('−∞');
    expect(page.number('#options', 'weights:2:1')).toBe('0.000000');
    expect(page.number('#options', 'weightSum:2')).toBe('1.000000');
    expect(page.says('#options')).toContain('Hidden: 1 of the 16 pairs');
    if (!FOUR) throw new Error('no problem');
    const wanted = attention(FOUR, { sees: (i, j) => !(i === 2 && j === 1) });
    expectPrinted(page.number('#options', 'output:2:0'), wanted.output[2][0], 'output');
    expect(page.says('#example')).toContain(
      `Options from section ${numberOf('options')} apply here: mask drawn by hand.`,
    );
    await toggle(2, 1);
    expect(page.number('#options', 'masked:2:1')).toBe(before);
    expect(page.says('#options')).toContain('Every query sees every key.');
    expect(page.says('#example')).not.toContain('apply here');
  });

  test('causal, window and hand work together', async () => {
    await page.show(FOUR_PLAIN);
    await page.press('#options', 'Causal');
    await toggle(3, 3);
    for (let i = 0; i < 3; i++) await page.press('#options', 'See fewer keys before');
    if (!FOUR) throw new Error('no problem');
    const wanted = attention(FOUR, {
      sees: (i, j) => j <= i && j >= i - 1 && !(i === 3 && j === 3),
    });
    for (const [i, row] of wanted.weights.entries())
      for (const [j, weight] of row.entries())
        expectPrinted(page.number('#options', `weights:${i}:${j}`), weight, `${i}, ${j}`);
    await page.press('#options', 'Show every key to every query');
    expect(page.state.model.options).toMatchObject({ causal: false, left: null, mask: null });
  });

  test('what the position hides cannot be hidden by hand as well', async () => {
    await page.show(FOUR_PLAIN);
    await page.press('#options', 'Causal');
    await toggle(0, 2);
    expect(keyBox(2).disabled).toBe(true);
    expect(oneLine(keyBox(2).closest('label') as Element)).toContain('hidden by position');
    expect(page.state.model.options.mask).toBeNull();
    await page.press('#options', 'Causal');
    expect(page.says('#options'), 'no hidden bit is left').toContain('Every query sees every key.');
  });

  test('a row with no key left is zeros, and explained where its numbers are', async () => {
    await page.press('#matrices', 'An empty row');
    for (const key of ['weights:1:0', 'weights:1:1', 'weightSum:1'])
      expect(page.number('#options', key)).toBe('0.000000');
    expect(page.number('#options', 'output:1:1')).toBe('0.0000');
    expect(page.says('#options')).toContain('Query 2 sees no key');
    await page.focus(page.cell('#options', 'weights:1:0'));
    expect(page.says('#options .formula')).toContain('No key is left for query 2');
    page.state.goTo(2);
    await page.settled();
    expect(page.says('.numbers')).toContain('No key is left for query 2');
    expect(page.says('#example .status')).toContain(
      'query 2 sees no key and receives 0.0000, 0.0000',
    );
    expect(page.says()).not.toContain('NaN');
  });

  test('the formula of each matrix of the figure', async () => {
    await page.show(hashOf(MODELS['a scale and a softcap of one’s own']));
    await page.focus(page.cell('#options', 'masked:0:1'));
    expect(page.says('#options .formula')).toMatch(/^.*5\.049.*capped to within ±3\.5/);
    await page.focus(page.cell('#options', 'weights:0:1'));
    expect(page.says('#options .formula')).toContain('Weight of key 2 for query 1');
    await page.focus(page.cell('#options', 'output:0:1'));
    expect(page.says('#options .formula')).toContain('Output of query 1, column 2');
  });
});

describe('divisors', () => {
  /** One list for each divisor: the weights, their sum, the outputs. */
  const rows = () => {
    const table = page.find('#options table:has(input[type=radio])');
    const cells = rowsOf(table).map(([, ...numbers]) => numbers);
    return [0, 1, 2].map((column) => cells.map((numbers) => numbers[column]));
  };

  test('stand side by side, and the chosen one is in force', async () => {
    await page.show('');
    expect(rows().slice(0, 2)).toEqual([
      ['0.000911', '0.999089', '1.000000', '8.9982', '9.9982'],
      ['0.007035', '0.992965', '1.000000', '8.9859', '9.9859'],
    ]);
    expect(page.says('#options')).toContain('25.5');
    await page.press('#options', 'Divide by 5.0494');
    expect(rows()[2]).toEqual(['0.200000', '0.800000', '1.000000', '8.6000', '9.6000']);
    expect(page.number('#example', 'output:0:0')).toBe('8.6000');
    expect(page.says('#example')).toContain('scores divided by 5.04943');
    await page.press('#options', 'not divided');
    expect(page.number('#example', 'output:0:0')).toBe('8.9982');
    expect(rows()[2], 'the reader’s own is remembered').toEqual([
      ...['0.200000', '0.800000', '1.000000', '8.6000', '9.6000'],
    ]);
    await page.press('#example', 'Switch off');
    expect(page.number('#example', 'output:0:0')).toBe('8.9859');
  });

  test('one of the reader’s own must be positive', async () => {
    await page.show('');
    const field = () => page.find('#options thead input[type=text]');
    await page.type(field(), '10');
    const problem = () =>
      document.getElementById(field().getAttribute('aria-describedby') ?? '')?.textContent;
    const wanted = attention(CASES[0].problem, { divisor: 10 });
    expectPrinted(page.number('#options', 'weights:0:0'), wanted.weights[0][0], 'weight');
    const before = page.number('#example', 'output:0:0');
    for (const [text, says] of [
      ['0', /greater than 0/],
      ['-1', /greater than 0/],
      ['1,5', /Write 1\.5/],
    ] as const) {
      await page.type(field(), text);
      expect(problem()).toMatch(says);
      expect(page.number('#example', 'output:0:0')).toBe(before);
    }
    await page.type(field(), '1e-38');
    expect(page.says('#example .status')).toContain('overflow');
  });

  test('a row without keys is explained in their table too', async () => {
    await page.press('#matrices', 'An empty row');
    await page.focus(page.cell('#options', 'weights:1:0'));
    for (const numbers of rows()) expect(numbers.map(Number)).toEqual([0, 0, 0, 0, 0]);
    const table = page.find('#options table:has(input[type=radio])');
    expect(oneLine(table.nextElementSibling as Element)).toContain('No key is left for query 2');
    await page.focus(page.cell('#options', 'weights:0:0'));
    expect(oneLine(table.nextElementSibling as Element)).not.toContain('No key is left');
  });

  test('no divisor is promised where softcap or a mask would break the promise', async () => {
    const promise = () => [...document.querySelectorAll('#options .press')].map(oneLine).join();
    await page.show('#qkv=1&softcap=10');
    expect(promise()).not.toContain('Divide by');
    expect(page.says('#options')).toContain('None does now. Softcap bends the scaled scores');
    expect(page.says('[aria-labelledby="comparison-heading"]')).toContain('Softcap bends');
    await page.show('#qkv=1&mask=10');
    expect(promise()).not.toContain('Divide by');
    for (const part of ['#options', '[aria-labelledby="comparison-heading"]'])
      expect(page.says(part)).toContain('A mask hides key 2 from query 1, so its weight is 0');
    await page.show('#qkv=1&causal=1');
    expect(page.says('#options')).toContain('A mask hides key 2 from query 1');
    await page.show('');
    await page.press('#options', 'Divide by 5.0494');
    expect(rows()[2].slice(0, 2)).toEqual(['0.200000', '0.800000']);
  });

  test('softcap comes after the division, and the page says so', async () => {
    await page.show('');
    expect(page.says('#options .bend')).toMatch(/bend the scores after dividing/);
    expect(page.says('#options .bend')).not.toContain('instead');
  });

  test('softcap is switched on at 10, and off', async () => {
    await page.show('');
    await page.press('#options', 'Softcap');
    expect(page.state.model.options.softcap).toBe(10);
    await page.type(page.find('#options .softcap input[type=text]'), '2');
    const wanted = attention(CASES[0].problem, { softcap: 2 });
    expectPrinted(page.number('#options', 'masked:0:0'), wanted.masked[0][0], 'capped');
    await page.press('#options', 'Softcap');
    expect(page.state.model.options.softcap).toBe(0);
  });
});

describe('the article’s weights', () => {
  const rows = () =>
    [...document.querySelectorAll('[aria-labelledby="comparison-heading"] tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map(oneLine),
    );
  const says = () => page.says('[aria-labelledby="comparison-heading"]');

  test('stand beside what its scores give', async () => {
    await page.show('');
    expect(rows()).toEqual([
      ['0.2', '0.007035', '0.200000'],
      ['0.8', '0.992965', '0.800000'],
      ['8.6000', '8.9859', '8.6000'],
      ['9.6000', '9.9859', '9.6000'],
    ]);
    for (const text of ['1.3863', '5.0494', '25.5']) expect(says()).toContain(text);
    expect(says()).toContain('0.2 and 0.8');
    expect(says()).not.toContain('your numbers');
  });

  test('follow the reader’s numbers, and it is said', async () => {
    await page.show('#qkv=1&q=1x1x2:3,-0.5');
    expect(says()).toContain('your numbers');
    expect(says()).toContain(((3 - 0.5) / Math.log(4)).toFixed(4));
    expect(rows()[1][2]).toBe('0.800000');
  });

  test('are explained where no scale can give them', async () => {
    await page.show('#qkv=1&q=1x1x2:0,0');
    expect(says()).toContain('both weights are a half');
    expect(rows()).toEqual([]);
    expect(says()).not.toMatch(/NaN|∞/);
  });
});

describe('heads', () => {
  const shown = (name: string) =>
    oneLine(
      [...document.querySelectorAll('#options .stepper')].find((node) =>
        oneLine(node).startsWith(name),
      ) as Element,
    );

  test('are added, grouped and looked at one by one', async () => {
    await page.show('');
    for (let i = 0; i < 3; i++) await page.press('#options', 'Add a head of queries');
    expect(shown('heads of queries')).toContain('4');
    expect(shown('heads of keys and values')).toContain('4');
    await page.press('#options', 'Fewer heads of keys and values');
    expect(shown('heads of keys and values')).toContain('2');
    expect(page.says('#options')).toContain('Head 3, keys and values 2');
    await page.press('#matrices', 'Head 2');
    const first = () => (page.cell('#example', 'q:0:0') as HTMLInputElement).value;
    expect(first(), 'turned by a column').toBe('4');
    await page.focus(page.find('#options [data-head-cell="2:weights:0:0"]'));
    expect(first()).toBe('3');
    expect(page.says('#options')).toContain('Weight of key 1 for query 1, head 3');
    expect(page.says('#example .status')).toContain('Result of head 3');
    for (let i = 0; i < 3; i++) await page.press('#options', 'Remove a head of queries');
    expect(document.querySelectorAll('[aria-label="Head 2"]')).toHaveLength(0);
  });
});

describe('questions', () => {
  test('are answered when they are asked, and not before', async () => {
    await page.show('');
    const visible = () =>
      [...document.querySelectorAll('#options .predict .answer:not([aria-hidden])')].map(oneLine);
    expect(visible().join('')).toBe('');
    await page.press('#options', 'All equal');
    expect(visible()[0]).toMatch(/^No: All 0\. .*the output is 0/);
    await page.press('#options', 'All 0');
    expect(visible()[0]).toMatch(/^Yes\./);
    await page.press('#options', 'Hide every key from query 1');
    expect(page.number('#options', 'weightSum:0')).toBe('0.000000');
    await page.press('#options', 'Show every key to every query');
    await page.press('#options', 'It grows');
    expect(visible()[1]).toMatch(/^Yes\. .*0\.999089 undivided.*0\.992965/);
  });

  test.each([
    ['a query of zeros', '#qkv=1&q=1x1x2:0,0'],
    ['depth 1, whose root is 1', '#qkv=1&q=1x1x1:3&k=1x2x1:1,2&v=1x2x1:7,9'],
    ['a query without keys', '#qkv=1&mask=00'],
  ])('are judged by the engine: %s', async (_, hash) => {
    await page.show(hash);
    const verdict = () =>
      [...document.querySelectorAll('#options .predict .answer:not([aria-hidden])')]
        .map(oneLine)
        .at(-1);
    await page.press('#options', 'It stays');
    expect(verdict()).toMatch(/^Yes\./);
    await page.press('#options', 'It grows');
    expect(verdict()).toMatch(/^No: It stays\./);
    await page.show('');
    expect(verdict(), 'with the article’s numbers it grows').toMatch(/^Yes\./);
  });

  test('of step 2: what the second key will weigh', async () => {
    await page.show('', 2);
    expect(document.querySelector('.guess'), 'not while the answer is in view').toBeNull();
    await page.press('#steps', '2 Scaling');
    expect(page.says('.sheet')).not.toContain('0.99');
    await page.press('#steps', 'About 0.8');
    expect(page.says('.guess .answer')).toMatch(/^No: Nearly all of it\. .*0\.992965/);
  });
});

test('a damaged link gives a notice that says what is wrong', async () => {
  page.state.notice = 'it has step twice';
  await page.settled();
  expect(page.says('[role="alert"]')).toMatch(/damaged.*article’s numbers.*it has step twice\.$/);
  await page.show('#qkv=1&q=1x1x2:1,1');
  expect(document.querySelectorAll('[role="alert"]')).toHaveLength(0);
});
