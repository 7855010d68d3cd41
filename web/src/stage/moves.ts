import { indices } from '../numbers/matrix.ts';
import { type CellKey, cellKey } from '../state/cells.ts';
import type { Beat, Flight, Move, Plot, Spot } from './story.ts';

const cell = (key: CellKey): Spot => `cell ${key}`;
const inRow = (row: number, key: CellKey): Spot => `row${row} ${key}`;

/** The number keeps its name on its way. */
const fly = (
  number: CellKey,
  from: (key: CellKey) => Spot,
  to: (key: CellKey) => Spot,
): Flight => ({
  number,
  from: from(number),
  to: to(number),
});
const row = (index: number) => (key: CellKey) => inRow(index, key);

type Rest = Omit<Beat, 'key' | 'column'>;

export function matching({ query, keys, depth }: Plot): Move {
  return indices(keys).flatMap((key) => {
    const q = (d: number) => cellKey('q', query, d);
    const k = (d: number) => cellKey('k', key, d);
    const term = (d: number) => cellKey('terms', query, key, d);
    const score = cellKey('products', query, key);
    const depths = indices(depth);
    const meet = depths.flatMap((d) => [fly(q(d), cell, row(0)), fly(k(d), cell, row(0))]);
    const beats: Rest[] = [
      {
        ms: 900,
        says: 'Each number of the query meets the number of the key in the same column.',
        row: 0,
        flights: meet,
        shows: meet.map(({ to }) => to),
      },
      {
        ms: 700,
        says: 'Each pair is multiplied.',
        row: 1,
        flights: depths.flatMap((d) =>
          [q(d), k(d)].map((number) => ({
            number,
            from: inRow(0, number),
            to: inRow(1, term(d)),
          })),
        ),
        shows: depths.map((d) => inRow(1, term(d))),
      },
      {
        ms: 700,
        says: 'The products are added up. The sum is the dot product, the score of this key.',
        row: 2,
        flights: depths.map((d) => ({
          number: term(d),
          from: inRow(1, term(d)),
          to: inRow(2, score),
        })),
        shows: [inRow(2, score)],
      },
      keep(score, 2, 500, 'The score of this key is kept.'),
    ];
    return beats.map((beat) => ({ ...beat, key, column: 0 }));
  });
}

export function scaling({ query, keys, logits }: Plot): Move {
  return indices(keys).flatMap((key) => {
    const score = cellKey('products', query, key);
    const scaled = cellKey('scaled', query, key);
    const changed = cellKey('masked', query, key);
    const kept = keep(scaled, 0, 450, 'The scaled score is kept.');
    const beats: Rest[] = [
      take([fly(score, cell, row(0))], 0, 500, 'The score comes down.'),
      { ms: 500, says: 'It is divided.', row: 0, flights: [], shows: [inRow(0, scaled)] },
      logits === 'masked' ? { ...kept, shows: [...kept.shows, cell(changed)] } : kept,
    ];
    return beats.map((beat) => ({ ...beat, key, column: 0 }));
  });
}

export function softmax({ query, keys, logits }: Plot): Move {
  const z = (key: number) => cellKey(logits, query, key);
  const e = (key: number) => cellKey('exponentials', query, key);
  const p = (key: number) => cellKey('weights', query, key);
  const [largest, sum] = [cellKey('rowMax', query), cellKey('rowSum', query)];
  const all = indices(keys);
  const at = (key: number) => (beat: Rest) => ({ ...beat, key, column: 0 });
  return [
    ...[
      take(
        all.map((key) => fly(z(key), cell, row(0))),
        0,
        600,
        'Softmax looks for the largest of the scores.',
      ),
      {
        ms: 450,
        says: 'It is subtracted from each of them, so that no exponential overflows.',
        row: 0,
        flights: [],
        shows: [inRow(0, largest), cell(largest)],
      },
    ].map(at(0)),
    ...all.flatMap((key) =>
      [
        take(
          [
            fly(z(key), cell, row(1)),
            { number: largest, from: inRow(0, largest), to: inRow(1, largest) },
          ],
          1,
          500,
          'A score and the largest score meet.',
        ),
        {
          ms: 400,
          says: 'The exponential of the difference is between 0 and 1.',
          row: 1,
          flights: [],
          shows: [inRow(1, e(key))],
        },
        keep(e(key), 1, 400, 'The exponential is kept.'),
      ].map(at(key)),
    ),
    ...[
      take(
        all.map((key) => fly(e(key), cell, row(2))),
        2,
        500,
        'The exponentials come together.',
      ),
      {
        ms: 500,
        says: 'They are added up.',
        row: 2,
        flights: all.map((key) => ({
          number: e(key),
          from: inRow(2, e(key)),
          to: inRow(2, sum),
        })),
        shows: [inRow(2, sum), cell(sum)],
      },
    ].map(at(keys - 1)),
    ...all.flatMap((key) =>
      [
        take(
          [fly(e(key), cell, row(3)), { number: sum, from: inRow(2, sum), to: inRow(3, sum) }],
          3,
          500,
          'Each exponential is divided by their sum.',
        ),
        {
          ms: 350,
          says: 'The quotient is the weight of this key (the article: its chance).',
          row: 3,
          flights: [],
          shows: [inRow(3, p(key))],
        },
        withSum(keep(p(key), 3, 450, 'Its bar grows. All bars together are 1 long.'), key),
      ].map(at(key)),
    ),
  ];

  function withSum(beat: Rest, key: number): Rest {
    const isLast = key === keys - 1;
    return isLast ? { ...beat, shows: [...beat.shows, cell(cellKey('weightSum', query))] } : beat;
  }
}

export function mixing({ query, keys, width }: Plot): Move {
  const all = indices(keys);
  return indices(width).flatMap((column) => {
    const part = (key: number) => cellKey('contributions', query, key, column);
    const output = cellKey('output', query, column);
    const factors = (key: number) => [cellKey('weights', query, key), cellKey('v', key, column)];
    const beats: Rest[] = [
      take(
        all.flatMap((key) => factors(key).map((number) => fly(number, cell, row(0)))),
        0,
        800,
        'Each weight meets the value of its key.',
      ),
      {
        ms: 700,
        says: 'The value is multiplied by the weight: a small weight leaves little of it.',
        row: 1,
        flights: all.flatMap((key) =>
          factors(key).map((number) => ({
            number,
            from: inRow(0, number),
            to: inRow(1, part(key)),
          })),
        ),
        shows: all.map((key) => inRow(1, part(key))),
      },
      {
        ms: 700,
        says: 'The parts pour into the output.',
        row: 2,
        flights: all.map((key) => ({
          number: part(key),
          from: inRow(1, part(key)),
          to: inRow(2, output),
        })),
        shows: [inRow(2, output)],
      },
      keep(output, 2, 500, 'The output is kept: a mixture of the values.'),
    ];
    return beats.map((beat) => ({ ...beat, key: 0, column }));
  });
}

function take(flights: Flight[], row: number, ms: number, says: string): Rest {
  return { ms, says, row, flights, shows: flights.map(({ to }) => to) };
}

/** A result goes from the worked line to its cell. */
function keep(number: CellKey, from: number, ms: number, says: string): Rest {
  return {
    ms,
    says,
    row: from,
    flights: [fly(number, row(from), cell)],
    shows: [cell(number)],
  };
}
