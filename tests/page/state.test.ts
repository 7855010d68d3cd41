import { describe, expect, test } from 'vitest';
import { spokenName } from '../../web/src/state/cells.ts';
import {
  addSecondQuery,
  keyHeadChoices,
  resize,
  seeFewer,
  seeMore,
  setHeads,
  setMaskRow,
  setOptions,
  toggleMask,
} from '../../web/src/state/commands.ts';
import { historyOf, record, redo, undo } from '../../web/src/state/history.ts';
import { Links } from '../../web/src/state/links.svelte.ts';
import { DEFAULT_MODEL, problemOf, shapeOf } from '../../web/src/state/model.ts';
import { PRESETS, usePreset } from '../../web/src/state/presets.ts';
import { openPage } from './open.ts';

const Q11 = { matrix: 'q', head: 0, row: 0, column: 0 } as const;
const K11 = { ...Q11, matrix: 'k' } as const;

describe('sizes', () => {
  test('a query of zeros, a key with its value, a column of Q and of K', () => {
    const model = resize(DEFAULT_MODEL, { queries: 2, keys: 3, depth: 3, width: 1 });
    expect(model).toMatchObject({
      q: [
        [
          [3, 4, 0],
          [0, 0, 0],
        ],
      ],
      k: [
        [
          [1, 2, 0],
          [2, 3, 0],
          [0, 0, 0],
        ],
      ],
      v: [[[7], [9], [0]]],
    });
    expect(problemOf(model)).toBeNull();
  });

  test('a mask grows with what is seen, and shrinks', () => {
    const hidden = toggleMask(DEFAULT_MODEL, 0, 1);
    expect(hidden.options.mask).toEqual([[true, false]]);
    const grown = resize(hidden, { queries: 2, keys: 3 });
    expect(grown.options.mask).toEqual([
      [true, false, true],
      [true, true, true],
    ]);
    expect(resize(grown, { queries: 1, keys: 1 }).options.mask).toEqual([[true]]);
  });

  test('heads: each its own keys until they are shared; a new one is the last, turned by a column', () => {
    const four = setHeads(DEFAULT_MODEL, 4);
    expect(shapeOf(four)).toMatchObject({ heads: 4, keyHeads: 4 });
    expect(four.q.map((rows) => rows[0])).toEqual([
      [3, 4],
      [4, 3],
      [3, 4],
      [4, 3],
    ]);
    const grouped = setHeads(four, 4, 2);
    expect(shapeOf(grouped)).toMatchObject({ heads: 4, keyHeads: 2 });
    expect(shapeOf(setHeads(grouped, 3))).toMatchObject({ heads: 3, keyHeads: 1 });
    expect(shapeOf(setHeads(grouped, 8))).toMatchObject({ heads: 8, keyHeads: 2 });
    expect(keyHeadChoices(6)).toEqual([1, 2, 3, 6]);
  });

  test('a second query is the first in reverse', () => {
    expect(addSecondQuery(DEFAULT_MODEL).q).toEqual([
      [
        [3, 4],
        [4, 3],
      ],
    ]);
  });
});

describe('masks', () => {
  test('a press hides a key from a query, and shows it again', () => {
    const hidden = toggleMask(DEFAULT_MODEL, 0, 1);
    expect(hidden.options.mask).toEqual([[true, false]]);
    expect(toggleMask(hidden, 0, 1).options.mask).toBeNull();
    expect(setMaskRow(DEFAULT_MODEL, 0, false).options.mask).toEqual([[false, false]]);
    expect(setMaskRow(hidden, 0, true).options.mask).toBeNull();
  });

  test('a window from all keys to none by ones, and back', () => {
    const model = resize(DEFAULT_MODEL, { keys: 3 });
    const walk = (side: 'left' | 'right') => {
      const seen = [];
      let next = seeFewer(model, side);
      for (let now = next; now; now = seeFewer(now, side)) seen.push(now.options[side]);
      next = setOptions(model, { [side]: 0 });
      for (let now = seeMore(next, side); now; now = seeMore(now, side))
        seen.push(now.options[side]);
      return seen;
    };
    expect(walk('left')).toEqual([2, 1, 0, 1, 2, null]);
    expect(walk('right')).toEqual([2, 1, 0, 1, 2, null]);
    expect(seeMore(model, 'left')).toBeNull();
  });
});

describe('history', () => {
  test('undo and redo, and a change ends what could be redone', () => {
    let history = record(record(historyOf(1), 2), 3);
    history = undo(history);
    expect([history.present, history.future]).toEqual([2, [3]]);
    history = undo(history);
    expect([history.present, history.past, history.future]).toEqual([1, [], [2, 3]]);
    expect(undo(history)).toBe(history);
    history = redo(redo(history));
    expect([history.present, history.past]).toEqual([3, [1, 2]]);
    expect(redo(history)).toBe(history);
    expect(record(undo(history), 9).future).toEqual([]);
  });

  test('changes of the same thing are one step, but not after another change or an undo', () => {
    let history = record(record(record(historyOf(0), 1, 'a'), 12, 'a'), 5, 'b');
    expect(history.past).toEqual([0, 12]);
    history = record(undo(history), 13, 'a');
    expect(history.past).toEqual([0, 12]);
  });

  test('keeps 200 steps', () => {
    let history = historyOf(0);
    for (let i = 1; i <= 250; i++) history = record(history, i);
    expect([history.past.length, history.past[0]]).toEqual([200, 50]);
  });
});

describe('the state of the page', () => {
  test('an edit is computed at once; the digits of one number are one step back', () => {
    const page = openPage();
    for (const text of ['1', '12', '125']) page.edit(Q11, text);
    expect(page.shown?.products.at(0, 0)).toBe(125 * 1 + 4 * 2);
    page.undo();
    expect(page.model.q[0][0][0]).toBe(3);
    expect(page.canUndo).toBe(false);
    page.redo();
    expect(page.model.q[0][0][0]).toBe(125);
    expect(page.canRedo).toBe(false);
  });

  test('what is no number is kept as text, and the last good result stays', () => {
    const page = openPage();
    page.edit(K11, '2.50');
    const before = page.shown?.output.at(0, 0);
    expect(page.textAt(K11)).toBe('2.50');
    page.edit(K11, 'x');
    expect(page.textAt(K11)).toBe('x');
    expect(page.problems).toMatchObject([{ ...K11, text: expect.stringMatching(/Not a number/) }]);
    expect(page.isStale).toBe(true);
    expect(page.model.k[0][0][0]).toBe(2.5);
    expect(page.shown?.output.at(0, 0)).toBe(before);
    page.edit({ ...Q11, matrix: 'v', column: 1 }, '');
    page.edit(Q11, 'y');
    expect(page.problems.map(({ matrix }) => matrix)).toEqual(['q', 'k', 'v']);
    page.edit(Q11, '3');
    expect(page.problems).toHaveLength(2);
    page.resize({ queries: 2 });
    expect(page.textAt(K11), 'a new size leaves it').toBe('x');
    expect(page.shown?.output.rows).toBe(2);
    page.change((model) => setOptions(model, { causal: true }));
    expect(page.textAt(K11), 'another change ends it').toBe('2.5');
    expect(page.isStale).toBe(false);
  });

  test('a wrong cell that is cut away is no problem any more', () => {
    const page = openPage();
    page.edit({ ...K11, row: 1 }, 'x');
    page.resize({ keys: 1 });
    expect(page.problems).toEqual([]);
  });

  test('undo goes through presets, options and sizes, and leaves the step', () => {
    const page = openPage();
    page.edit(Q11, '125');
    page.resize({ queries: 2 });
    page.change(usePreset(PRESETS[1]));
    page.change((model) => setOptions(model, { causal: true }));
    page.goTo(1);
    const seen = [];
    for (let i = 0; i < 5; i++) {
      seen.push([page.model.options.causal, page.model.q[0]]);
      page.undo();
    }
    expect(seen).toEqual([
      [true, PRESETS[1].matrices.q[0]],
      [false, PRESETS[1].matrices.q[0]],
      [
        false,
        [
          [125, 4],
          [0, 0],
        ],
      ],
      [false, [[125, 4]]],
      [false, [[3, 4]]],
    ]);
    expect(page.step).toBe(1);
    for (let i = 0; i < 4; i++) page.redo();
    expect(page.model.options.causal).toBe(true);
    page.undo();
    page.resize({ queries: 1 });
    expect(page.canRedo, 'a change ends what could be redone').toBe(false);
  });

  test('steps stay between the first and the last', () => {
    const page = openPage();
    page.goTo(-1);
    expect(page.step).toBe(0);
    page.goTo(4);
    expect(page.step).toBe(3);
    expect(page.canUndo, 'walking is no change').toBe(false);
  });

  test('the selection stays inside when the matrix shrinks under it', () => {
    const page = openPage();
    page.resize({ queries: 3, keys: 4, width: 3 });
    page.select({ query: 2, key: 3, column: 2 });
    page.preview({ key: 0 });
    expect(page.selection).toEqual({ head: 0, query: 2, key: 0, column: 2 });
    page.preview(null);
    expect(page.selection.key).toBe(3);
    page.resize({ queries: 1, keys: 2, width: 2 });
    expect(page.selection).toEqual({ head: 0, query: 0, key: 1, column: 1 });
  });

  test('a head that is selected is the one that is shown, with the keys that it reads', () => {
    const page = openPage();
    page.change(usePreset(PRESETS[4]));
    page.select({ head: 2 });
    expect(page.shown?.inputs.q).toEqual(PRESETS[4].matrices.q[2]);
    expect(page.keyHead).toBe(1);
    page.change((model) => setHeads(model, 1));
    expect(page.selection.head).toBe(0);
  });

  test('softmax reads the scaled scores, or what masks and softcap made of them', () => {
    const page = openPage();
    expect(page.logits).toBe('scaled');
    page.change((model) => setOptions(model, { softcap: 2 }));
    expect(page.logits).toBe('masked');
    page.change((model) => setOptions(model, { softcap: 0, left: 0 }));
    expect(page.logits).toBe('masked');
  });

  test('an address is visited: its step alone is no change, its numbers are', () => {
    const page = openPage();
    page.visit({ model: { ...page.model, step: 2 }, section: 3 });
    expect([page.step, page.section, page.canUndo]).toEqual([2, 3, false]);
    page.notice = 'damaged';
    page.visit({ model: setHeads(DEFAULT_MODEL, 2), section: 0 });
    expect([page.step, page.canUndo, page.notice]).toEqual([0, true, null]);
    expect(page.addressOf(4)).toMatch(/^#qkv=1&q=2x1x2:3,4,4,3&.*&section=4$/);
    expect(page.isArticle).toBe(false);
  });

  test('what the engine refuses leaves the last good result, and says why', () => {
    const page = openPage();
    const before = page.shown;
    page.change((model) => ({ ...model, k: [] }));
    expect(page.refusal).not.toBeNull();
    expect(page.shown).toBe(before);
    page.undo();
    expect(page.refusal).toBeNull();
  });
});

test('pointer, focus and a tap light one number', () => {
  const links = new Links();
  const [a, b, c] = ['q:0:0', 'k:0:0', 'v:0:0'] as const;
  links.togglePin(a);
  expect([links.lit, links.pinned]).toEqual([a, a]);
  links.focus(b);
  expect(links.lit).toBe(b);
  links.hover(c);
  expect(links.lit).toBe(c);
  links.leave(a);
  expect(links.lit, 'another one is left').toBe(c);
  links.leave(c);
  links.blur(b);
  expect(links.lit).toBe(a);
  links.togglePin(a);
  expect(links.lit).toBeNull();
  links.togglePin(b);
  links.clear();
  expect(links.lit).toBeNull();
});

test('numbers have names to be read out', () => {
  expect(spokenName('q', [0, 1])).toBe('Q row 1 column 2');
  expect(spokenName('products', [0, 1])).toBe('score of query 1 and key 2');
  expect(spokenName('weights', [0, 1])).toBe('weight of key 2 for query 1');
  expect(spokenName('contributions', [0, 1, 2])).toBe(
    'contribution of value 2 to output 1, column 3',
  );
  expect(spokenName('output', [1, 0])).toBe('output of query 2, column 1');
});

test('what comes from outside must be a model', () => {
  const wrong: [object, RegExp][] = [
    [{ q: [] }, /1 to 12 rows/],
    [{ q: Array(9).fill([[3, 4]]) }, /1 to 8 heads/],
    [{ v: [] }, /1 to 12/],
    [{ k: [...DEFAULT_MODEL.k, ...DEFAULT_MODEL.k] }, /equally many heads/],
    [{ q: [[[1, 2], [1]]] }, /as long as the first/],
    [{ k: [[[1], [2]]] }, /as long as those of Q/],
    [{ v: [[[1, 2]]] }, /as many rows as K/],
    [{ step: 4 }, /4 steps/],
    [{ options: { ...DEFAULT_MODEL.options, mask: [[true]] } }, /mask/],
  ];
  expect(problemOf(DEFAULT_MODEL)).toBeNull();
  for (const [change, says] of wrong)
    expect(problemOf({ ...DEFAULT_MODEL, ...change })).toMatch(says);
});
