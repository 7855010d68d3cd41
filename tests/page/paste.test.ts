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
    ['tabs and decimal commas', '1\t2\n3\t4\n5\t6,5'],
    ['semicolons and decimal commas', '1,0;2,0\n3,0;4,0\n5,0;6,500'],
    ['what NumPy prints', '[[1.  2. ]\n [3.  4. ]\n [5.  6.5]]'],
    [
      'what NumPy shows',
      'array([[1. , 2. ],\n       [3. , 4. ],\n       [5. , 6.5]], dtype=float32)',
    ],
    ['NumPy’s exponents', '[[1.0e+00 2.0e+00]\n [3.0e+00 4.0e+00]\n [5.0e+00 6.5e+00]]'],
    [
      'what PyTorch prints',
      'tensor([[1.0000, 2.0000],\n        [3.0000, 4.0000],\n        [5.0000, 6.5000]])',
    ],
    [
      'what PyTorch prints on a device',
      "tensor([[1., 2.],\n        [3., 4.],\n        [5., 6.5]], device='cuda:0',\n       grad_fn=<MmBackward0>)",
    ],
    ['what MATLAB reads', '[1 2; 3 4; 5 6.5]'],
    ['MATLAB with commas', '[1, 2; 3, 4;\n 5, 6.5]'],
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
      options: null,
    });
  });
});

test.each([
  ['', /Nothing to read/],
  ['1 2\n3', /Row 2 has 1 .*row 1 has 2/],
  ['1.5\t2\n3\t1,5', /Row 2, column 2, “1,5”: Write 1\.5/],
  ['1,000.5\t2', /Row 1, column 1, “1,000.5”: Not a number/],
  ['1\t\n3\t4', /Row 1, column 2.*is empty/],
  ['a b', /Row 1, column 1, “a”: Not a number/],
  ['1e999 1', /Too large/],
  ['0x10 1', /decimal/],
  [Array(13).fill('1').join('\t'), /1 to 12 rows and columns; this has 1 × 13/],
  [Array(13).fill('1').join('\n'), /this has 13 × 1/],
  ['[[1, 2], [3]]', /Row 2 has 1/],
  ['[[1, 2', /check its brackets/],
  ['[[1 2] 3]', /check its brackets/],
  ['[[[1 2]] [[3 4]]]', /Several heads/],
  ['[[1. 2. ... 3.]]', /left out/],
  ['[[1 nan]]', /“nan”: Not a number/],
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

describe('what can mean two things is asked about, and each answer can be read', () => {
  const asked = (text: string) => {
    const pasted = readPaste(text);
    if (pasted.kind !== 'question') throw new Error(`no question: ${JSON.stringify(pasted)}`);
    return pasted.answers.map(({ label, text }) => [label, readPaste(text)]);
  };

  test('commas among spaces', () => {
    expect(asked('1,5 2,5')).toEqual([
      ['1.5 2.5', { kind: 'matrix', rows: [[1.5, 2.5]] }],
      ['1 5 2 5', { kind: 'matrix', rows: [[1, 5, 2, 5]] }],
    ]);
    expect(asked('[1,5 2,5; 3 4]')[0]).toEqual([
      '1.5 2.5',
      {
        kind: 'matrix',
        rows: [
          [1.5, 2.5],
          [3, 4],
        ],
      },
    ]);
  });

  test('a comma before three digits, beside tabs', () => {
    expect(asked('1,000\t2,000')).toEqual([
      ['1.000', { kind: 'matrix', rows: [[1, 2]] }],
      ['1000', { kind: 'matrix', rows: [[1000, 2000]] }],
    ]);
    expect(readPaste('1,000\t0,125'), 'thousands do not begin with 0').toEqual({
      kind: 'matrix',
      rows: [[1, 0.125]],
    });
  });

  test('commas that only separate are no question', () => {
    expect(readPaste('1, 2, 3')).toEqual({ kind: 'matrix', rows: [[1, 2, 3]] });
    expect(readPaste('1,2\n3,4')).toMatchObject({ kind: 'matrix' });
  });
});

describe('options of JSON', () => {
  const MATRICES = '"q": [[1, 2]], "k": [[1, 2]], "v": [[3]]';
  const withOptions = (options: string) => readPaste(`{${MATRICES}, "options": ${options}}`);

  test('all that the page saves come back', () => {
    const options = {
      ...{ scale: 2.5, causal: true, alignEnd: true, left: 1, right: 0 },
      ...{ mask: [[true]], softcap: 3 },
    };
    expect(withOptions(JSON.stringify(options))).toMatchObject({ kind: 'all', options });
    expect(withOptions('{"scale": "off"}')).toMatchObject({
      options: { ...DEFAULT_MODEL.options, scale: 'off' },
    });
    expect(readPaste(`{${MATRICES}}`)).toMatchObject({ options: null });
  });

  test.each([
    ['[]', /"options" must be an object/],
    ['null', /"options" must be an object/],
    ['{"dropout": 1}', /"dropout", which this page does not know/],
    ['{"constructor": 1}', /does not know/],
    ['{"__proto__": {"causal": true}}', /does not know/],
    ['{"scale": -1}', /"scale" in "options" must be "root", "off" or a positive number/],
    ['{"causal": 1}', /"causal" in "options" must be true or false/],
    ['{"left": 1.5}', /"left" in "options" must be null or a whole number from 0 to 12/],
    ['{"mask": [[1]]}', /"mask" in "options" must be null or rows of true and false/],
    ['{"mask": [[true, true]]}', /mask must have a row for each query/],
    ['{"softcap": "2"}', /"softcap" in "options" must be 0 or a positive number/],
  ])('%s is refused', (options, says) => {
    expect(withOptions(options)).toEqual({
      kind: 'problem',
      problem: expect.stringMatching(says),
    });
  });
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
