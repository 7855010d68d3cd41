// The figures of sections 1 to 3, mounted in a simulated document.

import { describe, expect, test } from 'vitest';
import { expectPrinted } from './expectPrinted.ts';
import { hashOf, MODELS } from './models.ts';
import { MountedPage, oneLine } from './mounted.ts';
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
function checkFormula(section: string): void {
  const numbers = page.formula(section);
  if (numbers.length === 0) expect(page.says(section)).toContain('No key is left');
  for (const [key, text] of numbers) {
    const input = document.querySelector<HTMLInputElement>(`input[data-cell="${key}"]`);
    if (input) expect(toNumber(text), key).toBe(Number(input.value));
    else {
      const cell =
        document.querySelector<HTMLElement>(`${section} [data-cell="${key}"]`) ??
        page.find(`[data-cell="${key}"]`);
      expect(text, key).toBe(cell.firstChild?.textContent?.trim());
    }
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
      await page.focus(page.cell('#steps', `${pointed}:${query}:0`));
      checkCells('#example', expected, problem.q.length);
      checkFormula('#steps');
    }
    const results = page.results('#steps').map(([key]) => key.replace(/:.*/, ''));
    const wanted = ['products', 'scaled', 'exponentials', 'contributions'][step - 1];
    expect(results).toContain(wanted);
    if (step === 3) {
      const masked = /causal|left|right|mask|softcap/.test(hash);
      expect(results).toContain(masked ? 'masked' : 'scaled');
    }
  });

  test('where masks are drawn, where inputs are edited, and in the grid of heads', async () => {
    await page.show(hash);
    for (const key of ['masked:0:0', 'weights:0:0', 'output:0:0']) {
      await page.focus(page.cell('#masks', key));
      checkFormula('#masks');
    }
    checkCells('#masks', expected, 3 * problem.q.length);
    checkCells('#matrices', expected, problem.q.length);
    const heads = [...document.querySelectorAll<HTMLElement>('#masks [data-head-cell]')];
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
    expect(page.says('.panel .words > p')).toMatch(/\w{3,}.*\./);
    expect(document.querySelectorAll('.panel .symbols math').length).toBeGreaterThan(0);
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
      await page.focus(
        page.cell('#steps', `${['products', 'scaled', 'weights', 'output'][step - 1]}:0:0`),
      );
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
        '#steps [data-cell], #steps [data-number]',
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
    expect(page.says('#matrices .share')).toContain('more than 8000 characters');
    expect(page.find('#matrices .share button').getAttribute('aria-disabled')).toBe('true');
    expect(page.find('#matrices .onward a').getAttribute('href')).toBe('#masks');
  });
});

describe('masks', () => {
  test('a press hides a key by hand, and it is said there and in section 1', async () => {
    await page.show(FOUR_PLAIN);
    const cell = () => page.cell('#masks', 'masked:2:1');
    const before = page.number('#masks', 'masked:2:1');
    cell().click();
    await page.settled();
    expect(cell().getAttribute('aria-pressed')).toBe('true');
    expect(oneLine(cell())).toMatch(/^−∞ .*hidden by hand/);
    expect(page.number('#masks', 'weights:2:1')).toBe('0.000000');
    expect(page.number('#masks', 'weightSum:2')).toBe('1.000000');
    expect(page.says('#masks')).toContain('Hidden: 1 of the 16 pairs');
    if (!FOUR) throw new Error('no problem');
    const wanted = attention(FOUR, { sees: (i, j) => !(i === 2 && j === 1) });
    expectPrinted(page.number('#masks', 'output:2:0'), wanted.output[2][0], 'output');
    expect(page.says('#example')).toContain(
      'Options from section 3 apply here: mask drawn by hand.',
    );
    cell().click();
    await page.settled();
    expect(page.number('#masks', 'masked:2:1')).toBe(before);
    expect(page.says('#masks')).toContain('Every query sees every key.');
    expect(page.says('#example')).not.toContain('apply here');
  });

  test('causal, window and hand work together, and each says who hid the key', async () => {
    await page.show(FOUR_PLAIN);
    await page.press('#masks', 'Causal');
    page.cell('#masks', 'masked:3:3').click();
    for (let i = 0; i < 3; i++) await page.press('#masks', 'See fewer keys before');
    if (!FOUR) throw new Error('no problem');
    const wanted = attention(FOUR, {
      sees: (i, j) => j <= i && j >= i - 1 && !(i === 3 && j === 3),
    });
    for (const [i, row] of wanted.weights.entries())
      for (const [j, weight] of row.entries())
        expectPrinted(page.number('#masks', `weights:${i}:${j}`), weight, `${i}, ${j}`);
    expect(oneLine(page.cell('#masks', 'masked:0:1'))).toContain('hidden by position');
    expect(oneLine(page.cell('#masks', 'masked:3:3'))).toContain('hidden by hand');
    await page.press('#masks', 'Show every key to every query');
    expect(page.state.model.options).toMatchObject({ causal: false, left: null, mask: null });
  });

  test('a row with no key left is zeros, and explained where its numbers are', async () => {
    await page.press('#matrices', 'An empty row');
    for (const key of ['weights:1:0', 'weights:1:1', 'weightSum:1'])
      expect(page.number('#masks', key)).toBe('0.000000');
    expect(page.number('#masks', 'output:1:1')).toBe('0.0000');
    expect(page.says('#masks')).toContain('Query 2 sees no key');
    await page.focus(page.cell('#masks', 'weights:1:0'));
    expect(page.says('#masks .formula')).toContain('No key is left for query 2');
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
    await page.focus(page.cell('#masks', 'masked:0:1'));
    expect(page.says('#masks .formula')).toMatch(/^.*5\.049.*capped to within ±3\.5/);
    await page.focus(page.cell('#masks', 'weights:0:1'));
    expect(page.says('#masks .formula')).toContain('Weight of key 2 for query 1');
    await page.focus(page.cell('#masks', 'output:0:1'));
    expect(page.says('#masks .formula')).toContain('Output of query 1, column 2');
  });
});

describe('divisors', () => {
  const rows = () =>
    [...document.querySelectorAll('#masks tbody tr')]
      .filter((row) => row.querySelector('input[type=radio]'))
      .map((row) => [...row.querySelectorAll('td')].map(oneLine));

  test('stand side by side, and the chosen one is in force', async () => {
    await page.show('');
    expect(rows().slice(0, 2)).toEqual([
      ['0.000911', '0.999089', '1.000000', '8.9982', '9.9982'],
      ['0.007035', '0.992965', '1.000000', '8.9859', '9.9859'],
    ]);
    expect(page.says('#masks')).toContain('25.5');
    await page.press('#masks', 'Divide by 5.0494');
    expect(rows()[2]).toEqual(['0.200000', '0.800000', '1.000000', '8.6000', '9.6000']);
    expect(page.number('#example', 'output:0:0')).toBe('8.6000');
    expect(page.says('#example')).toContain('scores divided by 5.04943');
    await page.press('#masks', 'not divided');
    expect(page.number('#example', 'output:0:0')).toBe('8.9982');
    expect(rows()[2], 'the reader’s own is remembered').toEqual([
      ...['0.200000', '0.800000', '1.000000', '8.6000', '9.6000'],
    ]);
    await page.press('#example', 'Switch off');
    expect(page.number('#example', 'output:0:0')).toBe('8.9859');
  });

  test('one of the reader’s own must be positive', async () => {
    await page.show('');
    const field = () => page.find('#masks .divisor input[type=text]');
    await page.type(field(), '10');
    const problem = () =>
      document.getElementById(field().getAttribute('aria-describedby') ?? '')?.textContent;
    const wanted = attention(CASES[0].problem, { divisor: 10 });
    expectPrinted(page.number('#masks', 'weights:0:0'), wanted.weights[0][0], 'weight');
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

  test('softcap is switched on at 10, and off', async () => {
    await page.show('');
    await page.press('#masks', 'Softcap');
    expect(page.state.model.options.softcap).toBe(10);
    await page.type(page.find('#masks .softcap input[type=text]'), '2');
    const wanted = attention(CASES[0].problem, { softcap: 2 });
    expectPrinted(page.number('#masks', 'masked:0:0'), wanted.masked[0][0], 'capped');
    await page.press('#masks', 'Softcap');
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
      [...document.querySelectorAll('#masks .stepper')].find((node) =>
        oneLine(node).startsWith(name),
      ) as Element,
    );

  test('are added, grouped and looked at one by one', async () => {
    await page.show('');
    for (let i = 0; i < 3; i++) await page.press('#masks', 'Add a head of queries');
    expect(shown('heads of queries')).toContain('4');
    expect(shown('heads of keys and values')).toContain('4');
    await page.press('#masks', 'Fewer heads of keys and values');
    expect(shown('heads of keys and values')).toContain('2');
    expect(page.says('#masks')).toContain('Head 3, keys and values 2');
    await page.press('#matrices', 'Head 2');
    const first = () => (page.cell('#example', 'q:0:0') as HTMLInputElement).value;
    expect(first(), 'turned by a column').toBe('4');
    await page.focus(page.find('#masks [data-head-cell="2:weights:0:0"]'));
    expect(first()).toBe('3');
    expect(page.says('#masks')).toContain('Weight of key 1 for query 1, head 3');
    expect(page.says('#example .status')).toContain('Result of head 3');
    for (let i = 0; i < 3; i++) await page.press('#masks', 'Remove a head of queries');
    expect(document.querySelectorAll('[aria-label="Head 2"]')).toHaveLength(0);
  });
});

describe('questions', () => {
  test('are answered when they are asked, and not before', async () => {
    await page.show('');
    const visible = () =>
      [...document.querySelectorAll('#masks .predict .answer:not([aria-hidden])')].map(oneLine);
    expect(visible().join('')).toBe('');
    await page.press('#masks', 'All equal');
    expect(visible()[0]).toMatch(/^No: All 0\. .*the output is 0/);
    await page.press('#masks', 'All 0');
    expect(visible()[0]).toMatch(/^Yes\./);
    await page.press('#masks', 'Hide every key from query 1');
    expect(page.number('#masks', 'weightSum:0')).toBe('0.000000');
    await page.press('#masks', 'Show every key to every query');
    await page.press('#masks', 'It grows');
    expect(visible()[1]).toMatch(/^Yes\. .*0\.999089 undivided.*0\.992965/);
  });

  test('of step 2: what the second key will weigh', async () => {
    await page.show('', 2);
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
