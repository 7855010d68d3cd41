import { describe, expect, test } from 'vitest';
import { CODE } from '../../web/src/code/state.ts';
import { LARGE } from '../../web/src/large/state.ts';
import { STAGE } from '../../web/src/stage/state.ts';
import { entryOf } from '../../web/src/state/address.svelte.ts';
import {
  decimal,
  type Field,
  flag,
  matrix,
  numbers,
  oneOf,
  wholeNumber,
} from '../../web/src/state/fields.ts';
import { part, readParts, writeParts } from '../../web/src/state/part.ts';
import { PARTS } from '../../web/src/state/parts.ts';
import { openPage, placeOf } from './open.ts';

describe('fields', () => {
  // biome-ignore lint/suspicious/noExplicitAny: fields of any value
  const cases: [string, Field<any>, unknown[], string[]][] = [
    ['a whole number', wholeNumber(3, -2, 999), [-2, 0, 999], ['', '-3', '1000', '1.5', '1e2']],
    ['a decimal', decimal(0, -2, 2), [-2, 1e-7, 0.05], ['', '2.1', 'NaN', '1e999', '0x1']],
    ['a flag', flag(), [true, false], ['', '2', 'true']],
    ['a choice', oneOf(['root', 'off']), ['root', 'off'], ['', 'toString', 'Root']],
    ['a choice of numbers', oneOf([1, 2, 4], 2), [1, 4], ['3', '01', '1.0']],
    ['numbers', numbers([1, 2, 3]), [[-1, 0.5, 1e30]], ['', '1,2', '1,2,3,4', '1,,3', '1,2,x']],
    [
      'a matrix',
      matrix([
        [1, 2],
        [3, 4],
      ]),
      [
        [
          [-1, 0.1],
          [1e-3, 5],
        ],
      ],
      ['1,2,3', '1,2,3,4,5', '1,2,3,'],
    ],
  ];
  test.each(cases)('%s is written and read; anything else is damage', (_, field, values, wrong) => {
    const all = [part('here', { field })];
    for (const value of [field.initial, ...values]) {
      const written = writeParts(all, { here: { field: value } });
      for (const [, text] of written) expect(text).toMatch(/^[-+0-9A-Za-z.:,]+$/);
      expect(readParts(all, written).here?.field ?? field.initial).toEqual(value);
    }
    for (const text of wrong)
      expect(() => readParts(all, [['here.field', text]])).toThrow(/^here\.field /);
  });
});

test('the names of all parts and fields are letters, and no two are the same', () => {
  const names = PARTS.flatMap(({ name, fields }) => Object.keys(fields).map((f) => `${name}.${f}`));
  expect(names.filter((name) => !/^[a-z]+\.[a-z]+$/.test(name))).toEqual([]);
  expect(new Set(PARTS.map(({ name }) => name)).size).toBe(PARTS.length);
});

test('every field of every part is in the link, and comes back from it', () => {
  for (const part of PARTS) {
    for (const [name, field] of Object.entries(part.fields)) {
      const other = otherThan(field.initial);
      let value: unknown = field.initial;
      for (const candidate of other) {
        try {
          value = field.read(candidate, name);
          break;
        } catch {}
      }
      expect(value, `${part.name}.${name} has another value`).not.toEqual(field.initial);
      const page = openPage();
      page.set(part, { [name]: value });
      const reopened = openPage(page.addressOf(null) ?? '');
      expect(reopened.of(part), `${part.name}.${name}`).toEqual({
        ...openPage().of(part),
        [name]: value,
      });
    }
  }
});

/** Texts of values that a field with this initial value may allow. */
function otherThan(initial: unknown): string[] {
  const flat = [initial].flat(2);
  const numbers = flat.map((value, i) => (i === 0 ? Number(value) + 1 : value)).join(',');
  const names = ['1', '2', '4', '128', '256', 'causal', 'numpy', 'middle', 'b', 'off', '043'];
  return [numbers, ...names].filter((text) => text !== String(flat));
}

describe('the state of a part', () => {
  test('is in the link, and the link brings it back', () => {
    const page = openPage();
    page.set(LARGE, { seed: 12, pattern: 'window' });
    page.set(CODE, { language: 'numpy' });
    const hash = page.addressOf('large');
    expect(hash).toBe('#qkv=1&large.seed=12&large.pattern=window&code.language=numpy&at=large');
    const other = openPage(hash ?? '');
    expect(other.of(LARGE)).toEqual(page.of(LARGE));
    expect(other.of(CODE).language).toBe('numpy');
    expect(other.section).toBe('large');
  });

  test('is undone with everything else, in the order of the changes', () => {
    const page = openPage();
    page.set(LARGE, { seed: 8 });
    page.edit({ matrix: 'q', head: 0, row: 0, column: 0 }, '5');
    for (const exponent of [0.1, 0.2, 0.3]) page.set(LARGE, { exponent }, 'large exponent');
    page.undo();
    expect([page.of(LARGE).exponent, page.model.q[0][0][0]]).toEqual([0, 5]);
    page.undo();
    expect([page.of(LARGE).seed, page.model.q[0][0][0]]).toEqual([8, 3]);
    page.undo();
    expect([page.of(LARGE).seed, page.canUndo]).toEqual([7, false]);
    for (let i = 0; i < 3; i++) page.redo();
    expect([page.of(LARGE).exponent, page.model.q[0][0][0]]).toEqual([0.3, 5]);
  });

  test('a walk is in the link; undo leaves it', () => {
    const page = openPage();
    page.set(LARGE, { seed: 8 });
    page.set(LARGE, { query: 3, key: 4 });
    page.set(CODE, { language: 'pytorch' });
    page.undo();
    expect(page.of(LARGE)).toMatchObject({ seed: 7, query: 3, key: 4 });
    expect(page.of(CODE).language).toBe('pytorch');
    expect([page.canUndo, page.canRedo]).toEqual([false, true]);
  });
});

describe('Back and Forward of the browser', () => {
  const Q11 = { matrix: 'q', head: 0, row: 0, column: 0 } as const;
  const q11 = (page: ReturnType<typeof openPage>) => page.model.q[0][0][0];

  test('Back, then undo, does not bring back what was left', () => {
    const page = openPage();
    page.edit(Q11, '5');
    const five = page.addressOf(null) ?? '';
    page.edit({ ...Q11, column: 1 }, '6');
    page.visit(placeOf(five)); // Back
    expect(page.model.q[0][0]).toEqual([5, 4]);
    page.undo();
    expect(page.model.q[0][0]).toEqual([3, 4]);
    expect(page.canUndo).toBe(false);
    page.redo();
    page.redo();
    expect(page.model.q[0][0]).toEqual([5, 6]);
  });

  test('Forward is a redo, also after an undo', () => {
    const page = openPage();
    page.edit(Q11, '5');
    const five = page.addressOf(null) ?? '';
    page.undo();
    page.visit(placeOf(five));
    expect([q11(page), page.canUndo, page.canRedo]).toEqual([5, true, false]);
  });

  test('they find parts and steps, too', () => {
    const page = openPage();
    page.set(LARGE, { seed: 8 });
    page.goTo(2);
    page.set(LARGE, { query: 9 });
    const left = page.addressOf('large') ?? '';
    page.set(LARGE, { seed: 9 });
    page.goTo(3);
    page.visit(placeOf(left));
    expect(page.of(LARGE)).toMatchObject({ seed: 8, query: 9 });
    expect([page.step, page.canRedo]).toEqual([2, true]);
  });

  test('a pause of the stage is in the link, and no entry of its own', () => {
    const page = openPage('#qkv=1&step=2');
    const entry = entryOf(page);
    page.set(STAGE, { at: 2.5 });
    expect(page.addressOf(null)).toBe('#qkv=1&step=2&stage.at=2.5');
    expect(entryOf(page)).toBe(entry);
    page.goTo(2);
    expect(entryOf(page)).not.toBe(entry);
  });

  test('a link that was not shown before is a change, which undo takes back', () => {
    const page = openPage();
    page.edit(Q11, '5');
    page.visit(placeOf('#qkv=1&large.seed=3'));
    expect([q11(page), page.of(LARGE).seed]).toEqual([3, 3]);
    page.undo();
    expect([q11(page), page.of(LARGE).seed]).toEqual([5, 7]);
  });
});
