// Bare attention as WebAssembly text: micro-kernels, exponentials and, for one query, dot products. bare.mjs
// calls these functions and says what they are for.

import { locals, names, range } from './text.mjs';

/** Keys of a block. A kernel updates its maxima once a block. */
export const BLOCK_KEYS = 120;
/** Keys, or columns, that are multiplied one after another while they are in the first-level cache. */
export const GROUP = 24;
/** The largest depth for which PLACES leave room. */
export const MOST_DEPTH = 128;
/** The only depth that the loops for one query compute. */
export const ONE_QUERY_DEPTH = 64;

/**
 * Micro-kernels of mr broadcast elements × nr vectors of rows for 15 registers; expUnroll vectors go through
 * the exponential in lock step. Of those tried these are the fastest one with fused multiply-adds and the two
 * fastest without.
 */
export const TILES = {
  'fused 2 × 6': { isFused: true, mr: 2, nr: 6, expUnroll: 5 },
  'separate 2 × 4': { isFused: false, mr: 2, nr: 4, expUnroll: 6 },
  'separate 3 × 3': { isFused: false, mr: 3, nr: 3, expUnroll: 6 },
};

/** Addresses in the memory: first those for any number of queries, then for many queries, then for one. */
export const PLACES = {
  ...{ constants: 0, total: 512 },
  ...{ factor: 1024, panel: 16384, scores: 32768, outputs: 49152, inputs: 65536 },
  ...{ query: 1024, sums: 2048, weights: 4096 },
};

/** Constants of the exponentials, one vector each; see src/simd/exp2.hpp. */
const CONSTANTS = ['least', 'max', 'scoreScale', 'magic', 'one', 'half'];
const COEFFICIENTS = 16 * CONSTANTS.length;

/**
 * The values of the constants, each repeated over a vector. Scores and their maximum are 0, so that every weight
 * is 2^24 and every sum of weights is exact.
 */
export function constantsOf({ isFused }) {
  const first = [-151, 0, 1, 1.5 * 2 ** 23 + 151, 1, 0.5];
  const powers = isFused ? 7 : 6;
  const scale = isFused ? 2 ** 24 : 1;
  // Of Taylor's series: the time does not depend on how well they approximate 2^f.
  const coefficients = Array.from({ length: powers }, (_, i) => {
    const power = isFused ? powers - 1 - i : powers - i;
    return (scale * Math.LN2 ** power) / factorial(power);
  });
  if (!isFused) coefficients[powers - 1] -= 0.5;
  return Float32Array.from([...first, ...coefficients].flatMap((x) => [x, x, x, x]));
}

function factorial(n) {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** Functions blocks_N, weigh_N, dots_N and add_N for each of TILES, where N is its index. */
export function bareFunctions() {
  return Object.values(TILES).flatMap((tile, n) => [
    product(`product_${n}`, tile),
    exponentials(`weigh_${n}`, tile),
    blocks(n, tile),
    dots(`dots_${n}`, tile),
    values(`add_${n}`, tile),
  ]);
}

const get = (name) => `(local.get ${name})`;
const set = (name, value) => `(local.set ${name} ${value})`;
const plus = (a, b) => `(i32.add ${a} ${b})`;
const times = (a, b) => `(i32.mul ${a} ${b})`;
const integer = (n) => `(i32.const ${n})`;
const loadAt = (address, offset = 0) => `(v128.load offset=${offset} ${address})`;
const constant = (name) => loadAt(integer(PLACES.constants), 16 * CONSTANTS.indexOf(name));

function multiplyAdd({ isFused }, a, b, sum) {
  return isFused
    ? `(f32x4.relaxed_madd ${a} ${b} ${sum})`
    : `(f32x4.add ${sum} (f32x4.mul ${a} ${b}))`;
}

/** The micro-kernel of both products. The branch between its two steps keeps their instructions apart, as in the kernels. */
function product(name, tile) {
  const { mr, nr } = tile;
  const panelStep = 16 * nr;
  const sum = (item, vector) => `$sum${item}_${vector}`;
  const sums = range(mr).flatMap((item) => range(nr).map((v) => sum(item, v)));
  const elements = names('$element', mr);
  const strides = names('$stride', mr);
  const element = (i) =>
    `(v128.load32_splat ${i === 0 ? get('$factor') : plus(get('$factor'), get(strides[i]))})`;
  const step = `
    ${elements.map((e, i) => set(e, element(i))).join('\n    ')}
    ${range(nr)
      .map(
        (v) => `${set('$row', loadAt(get('$panel'), 16 * v))}
    ${elements.map((e, i) => set(sum(i, v), multiplyAdd(tile, get('$row'), get(e), get(sum(i, v))))).join('\n    ')}`,
      )
      .join('\n    ')}
    ${set('$factor', plus(get('$factor'), get('$step')))}
    ${set('$panel', plus(get('$panel'), integer(panelStep)))}`;
  const stores = range(mr).flatMap((item) =>
    range(nr).map(
      (v) => `(v128.store offset=${panelStep * item + 16 * v} ${get('$to')} ${get(sum(item, v))})`,
    ),
  );
  return `
(func $${name} (param $factor i32) (param $item i32) (param $step i32) (param $steps i32)
  (param $panel i32) (param $to i32)
  (local $end i32) (local $row v128)
  ${locals(strides, 'i32')} ${locals(elements, 'v128')} ${locals(sums, 'v128')}
  ${strides.map((stride, i) => set(stride, times(get('$item'), integer(i)))).join('\n  ')}
  ${set('$end', plus(get('$panel'), times(get('$steps'), integer(panelStep))))}
  (block $done
    (loop $more
      ${step}
      (br_if $done (i32.eq ${get('$panel')} ${get('$end')}))
      ${step}
      (br_if $more (i32.ne ${get('$panel')} ${get('$end')}))))
  ${stores.join('\n  ')})`;
}

/** Turns scores from $at0 on, $stride bytes apart, into weights, expUnroll vectors in lock step; see exp2.hpp. */
function exponentials(name, tile) {
  const { isFused, expUnroll } = tile;
  const all = (text) => range(expUnroll).map(text).join('\n    ');
  const [x, power, p, at] = ['$x', '$power', '$p', '$at'].map((prefix) => (i) => prefix + i);
  const logit = (i) => `(f32x4.pmax ${constant('least')}
      (f32x4.mul (f32x4.sub ${loadAt(get(at(i)))} ${get('$max')}) ${get('$scoreScale')}))`;
  const reduce = (i) =>
    isFused
      ? `${set(power(i), `(f32x4.nearest ${get(x(i))})`)}
    ${set(x(i), `(f32x4.sub ${get(x(i))} ${get(power(i))})`)}
    ${set(power(i), `(i32x4.shl (i32x4.relaxed_trunc_f32x4_s ${get(power(i))}) ${integer(23)})`)}`
      : `${set(power(i), `(f32x4.add ${get(x(i))} ${constant('magic')})`)}
    ${set(x(i), `(f32x4.sub ${get(x(i))} (f32x4.sub ${get(power(i))} ${constant('magic')}))`)}
    ${set(power(i), `(i32x4.shl ${get(power(i))} ${integer(23)})`)}`;
  const finish = (i) =>
    isFused
      ? `(i32x4.add ${get(p(i))} ${get(power(i))})`
      : `(f32x4.mul ${get(power(i))} (f32x4.add ${constant('one')} ${multiplyAdd(
          tile,
          ...[get(p(i)), get(x(i)), `(f32x4.mul ${get(x(i))} ${constant('half')})`],
        )}))`;
  const last = COEFFICIENTS + 16 * (isFused ? 7 : 6);
  return `
(func $${name} (export "${name}") (param $at0 i32) (param $stride i32) (param $vectors i32)
  (local $end i32) (local $next i32) (local $max v128) (local $scoreScale v128) (local $sum v128)
  ${locals(names('$at', expUnroll).slice(1), 'i32')}
  ${[x, power, p].map((each) => locals(range(expUnroll).map(each), 'v128')).join(' ')}
  ${set('$max', constant('max'))}
  ${set('$scoreScale', constant('scoreScale'))}
  ${set('$end', plus(get('$at0'), times(get('$stride'), get('$vectors'))))}
  (loop $more
    ${range(expUnroll)
      .slice(1)
      .map((_, i) => set(at(i + 1), plus(get(at(i)), get('$stride'))))
      .join('\n    ')}
    ${all((i) => set(x(i), logit(i)))}
    ${all(reduce)}
    ${all((i) => set(p(i), loadAt(integer(COEFFICIENTS))))}
    ${set('$next', integer(COEFFICIENTS + 16))}
    (loop $powers
      ${all((i) => set(p(i), multiplyAdd(tile, get(p(i)), get(x(i)), loadAt(get('$next')))))}
      (br_if $powers (i32.ne (local.tee $next ${plus(get('$next'), integer(16))}) ${integer(last)})))
    ${all((i) => set(x(i), finish(i)))}
    ${all((i) => set('$sum', `(f32x4.add ${get('$sum')} ${get(x(i))})`))}
    ${all((i) => `(v128.store ${get(at(i))} ${get(x(i))})`)}
    ${set('$at0', plus(get(at(expUnroll - 1)), get('$stride')))}
    (br_if $more (i32.lt_u ${get('$at0')} ${get('$end')})))
  (v128.store offset=${PLACES.total} (i32.const 0) ${get('$sum')}))`;
}

/** Computes scores, weights and outputs of one panel of rows and one block of keys, `count` times. */
function blocks(n, { mr, nr }) {
  const row = 16 * nr;
  const forEach = (label, count, step, body) => `
    ${set('$i', integer(0))}
    (loop ${label}
      ${body}
      ${set('$i', plus(get('$i'), integer(step)))}
      (br_if ${label} (i32.lt_u ${get('$i')} ${count})))`;
  const inGroup = `(i32.rem_u ${get('$i')} ${integer(GROUP)})`;
  const bytes = times(get('$depth'), integer(4));
  const to = (place) => plus(integer(place), times(get('$i'), integer(row)));
  return `
(func (export "blocks_${n}") (param $count i32) (param $depth i32) (local $i i32)
  (loop $more
    ${forEach(
      '$keys',
      integer(BLOCK_KEYS),
      mr,
      `(call $product_${n} ${plus(integer(PLACES.factor), times(inGroup, bytes))} ${bytes}
        ${integer(4)} ${get('$depth')} ${integer(PLACES.panel)} ${to(PLACES.scores)})`,
    )}
    ${forEach(
      '$vectors',
      integer(nr),
      1,
      `(call $weigh_${n} ${plus(integer(PLACES.scores), times(get('$i'), integer(16)))}
        ${integer(row)} ${integer(BLOCK_KEYS)})`,
    )}
    ${forEach(
      '$columns',
      get('$depth'),
      mr,
      `(call $product_${n} ${plus(integer(PLACES.factor), times(inGroup, integer(4)))} ${integer(4)}
        ${integer(4 * GROUP)} ${integer(BLOCK_KEYS)} ${integer(PLACES.scores)} ${to(PLACES.outputs)})`,
    )}
    (br_if $more (local.tee $count (i32.sub ${get('$count')} (i32.const 1))))))`;
}

const VECTORS = range(ONE_QUERY_DEPTH / 4);

/** Multiplies the query with the keys from $key to $end; each key leaves four partial sums, of two chains of multiply-adds. */
function dots(name, tile) {
  const sums = names('$sum', 2);
  const add = (i) => {
    const sum = sums[i % 2];
    const [key, query] = ['$key', '$query'].map((row) => loadAt(get(row), 16 * i));
    return set(sum, multiplyAdd(tile, key, query, get(sum)));
  };
  return `
(func (export "${name}") (param $key i32) (param $end i32) (param $query i32) (param $to i32)
  ${locals(sums, 'v128')}
  (loop $more
    ${sums.map((sum) => set(sum, '(v128.const f32x4 0 0 0 0)')).join(' ')}
    ${VECTORS.map(add).join('\n    ')}
    (v128.store ${get('$to')} (f32x4.add ${sums.map(get).join(' ')}))
    ${set('$key', plus(get('$key'), integer(4 * ONE_QUERY_DEPTH)))}
    ${set('$to', plus(get('$to'), integer(16)))}
    (br_if $more (i32.lt_u ${get('$key')} ${get('$end')}))))`;
}

/** Adds the values from $value to $end, each times its weight, to the sums, two keys at once. */
function values(name, tile) {
  const keyBytes = 4 * ONE_QUERY_DEPTH;
  const addKey = (key, i, sum) =>
    multiplyAdd(tile, loadAt(get('$value'), keyBytes * key + 16 * i), get(`$w${key}`), sum);
  const add = (i) => {
    const sum = addKey(1, i, addKey(0, i, loadAt(get('$sums'), 16 * i)));
    return `(v128.store offset=${16 * i} ${get('$sums')} ${sum})`;
  };
  return `
(func (export "${name}") (param $value i32) (param $end i32) (param $weight i32) (param $sums i32)
  (local $w0 v128) (local $w1 v128)
  (loop $more
    ${set('$w0', `(v128.load32_splat ${get('$weight')})`)}
    ${set('$w1', `(v128.load32_splat offset=4 ${get('$weight')})`)}
    ${VECTORS.map(add).join('\n    ')}
    ${set('$value', plus(get('$value'), integer(2 * keyBytes)))}
    ${set('$weight', plus(get('$weight'), integer(8)))}
    (br_if $more (i32.lt_u ${get('$value')} ${get('$end')}))))`;
}
