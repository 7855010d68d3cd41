import { beforeEach, describe, expect, test } from 'vitest';
import HeadsLesson from '../../web/src/heads/HeadsLesson.svelte';
import {
  cutWordBefore,
  DEFAULT_LINES,
  isWhole,
  isWordBeforeCut,
  mendAll,
  toggleLine,
} from '../../web/src/heads/lines.ts';
import { ignoresWordBefore, listen, silenceOf } from '../../web/src/heads/listening.ts';
import { gainOf } from '../../web/src/heads/sayings.ts';
import { LINES, type Lines } from '../../web/src/heads/state.ts';
import { HEADS, OUTPUT_WEIGHTS, WORDS } from '../../web/src/heads/twoHeads.ts';
import { fromHash } from '../../web/src/state/link.ts';
import type { PageState } from '../../web/src/state/page.svelte.ts';
import { expectPrinted } from './expectPrinted.ts';
import { mountInPage, oneLine, press } from './mounted.ts';
import { engine } from './open.ts';
import { attention, type Problem } from './reference.ts';

const FIVE = [0, 1, 2, 3, 4];
const rowsOf = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const problemOf = (head: number): Problem => ({
  q: rowsOf(HEADS[head].q),
  k: rowsOf(HEADS[head].k),
  v: rowsOf(HEADS[head].v),
});
const solve = (lines: Lines, head: number) =>
  attention(problemOf(head), {
    sees: (i, j) => !(lines.causal && j > i) && !lines.cuts[head][i][j],
  });
const loudest = (weights: number[]) => weights.indexOf(Math.max(...weights));
const from = (change: Partial<Lines>): Lines => ({ ...DEFAULT_LINES, ...change });

const CUT = toggleLine(toggleLine(from({ word: 4 }), 3), 2);
const SILENT = FIVE.reduce<Lines>(
  (lines, key) => toggleLine(lines, key),
  from({ head: 1, word: 2 }),
);
const STATES: [string, Lines][] = [
  ['all lines', DEFAULT_LINES],
  ['causal', from({ causal: true })],
  ['two lines cut', CUT],
  ['a word that hears none', SILENT],
  ['causal, and the word before cut', cutWordBefore(from({ causal: true }), true)],
];

describe('the two heads', () => {
  test('head A listens to the word before, head B to the noun', () => {
    const { heads } = listen(engine, DEFAULT_LINES);
    const most = heads.map(({ weights }) =>
      FIVE.map((i) => WORDS[loudest(FIVE.map((j) => weights.at(i, j)))]),
    );
    expect(most[0]).toEqual(['The', 'The', 'river', 'bank', 'was']);
    expect(most[1]).toEqual(['bank', 'bank', 'river', 'bank', 'bank']);
  });

  test.each(STATES)('every number is right: %s', (_, lines) => {
    const { heads, joined, mixed } = listen(engine, lines);
    for (const [head, computation] of heads.entries()) {
      const wanted = solve(lines, head);
      for (const i of FIVE) {
        for (const j of FIVE)
          expect(computation.weights.at(i, j)).toBeCloseTo(wanted.weights[i][j], 5);
        for (const c of [0, 1]) {
          expect(computation.output.at(i, c)).toBeCloseTo(wanted.output[i][c], 4);
          expect(joined.at(i, 2 * head + c)).toBe(computation.output.at(i, c));
        }
      }
    }
    for (const i of FIVE) {
      const row = [...solve(lines, 0).output[i], ...solve(lines, 1).output[i]];
      for (const c of [0, 1, 2, 3]) {
        const wanted = row.reduce((sum, value, r) => sum + value * OUTPUT_WEIGHTS[r][c], 0);
        expect(mixed.at(i, c)).toBeCloseTo(wanted, 4);
      }
    }
  });

  test('its weights are those that a call captures', () => {
    const { heads } = listen(engine, DEFAULT_LINES);
    for (const [head, { q, k, v }] of HEADS.entries()) {
      const { weights } = engine.attend(q, k, v, { capture: ['weights'] });
      for (const i of FIVE)
        for (const j of FIVE)
          expect(heads[head].weights.at(i, j)).toBeCloseTo(weights.data[5 * i + j], 6);
    }
  });

  test('the answer to the question is what the engine does', () => {
    expect(gainOf(engine)).toBe(0);
  });
});

describe('cutting lines', () => {
  test('a line is cut in the shown head, and mended', () => {
    const cut = toggleLine(DEFAULT_LINES, 3);
    expect(cut.cuts[0][4]).toEqual([false, false, false, true, false]);
    expect(cut.cuts.flat(2).filter(Boolean)).toHaveLength(1);
    expect(isWhole(cut)).toBe(false);
    expect(toggleLine(cut, 3).cuts).toEqual(DEFAULT_LINES.cuts);
    expect(silenceOf(cut, 0, 4, 3)).toBe('cut by hand');
    expect(silenceOf(cut, 1, 4, 3)).toBeNull();
  });

  test('what comes later under causal is not cut as well', () => {
    const causal = from({ causal: true, word: 1 });
    expect(toggleLine(causal, 2)).toBe(causal);
    expect(silenceOf(causal, 0, 1, 2)).toBe('it comes later');
  });

  test('one head ignores the word before, the other still hears it', () => {
    const lines = cutWordBefore(DEFAULT_LINES, true);
    expect(isWordBeforeCut(lines)).toBe(true);
    expect(ignoresWordBefore(listen(engine, lines), 0)).toBe(true);
    expect(ignoresWordBefore(listen(engine, lines), 1)).toBe(false);
    expect(ignoresWordBefore(listen(engine, DEFAULT_LINES), 0)).toBe(false);
    const both = cutWordBefore({ ...lines, head: 1 }, true);
    expect(ignoresWordBefore(listen(engine, both), 0), 'now neither hears it').toBe(false);
    expect(isWordBeforeCut(cutWordBefore(lines, false))).toBe(false);
    expect(isWhole(mendAll(both))).toBe(true);
  });

  test('a link holds the cuts', () => {
    const { cuts } = cutWordBefore(DEFAULT_LINES, true);
    const text = LINES.fields.cuts.write(cuts);
    expect(text).toBe('010,021,032,043');
    expect(LINES.fields.cuts.read(text, 'cuts')).toEqual(cuts);
    for (const damaged of ['', '01', '0100', '200', '050', '005', '010,', 'abc', '-10', '010,9']) {
      const reading = fromHash(`#qkv=1&masks.cuts=${damaged}`);
      expect(reading, damaged).toMatchObject({ ok: false });
    }
  });
});

describe('on the page', () => {
  let figure: HTMLElement;
  let page: PageState;
  const open = (hash = '') => {
    document.body.replaceChildren();
    figure = document.createElement('div');
    document.body.append(figure);
    page = mountInPage(HeadsLesson, figure, { engine }, hash);
  };
  beforeEach(() => open());

  const all = (selector: string) => [...figure.querySelectorAll<HTMLElement>(selector)];
  const cell = (key: string) => {
    const found = all(`[data-cell="${key}"]`)[0];
    if (!found) throw new Error(`no cell ${key}`);
    return found;
  };
  const number = (key: string) => (cell(key).firstChild?.textContent ?? '').trim();
  const says = (selector: string) => oneLine(all(selector)[0]);

  function checkNumbers(): void {
    const lines = page.of(LINES);
    const wanted = solve(lines, lines.head);
    for (const i of FIVE) {
      for (const j of FIVE) {
        expectPrinted(number(`weights:${i}:${j}`), wanted.weights[i][j], `weight ${i}, ${j}`);
        const thickness = all(`[data-line="${i}:${j}"]`)[0].style.getPropertyValue('--weight');
        expect(Number(thickness)).toBeCloseTo(wanted.weights[i][j], 5);
      }
      expect(number(`weightSum:${i}`)).toBe(wanted.rowSum[i] === 0 ? '0.000' : '1.000');
    }
    const joined = [0, 1].flatMap((head) => solve(lines, head).output[lines.word]);
    for (const c of [0, 1, 2, 3]) {
      expectPrinted(number(`joined:${lines.word}:${c}`), joined[c], `side by side ${c}`);
      const sum = joined.reduce((total, value, r) => total + value * OUTPUT_WEIGHTS[r][c], 0);
      expectPrinted(number(`mixed:${lines.word}:${c}`), sum, `after W_O ${c}`);
    }
    for (const [key, text] of all('[data-number]').map((node) => [
      node.dataset.number ?? '',
      node.querySelector('.number')?.textContent ?? '',
    ])) {
      const [name, i, j] = key.split(':');
      if (name === 'weights' && Number(i) === lines.word)
        expectPrinted(text, wanted.weights[Number(i)][Number(j)], key);
    }
  }

  test.each(STATES)('every number and every line: %s', (_, { causal, cuts, word }) => {
    for (const head of [0, 1]) {
      page.set(LINES, { causal, cuts, word, head });
      press(figure, WORDS[word]);
      checkNumbers();
    }
  });

  test('a word is clicked, a head is switched', () => {
    press(figure, 'bank');
    expect(says('.says')).toBe('In head A, “bank” listens most to “river”: 0.806482.');
    expect(all('.asking[data-line]').map(({ dataset }) => dataset.line)).toEqual(
      FIVE.map((key) => `2:${key}`),
    );
    press(figure, 'B: the noun');
    press(figure, 'steep');
    expect(says('.says')).toMatch(/^In head B, “steep” listens most to “bank”: 0\.9/);
    checkNumbers();
  });

  test('a line is cut by its check box, and the others grow', () => {
    const before = number('weights:4:2');
    all('.heard input')[3].click();
    press(figure, 'steep');
    expect(number('weights:4:3')).toBe('0.000');
    expect(Number(number('weights:4:2'))).toBeGreaterThan(Number(before));
    expect(oneLine(all('.heard label')[3])).toContain('cut by hand');
    expect(oneLine(cell('weights:4:3'))).toContain('cut by hand');
    expect(says('.formula')).toMatch(/Score: the query of steep times the key of was.*cut.*−∞/);
    expect(page.canUndo).toBe(true);
    page.undo();
    press(figure, 'steep');
    expect(number('weights:4:2')).toBe(before);
  });

  test('two words that are heard alike are both named', () => {
    all('.heard input')[3].click();
    press(figure, 'steep');
    // Both are one position away from the word before, so their scores are equal.
    expect(says('.says')).toMatch(
      /listens most to “bank” and itself: 0\.49\d+ each\. With all lines/,
    );
  });

  test('a score cell is explained by a click, and cuts nothing', () => {
    cell('weights:1:0').click();
    press(figure, 'river');
    expect(page.of(LINES)).toMatchObject({ word: 1, key: 0 });
    expect(says('.formula')).toContain('Weight of The for river');
    expect(isWhole(page.of(LINES))).toBe(true);
  });

  test('causal: nothing later is heard, and its boxes say why', () => {
    press(figure, 'Causal');
    press(figure, 'river');
    const later = all('.heard label').slice(2);
    for (const label of later) {
      expect(oneLine(label)).toContain('it comes later');
      expect(label.querySelector('input')?.disabled).toBe(true);
    }
    checkNumbers();
  });

  test('one head ignores the word before', () => {
    press(figure, 'Head A ignores the word before');
    expect(says('.says')).toContain(
      'Head A now ignores the word before. The other head still hears it.',
    );
    checkNumbers();
    expect(page.addressOf(null)).toContain('masks.cuts=010,021,032,043');
    open(page.addressOf(null) ?? '');
    expect(says('.says')).toContain('Head A now ignores the word before.');
    press(figure, 'Mend all lines');
    expect(isWhole(page.of(LINES))).toBe(true);
  });

  test('how heads come together is explained number by number', () => {
    cell('mixed:4:2').click();
    press(figure, 'steep');
    expect(says('.together-formula')).toContain('Number 3: the heads side by side, times column 3');
    cell('joined:4:3').click();
    press(figure, 'steep');
    expect(page.of(LINES).head, 'a number of head B shows head B').toBe(1);
    expect(says('.together-formula')).toContain('B2: the weights of head B, times its values');
  });
});
