import { describe, expect, test } from 'vitest';
import { namesOf } from '../../web/src/words/names.ts';
import { project, rowsOf } from '../../web/src/words/projection.ts';
import { WORDS, type WordsState } from '../../web/src/words/state.ts';
import WordsFigure from '../../web/src/words/WordsFigure.svelte';
import { mountInPage } from './mounted.ts';
import { engine, openPage, placeOf } from './open.ts';
import { attention } from './reference.ts';

/** The product of two matrices in double precision. */
function times(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) =>
    (b[0] ?? []).map((_, j) => row.reduce((sum, x, d) => sum + x * (b[d]?.[j] ?? 0), 0)),
  );
}

// The numbers of "A Simple Guide to Transformers and Attention Mechanisms".
const ARTICLE = {
  q: [3, 4],
  k: [
    [1, 2],
    [2, 3],
  ],
  v: [
    [7, 8],
    [9, 10],
  ],
};

describe('from words to Q, K and V', () => {
  test('the engine’s products land exactly on the article’s numbers', () => {
    const { q, k, v } = project(engine, openPage().of(WORDS));
    expect(rowsOf(q)).toEqual([[4, 3], ARTICLE.q]);
    expect(rowsOf(k)).toEqual(ARTICLE.k);
    expect(rowsOf(v)).toEqual(ARTICLE.v);
  });

  test('so “bank” listens to itself and to “river” as in the article', () => {
    const { attention: computed } = project(engine, openPage().of(WORDS));
    const wanted = attention({ q: [[4, 3], ARTICLE.q], k: ARTICLE.k, v: ARTICLE.v });
    for (const i of [0, 1])
      for (const j of [0, 1]) {
        expect(computed.weights.at(i, j)).toBeCloseTo(wanted.weights[i][j], 6);
        expect(computed.output.at(i, j)).toBeCloseTo(wanted.output[i][j], 5);
      }
    expect(computed.weights.at(1, 1)).toBeCloseTo(0.992965, 6);
  });

  test('other vectors and matrices: the products of float64, to single precision', () => {
    const matrix = (seed: number) => [
      [Math.sin(seed) * 3, Math.sin(seed + 1) * 200],
      [Math.sin(seed + 2) / 7, -Math.sin(seed + 3)],
    ];
    const words: WordsState = {
      ...openPage().of(WORDS),
      ...{ x: matrix(1), wq: matrix(5), wk: matrix(9), wv: matrix(13) },
    };
    const projected = project(engine, words);
    for (const [name, weights] of [
      ['q', words.wq],
      ['k', words.wk],
      ['v', words.wv],
    ] as const) {
      const wanted = times(words.x, weights);
      for (const [i, row] of rowsOf(projected[name]).entries())
        for (const [j, value] of row.entries())
          expect(Math.abs(value - wanted[i][j])).toBeLessThanOrEqual(
            2 ** -23 * (Math.abs(wanted[i][j]) + 200 * 200),
          );
    }
  });

  test('the largest numbers that are allowed stay finite', () => {
    const most = [
      [1e6, 1e6],
      [1e6, 1e6],
    ];
    const { attention: computed } = project(engine, {
      ...openPage().of(WORDS),
      ...{ x: most, wq: most, wk: most, wv: most },
    });
    expect(computed.weights.at(0, 0)).toBeCloseTo(0.5, 6);
    expect(Number.isFinite(computed.output.at(1, 1))).toBe(true);
  });
});

test('a field has the minus of the numbers beside it', () => {
  const figure = document.createElement('div');
  mountInPage(WordsFigure, figure, { engine });
  const fields = [...figure.querySelectorAll('input')].map(({ value }) => value);
  expect(fields.filter((value) => /^[-−]/.test(value))).toEqual(['−1', '−1', '−1', '−2', '−2']);
});

describe('the words in the worked example', () => {
  test('change the word “bank” and its query changes; undo takes it back', () => {
    const page = openPage();
    expect(page.words.isArticle).toBe(true);
    page.set(WORDS, {
      x: [
        [1, 1],
        [1, 1],
      ],
    });
    expect(page.words.example?.q).toEqual([[[4, 3]]]);
    expect(page.words.isArticle).toBe(false);
    page.undo();
    expect(page.words.example?.q).toEqual([[[3, 4]]]);
  });

  test('no names until it is opened from the words; then every row has its word', () => {
    const page = openPage();
    expect([page.words.nameOf('q', 0), page.words.nameOf('k', 0)]).toEqual([null, null]);
    page.visit(placeOf(page.words.exampleAddress ?? ''));
    expect(page.section).toBe('example');
    expect(page.words.names).toEqual({
      q: ['bank'],
      k: ['river', 'bank'],
      v: ['river', 'bank'],
    });
    page.edit({ matrix: 'k', head: 0, row: 1, column: 0 }, '5');
    expect(page.words.names.k, 'a row that was changed is no word’s').toEqual(['river', null]);
    page.undo();
    page.undo();
    expect(page.words.nameOf('k', 1)).toBeNull();
  });

  test('changed words are opened with their numbers, and the link holds both', () => {
    const page = openPage();
    page.set(WORDS, {
      x: [
        [1, 1],
        [0.1, 1],
      ],
    });
    const address = page.words.exampleAddress ?? '';
    expect(address).toMatch(/^#qkv=1&q=1x1x2:3\.1,3\.9&.*&words\.x=1,1,0\.1,1&words\.opened=1/);
    const other = openPage(address);
    expect(other.model.q).toEqual([[[3.1, 3.9]]]);
    expect(other.words.names.q).toEqual(['bank']);
  });

  test('both words may ask; several heads have no words', () => {
    const page = openPage('#qkv=1&q=1x2x2:4,3,3,4&k=1x2x2:1,2,2,3&v=1x2x2:7,8,9,10&words.opened=1');
    expect(page.words.names.q).toEqual(['river', 'bank']);
    const projections = page.words.projections;
    if (!projections) throw new Error('the engine is ready');
    const two = { ...page.model, q: [...page.model.q, ...page.model.q] };
    expect(namesOf(two, projections)).toEqual({
      q: [null, null],
      k: [null, null],
      v: [null, null],
    });
  });

  test('a link with numbers beyond what single precision can multiply is damaged', () => {
    expect(() => placeOf('#qkv=1&words.x=1,1,0,1e30')).toThrow(
      /words.x has a number beyond 1000000/,
    );
  });
});
