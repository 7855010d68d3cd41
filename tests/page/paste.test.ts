import { describe, expect, test } from 'vitest';
import { setBlock, setMatrices, setMatrix } from '../../web/src/state/commands.ts';
import { DEFAULT_MODEL } from '../../web/src/state/model.ts';
import { LONGEST_PASTE, readPaste } from '../../web/src/state/paste.ts';

const THREE = [
  [1, 2],
  [3, 4],
  [5, 6.5],
];

describe('a paste is read', () => {
  test.each([
    ['tabs', '1\t2\n3\t4\n5\t6.5\n'],
    ['tabs and Windows lines', '1\t2\r\n3\t4\r\n5\t6.5\r\n'],
    ['commas', '1,2\n3, 4\n5,6.5'],
    ['semicolons', '1;2\n3;4\n5;6.5'],
    ['spaces and blank lines', '\n\n 1   2\n3 4\n5 6.5\n\n'],
    ['JSON', ' [[1, 2], [3, 4], [5, 6.5]] '],
  ])('%s', (_, text) => {
    expect(readPaste(text)).toEqual({ kind: 'matrix', rows: THREE });
  });

  test('a single row of JSON, and of a spreadsheet', () => {
    expect(readPaste('[1, 2]')).toEqual({ kind: 'matrix', rows: [[1, 2]] });
    expect(readPaste('1\t2')).toEqual({ kind: 'matrix', rows: [[1, 2]] });
  });

  test('Q, K and V at once, with one head or several; other members are passed over', () => {
    expect(
      readPaste('{"v": [[1],[2]], "q": [[3, 4]], "k": [[1, 2], [2, 3]], "w": 1}'),
    ).toMatchObject({ kind: 'all', matrices: { q: [[[3, 4]]], v: [[[1], [2]]] } });
    expect(readPaste('{"q": [[[1]], [[2]]], "k": [[3]], "v": [[4]]}')).toEqual({
      kind: 'all',
      matrices: { q: [[[1]], [[2]]], k: [[[3]]], v: [[[4]]] },
    });
  });
});

test.each([
  ['', /Nothing to read/],
  ['1 2\n3', /Row 2 has 1 .*row 1 has 2/],
  ['1\t2\n3\t1,5', /Row 2, column 2, “1,5”: Write 1\.5/],
  ['1\t\n3\t4', /Row 1, column 2.*is empty/],
  ['a b', /Row 1, column 1, “a”: Not a number/],
  ['1e999 1', /Too large/],
  ['0x10 1', /decimal/],
  [Array(13).fill('1').join('\t'), /1 to 12 rows and columns; this has 1 × 13/],
  [Array(13).fill('1').join('\n'), /this has 13 × 1/],
  ['[[1, 2], [3]]', /Row 2 has 1/],
  ['[[1, 2', /check its brackets/],
  ['[[1, "2"]]', /Row 1, column 2 of the matrix: Not a number/],
  ['[[1, null]]', /Not a number/],
  ['[[1, 1e999]]', /Too large/],
  ['[]', /array of rows/],
  ['[[]]', /1 to 12 rows/],
  ['[[[1]], [[2]]]', /Several heads/],
  ['{"q": [[1]]}', /needs "q", "k" and "v"/],
  ['{"__proto__": {"q": [[1]], "k": [[1]], "v": [[1]]}}', /needs "q", "k" and "v"/],
  ['{"q": [[1]], "k": [[1, 2]], "v": [[1]]}', /rows of K must be as long as those of Q/],
  ['{"q": [[1]], "k": [[1]], "v": [[1], [2]]}', /as many rows as K/],
  [`{"q": [${Array(9).fill('[[1]]')}], "k": [[1]], "v": [[1]]}`, /At most 8 heads/],
  [`{"q": ${'['.repeat(5000)}`, /check its brackets/],
])('“%s” is refused', (text, says) => {
  expect(readPaste(text)).toEqual({ kind: 'problem', problem: expect.stringMatching(says) });
});

test('ten megabytes are refused before they are read', () => {
  const began = performance.now();
  expect(readPaste('1\t2\n'.repeat(2_500_000))).toEqual({
    kind: 'problem',
    problem: expect.stringMatching(/10 million characters; .*1 million/),
  });
  expect(performance.now() - began).toBeLessThan(1000);
  expect(readPaste(`1${' '.repeat(LONGEST_PASTE - 1)}`)).toMatchObject({ kind: 'matrix' });
});

describe('a matrix takes its place', () => {
  test('and the others are fitted to it, with zeros', () => {
    const { q, k, v } = setMatrix(DEFAULT_MODEL, 'k', 0, THREE);
    expect([q, k, v]).toEqual([
      [[[3, 4]]],
      [THREE],
      [
        [
          [7, 8],
          [9, 10],
          [0, 0],
        ],
      ],
    ]);
    expect(setMatrix(DEFAULT_MODEL, 'q', 0, [[1], [2], [3]])).toMatchObject({
      q: [[[1], [2], [3]]],
      k: [[[1], [2]]],
      v: DEFAULT_MODEL.v,
    });
    expect(setMatrix(DEFAULT_MODEL, 'v', 0, [[1]])).toMatchObject({ k: [[[1, 2]]], v: [[[1]]] });
  });

  test('a block fills it from a cell on, and lets it grow', () => {
    const at = { matrix: 'k', head: 0, row: 1, column: 0 } as const;
    const { q, k, v } = setBlock(DEFAULT_MODEL, at, [
      [5, 6, 7],
      [8, 9, 10],
    ]);
    expect(k).toEqual([
      [
        [1, 2, 0],
        [5, 6, 7],
        [8, 9, 10],
      ],
    ]);
    expect(q).toEqual([[[3, 4, 0]]]);
    expect(v[0][2]).toEqual([0, 0]);
  });

  test('a block is cut where the matrix may not grow', () => {
    const at = { matrix: 'q', head: 0, row: 0, column: 11 } as const;
    expect(setBlock(DEFAULT_MODEL, at, [[5, 6]]).q).toEqual([[[3, 4, ...Array(9).fill(0), 5]]]);
  });

  test('a mask of another shape is fitted to new matrices', () => {
    const mask = [[true, false]];
    const model = { ...DEFAULT_MODEL, options: { ...DEFAULT_MODEL.options, mask } };
    const three = { q: [[[1], [2]]], k: [[[1], [2], [3]]], v: [[[1], [2], [3]]] };
    expect(setMatrices(model, three).options.mask).toEqual([
      [true, false, true],
      [true, true, true],
    ]);
  });
});
