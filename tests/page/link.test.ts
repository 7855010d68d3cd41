import { describe, expect, test } from 'vitest';
import { setHeads, setMatrices } from '../../web/src/state/commands.ts';
import { fromHash, isSame, LONGEST_LINK, toHash } from '../../web/src/state/link.ts';
import { DEFAULT_MODEL, type Model, type Options, PLAIN } from '../../web/src/state/model.ts';
import { PRESETS, usePreset } from '../../web/src/state/presets.ts';
import { random } from './random.ts';

const withOptions = (options: Partial<Options>): Model => ({
  ...DEFAULT_MODEL,
  options: { ...PLAIN, ...options },
});

/** Every member of the model and every option in turn, with a value that is not its default. */
const MODELS: Record<string, Model> = {
  'the step': { ...DEFAULT_MODEL, step: 2 },
  'no division': withOptions({ scale: 'off' }),
  'a divisor of one’s own': withOptions({ scale: 2.5 }),
  causal: withOptions({ causal: true }),
  'positions that end together': withOptions({ alignEnd: true }),
  'keys before': withOptions({ left: 0 }),
  'keys after': withOptions({ right: 12 }),
  'a mask': withOptions({ mask: [[false, true]] }),
  softcap: withOptions({ softcap: 3.5 }),
  'numbers of all sizes': setMatrices(DEFAULT_MODEL, {
    q: [[[-0.125, 1e-7]]],
    k: [[[-1.25e-3, 1e30]]],
    v: [[[-123456.789]]],
  }),
  heads: setHeads(DEFAULT_MODEL, 6, 3),
  ...Object.fromEntries(PRESETS.map((preset) => [preset.name, usePreset(preset)(DEFAULT_MODEL)])),
};

describe('a link holds', () => {
  test.each(Object.entries(MODELS))('%s', (_, model) => {
    for (const section of [0, 7]) {
      const hash = toHash({ model, section });
      expect(hash).toMatch(/^(#qkv=1[-a-z0-9=&:,.+]*)?$/);
      expect(fromHash(hash ?? '#')).toEqual({ ok: true, place: { model, section } });
    }
  });

  test('nothing, for the page as it opens', () => {
    expect(toHash({ model: DEFAULT_MODEL, section: 0 })).toBe('');
    for (const hash of ['', '#', '#qkv=1'])
      expect(fromHash(hash)).toEqual({ ok: true, place: { model: DEFAULT_MODEL, section: 0 } });
  });

  test('the notation that links in the world already have', () => {
    const hash =
      '#qkv=1&q=1x1x2:3,4&k=1x2x2:1,2,2,3&v=1x2x2:7,8,9,10&scale=1&causal=1&end=1&left=1&right=0&mask=10&softcap=2&step=2&section=3';
    expect(fromHash(hash)).toEqual({
      ok: true,
      place: {
        section: 3,
        model: {
          ...DEFAULT_MODEL,
          step: 1,
          options: {
            scale: 'off',
            causal: true,
            alignEnd: true,
            left: 1,
            right: 0,
            mask: [[true, false]],
            softcap: 2,
          },
        },
      },
    });
    const changed = setMatrices(DEFAULT_MODEL, { ...DEFAULT_MODEL, q: [[[5, 4]]] });
    expect(toHash({ model: changed, section: 0 })).toBe(
      '#qkv=1&q=1x1x2:5,4&k=1x2x2:1,2,2,3&v=1x2x2:7,8,9,10',
    );
  });

  test('at most 8000 characters', () => {
    const { q, k, v } = random(6, 12, 12, 12, 12);
    const heads = Array(8).fill(q.map((row) => row.map((x) => x / 3)));
    const model = setMatrices(DEFAULT_MODEL, { q: heads, k: [k], v: [v] });
    expect(toHash({ model, section: 0 })).toBeNull();
    const fits = setMatrices(DEFAULT_MODEL, { q: [q], k: [k], v: [v] });
    expect(toHash({ model: fits, section: 0 })?.length).toBeLessThan(LONGEST_LINK);
  });
});

test.each([
  ['#qkv=2&step=2', /version/],
  ['#step=2', /version/],
  ['#nonsense', /does not know/],
  ['#qkv=1&constructor=1', /does not know/],
  ['#qkv=1&__proto__=1', /does not know/],
  ['#qkv=1&q=alert(1)', /does not know/],
  ['#qkv=1&q=<img src=x onerror=alert(1)>', /does not know/],
  ['#qkv=1&step=%32', /does not know/],
  ['#qkv=1&step=2&step=3', /twice/],
  ['#qkv=1&step=0', /step/],
  ['#qkv=1&step=5', /step/],
  ['#qkv=1&step=1.5', /step/],
  ['#qkv=1&step=-1', /step/],
  ['#qkv=1&section=99', /section/],
  ['#qkv=1&q=1x1x2:3', /size/],
  ['#qkv=1&q=1x1x2:3,4,5', /size/],
  ['#qkv=1&q=0x0x0:', /size/],
  ['#qkv=1&q=1x1x2:3,1e999', /not a number/],
  ['#qkv=1&q=1x1x2:3,', /not a number/],
  ['#qkv=1&q=1x1x2:0x1,2', /not a number/],
  ['#qkv=1&q=9x1x2:1,2,1,2,1,2,1,2,1,2,1,2,1,2,1,2,1,2', /fit/],
  [`#qkv=1&q=1x13x1:${Array(13).fill(1)}`, /fit/],
  ['#qkv=1&q=1x1x3:1,2,3', /fit/],
  ['#qkv=1&k=2x2x2:1,2,3,4,5,6,7,8', /fit/],
  ['#qkv=1&v=1x1x2:1,2', /fit/],
  ['#qkv=1&mask=0', /fit/],
  ['#qkv=1&mask=012', /0 and 1/],
  ['#qkv=1&scale=0', /not positive/],
  ['#qkv=1&scale=-2', /not positive/],
  ['#qkv=1&scale=1e-60', /not a number/],
  ['#qkv=1&softcap=-1', /not positive/],
  ['#qkv=1&left=999', /left/],
  ['#qkv=1&causal=2', /causal/],
  [`#qkv=1&q=${'9'.repeat(9000)}`, /longer than 8000/],
])('a damaged or hostile link says what is wrong: %s', (hash, says) => {
  expect(fromHash(hash)).toEqual({ ok: false, problem: expect.stringMatching(says) });
});

test('models are the same when all their numbers are', () => {
  expect(isSame(DEFAULT_MODEL, structuredClone(DEFAULT_MODEL))).toBe(true);
  expect(isSame(DEFAULT_MODEL, { ...DEFAULT_MODEL, step: 1 })).toBe(false);
});
