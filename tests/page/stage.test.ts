// The stage as a reader plays it: what each control does, and that each number of each frame is the engine's.

import { afterEach, describe, expect, test } from 'vitest';
import { STAGE } from '../../web/src/stage/state.ts';
import { expectPrinted } from './expectPrinted.ts';
import { MountedPage, oneLine } from './mounted.ts';
import { placeOf } from './open.ts';
import { ARTICLE, attention, valueAt } from './reference.ts';

const page = await MountedPage.open();
const at = () => page.state.of(STAGE).at;
const place = () => [page.state.step + 1, at()];
const cells = (name: string) =>
  page
    .results('.sheet')
    .filter(([key]) => key.startsWith(`${name}:`))
    .map(([, text]) => text);

async function open(hash = ''): Promise<void> {
  page.state.visit(placeOf(hash || '#qkv=1&step=1'));
  await page.settled();
}

/** What the system asks for, in the simulated document. */
function reduceMotion(isReduced: boolean): void {
  const { device } = (window as unknown as { happyDOM: { settings: Settings } }).happyDOM.settings;
  device.prefersReducedMotion = isReduced ? 'reduce' : 'no-preference';
}

interface Settings {
  readonly device: { prefersReducedMotion: string };
}

afterEach(() => reduceMotion(false));

describe('every frame of every move', () => {
  const expected = { ...attention(ARTICLE), ...ARTICLE };
  const MOVES = [8, 6, 16, 8];

  test.each([1, 2, 3, 4])('step %i', async (step) => {
    let numbers = 0;
    for (let beat = 0; beat <= MOVES[step - 1]; beat += 0.5) {
      await open(`#qkv=1&step=${step}&stage.at=${beat}`);
      const shown = [...page.results('.sheet'), ...page.formula('.sheet')].filter(
        ([, text]) => !text.startsWith('…'),
      );
      for (const [key, text] of shown) expectPrinted(text, valueAt(expected, key), key);
      numbers += shown.length;
    }
    expect(numbers).toBeGreaterThan(50);
    expect(page.says('.sheet')).not.toMatch(/NaN|undefined/);
  });

  test('stopped where the products join: 3 and 8 are there, 11 is not', async () => {
    await open('#qkv=1&stage.at=2');
    const visible = [...document.querySelectorAll('.sheet [data-spot]:not(.unknown)')].map(
      (node) => (node as HTMLElement).dataset.spot,
    );
    expect(visible).toContain('row1 terms:0:0:0');
    expect(visible).not.toContain('row2 products:0:0');
    expect(cells('products')).toEqual(['…', '…']);
    expect(new Map(page.formula('.sheet')).get('terms:0:0:1')).toBe('8');
    await page.press('#steps', 'One beat on');
    expect(page.says('.sheet .row:nth-of-type(3)')).toContain('11');
  });
});

describe('the controls', () => {
  test('steps show their results at once, and later ones not yet', async () => {
    await open();
    expect(cells('weights')).toEqual(['0.007035', '0.992965']);
    await page.press('#steps', '2 Scaling');
    expect(place()).toEqual([2, 6]);
    expect(cells('scaled')).toEqual(['7.77817', '12.72792']);
    expect(cells('weights')).toEqual(['…', '…']);
    expect(cells('output')).toEqual(['…', '…']);
    await page.press('#steps', '4 Mixing');
    expect(cells('output')).toEqual(['8.9859', '9.9859']);
  });

  test('single beats go on, back, and over the border of two steps', async () => {
    await open('#qkv=1&step=1&stage.at=7');
    await page.press('#steps', 'One beat on');
    expect(place()).toEqual([1, 8]);
    await page.press('#steps', 'One beat on');
    expect(place()).toEqual([2, 1]);
    await page.press('#steps', 'One beat back');
    expect(place()).toEqual([1, 8]);
    await page.press('#steps', 'One beat back');
    expect(place()).toEqual([1, 7]);
  });

  test('with reduced motion Next shows the result of each move at once, and Play all of them', async () => {
    reduceMotion(true);
    await open();
    for (const wanted of [
      [1, 8],
      [2, 6],
      [3, 16],
      [4, 8],
    ]) {
      await page.press('#steps', 'Next');
      expect(place()).toEqual(wanted);
      expect(page.says('#steps .group')).toContain('Play');
    }
    await open();
    await page.press('#steps', 'Play');
    expect(place()).toEqual([4, 8]);
    expect(cells('output')).toEqual(['8.9859', '9.9859']);
  });

  test('Next plays a move, Pause stops it, Back goes to the step before', async () => {
    await open('#qkv=1&step=2&stage.at=6');
    await page.press('#steps', 'Next');
    expect(page.state.step).toBe(2);
    expect(page.says('#steps .group')).toContain('Pause');
    await page.press('#steps', 'Pause');
    expect(at()).toBeGreaterThanOrEqual(0);
    expect(at()).toBeLessThan(16);
    await page.press('#steps', 'Back');
    expect(place()).toEqual([2, 6]);
  });

  test('at the end Next leads on to the next section', async () => {
    await open('#qkv=1&step=4&stage.at=7');
    expect(document.querySelector('#steps nav a')).toBeNull();
    await open('#qkv=1&step=4&stage.at=8');
    const link = page.find('#steps nav a');
    expect(oneLine(link)).toMatch(/^Next: ./);
    expect(link.getAttribute('href')).toMatch(/at=(?!example)/);
  });

  test('scrubbing shows any moment', async () => {
    await open();
    const scrub = page.find('#steps input[type=range]') as HTMLInputElement;
    await page.type(scrub, '2.5');
    expect(place()).toEqual([3, 8]);
    await page.type(scrub, '4');
    expect(place()).toEqual([4, 8]);
  });

  test('a changed number ends the move and shows everything', async () => {
    await open('#qkv=1&step=1&stage.at=2.5');
    await page.type(page.cell('#example', 'q:0:0'), '1');
    expect(at()).toBe(-1);
    expect(cells('output')).not.toContain('…');
    await page.press('#steps', 'Undo');
    expect(page.state.model.q).toEqual([[[3, 4]]]);
  });
});

describe('the pictures', () => {
  const handle = (id: string) => page.find(`[data-handle="${id}"]`);
  const key = async (id: string, name: string, shiftKey = false) => {
    handle(id).dispatchEvent(new KeyboardEvent('keydown', { key: name, shiftKey, bubbles: true }));
    await page.settled();
  };

  test('keys move a point, and tables, formula and planes follow', async () => {
    await open();
    for (let i = 0; i < 2; i++) await key('q:0:0', 'ArrowLeft', true);
    for (let i = 0; i < 5; i++) await key('q:0:0', 'ArrowDown', true);
    expect(page.state.model.q).toEqual([[[1, -1]]]);
    expect((page.cell('#example', 'q:0:1') as HTMLInputElement).value).toBe('−1');
    expect(cells('weights')).toEqual(['0.500000', '0.500000']);
    expect(cells('output')).toEqual(['8.0000', '9.0000']);
    expect(page.says('.right')).toContain('50% of the way');
    expect(oneLine(page.find('.done'))).toMatch(/Undecided.*Done: .*0\.500000.*8\.0000, 9\.0000/);
    await page.press('#steps', 'Undo');
    expect(page.state.model.q, 'all keys on one point are one step back').toEqual([[[3, 4]]]);
  });

  test('“Show me” reaches 0.2 and 0.8 without the divisor', async () => {
    await open();
    await page.press('#example', 'Show me: The article’s 0.2 and 0.8');
    expect(page.state.model.options.scale).toBe('root');
    expect(cells('weights').map((text) => Number(text).toFixed(2))).toEqual(['0.20', '0.80']);
    await open('#qkv=1&scale=5.049');
    expect(document.querySelector('.done')).toBeNull();
    expect(page.says('[aria-labelledby="try-heading"]')).toContain('Switch them off');
  });

  test('the shadows on the query, times its length, are the scores', async () => {
    await open();
    expect(page.says('.left')).toMatch(/2\.2 × 5 = 11.*3\.6 × 5 = 18/);
    await open('#qkv=1&q=1x1x2:0,0');
    expect(page.says('.left')).toContain('without length');
  });

  test('other depths and widths: bars of products', async () => {
    await open('#qkv=1&q=1x1x3:3,4,-1&k=1x2x3:1,2,0,2,3,5&v=1x2x1:7,9');
    expect(document.querySelectorAll('.stage svg[role="group"]')).toHaveLength(0);
    expect(document.querySelectorAll('.left rect')).toHaveLength(6);
    expect(document.querySelectorAll('.left rect.negative')).toHaveLength(1);
    expect(oneLine(page.find('.left tr:nth-child(2) .number'))).toBe('13');
    expect(document.querySelectorAll('.right rect')).toHaveLength(2);
  });

  test('three values: the line becomes their hull', async () => {
    await open('#qkv=1&q=1x1x2:3,4&k=1x3x2:1,2,2,3,0,1&v=1x3x2:7,8,9,10,7,12');
    expect(page.find('.hull').getAttribute('points')?.split(' ')).toHaveLength(3);
    expect(page.says('.right')).toContain('shape that the values span');
  });
});

describe('the words of a step follow the options', () => {
  test.each([
    ['', /^Divide each score by the square root of the depth/],
    ['&scale=1', /^Here the scores stay as they are/],
    ['&scale=4', /^Divide each score by 4, your own divisor/],
  ])('step 2 with “%s”', async (option, says) => {
    await open(`#qkv=1&step=2${option}`);
    expect(page.says('.says .sentence')).toMatch(says);
  });
});

test('ten tokens: few digits with heat behind them, all digits in the formula', async () => {
  const numbers = (n: number) => Array.from({ length: n }, (_, i) => ((i * 7) % 11) / 4).join(',');
  await open(
    `#qkv=1&q=1x10x2:${numbers(20)}&k=1x10x2:${numbers(20)}&v=1x10x2:${numbers(20)}&step=3`,
  );
  const weight = page.cell('#steps .matrix-row', 'weights:4:3');
  expect(oneLine(weight)).toMatch(/^\d\.\d\d weight/);
  expect(weight.style.getPropertyValue('--heat')).toMatch(/^0\.\d/);
  expect(new Map(page.formula('.sheet')).get('weights:0:0')).toMatch(/^\d\.\d{6}$/);
});

test('numbers in cells have a minus, not a hyphen, and it is read back', async () => {
  await open('#qkv=1&q=1x1x2:-0.3333,100.25');
  const input = page.cell('#example', 'q:0:0') as HTMLInputElement;
  expect(input.value).toBe('−0.3333');
  await page.type(input, '−2');
  expect(page.state.model.q[0][0][0]).toBe(-2);
});
