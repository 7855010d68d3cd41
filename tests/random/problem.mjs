// The problem of a recipe: tensors [B, H, L, D] and options, always the same for the same recipe.

import { swapHeadsAndRows } from '../conformance/rows.mjs';
import { exclusion } from '../reference/attention.mjs';
import { elements, normals, random, tensor } from './numbers.mjs';

/** The most products of one problem: the reference takes some milliseconds for them. */
const MOST_PRODUCTS = 1_500_000;

/** Query, key and value of given sizes, in the rank that is asked for. */
export function inputsOf({ seed, rank, batch, keyHeads, group, queries, keys, depth, valueDepth }) {
  const next = random(seed);
  const ofRank = (...shape) => tensor(next, shape.slice(4 - rank));
  return {
    query: ofRank(batch, keyHeads * group, queries, depth),
    key: ofRank(batch, keyHeads, keys, depth),
    value: ofRank(batch, keyHeads, keys, valueDepth),
  };
}

/** Query, key and value of a problem as its rank and layout have them. */
export function inputsAsGiven(problem) {
  return [problem.query, problem.key, problem.value].map((given) => shapedAs(problem, given));
}

/** A tensor [B, H, L, D] as the rank and layout of a problem have it. */
export function shapedAs({ rank, layout }, { data, shape }) {
  const ranked = { data, shape: shape.slice(4 - rank) };
  return layout === 'blhd' ? swapHeadsAndRows(ranked) : ranked;
}

/**
 * { query, key, value, options, capture, way, rank, layout }; tensors are [B, H, L, D] here. Batches and
 * heads are reduced until there are at most so many products.
 */
export function problemOf(recipe, mostProducts = MOST_PRODUCTS) {
  const next = random(recipe.seed);
  const size = sizesOf(recipe, mostProducts);
  const query = tensor(next, [size.batch, size.heads, size.queries, size.depth]);
  query.data.forEach((x, i) => {
    query.data[i] = x * recipe.queryTimes;
  });
  const key = tensor(next, [size.batch, size.keyHeads, size.keys, size.depth]);
  const value = tensor(next, [size.batch, size.keyHeads, size.keys, size.valueDepth]);
  addStray(recipe, key, value, next);
  const options = optionsOf(recipe, size, next);
  const { rank, layout, capture, way } = recipe;
  // A cache aligns the newest query with the newest key unless told otherwise.
  const asked = way.by === 'cache' ? { queryOffset: 'end', ...options } : options;
  const problem = { query, key, value, options: asked, given: options, rank, layout, capture, way };
  return { ...problem, poisoned: poison(problem, recipe.poison, next) };
}

/**
 * One number of a key or value that its attending rows see, and no other row: NaN, or −Infinity, which makes
 * scores of ±Infinity. A part with no other score than −Infinity is NaN, the whole is not: parts get NaN.
 */
function addStray({ stray, way }, key, value, next) {
  if (stray === 'none') return;
  const { data } = stray === 'NaN in value' ? value : key;
  const isInParts = way.by === 'chunks' || way.by === 'subsets';
  const number = stray === '-Infinity in key' && !isInParts ? -Infinity : Number.NaN;
  if (data.length > 0) data[next() % data.length] = number;
}

/** The sizes of a recipe's problem: a rank without batches or heads has one of them. */
export function sizesOf(recipe, mostProducts = MOST_PRODUCTS) {
  const { seed, rank, queries, keys, depth, valueDepth } = recipe;
  const limit = (count, products) =>
    Math.max(1, Math.min(count, Math.floor(mostProducts / products)));
  const products = queries * keys * (depth + valueDepth);
  const batch = rank < 4 ? 1 : limit(recipe.batch, products);
  const keyHeads = rank < 3 ? 1 : limit(recipe.keyHeads, products * batch);
  const group = rank < 3 ? 1 : limit(recipe.group, products * batch * keyHeads);
  const heads = keyHeads * group;
  return { seed, rank, batch, keyHeads, group, heads, queries, keys, depth, valueDepth };
}

function optionsOf({ options: chosen }, { batch, heads, queries, keys }, next) {
  const full = [batch, heads, queries, keys];
  const shapeOf = ({ rank, ones }) =>
    full.map((extent, axis) => (ones[axis] ? 1 : extent)).slice(4 - rank);
  const sixteenth = (range) => ((next() % (2 * range + 1)) - range) / 16;
  const perHead = (kind) => {
    const numbers = Array.from({ length: heads }, () => sixteenth(40));
    return kind === 'Float32Array' ? Float32Array.from(numbers) : numbers;
  };
  const lengthOf = (part) => Math.round((part * keys) / 480);
  const keyLengths = chosen.keyLengths?.slice(0, batch).map(lengthOf);
  const offset = ({ from, by }, b = 0) =>
    (from === 'start' ? 0 : (keyLengths?.[b] ?? keys) - queries) + by;
  const make = {
    queryOffset: (given) => {
      if (given === 'end') return given;
      return Array.isArray(given) ? given.slice(0, batch).map(offset) : offset(given);
    },
    mask: (given) => {
      const shape = shapeOf(given);
      const isKept = inRuns(shape, given.run, () => next() % 4 < given.keptOfFour);
      const byte = (_, at) => (isKept(at) ? 1 + (next() % 255) : 0);
      return { data: Uint8Array.from({ length: elements(shape) }, byte), shape };
    },
    bias: (given) => {
      const shape = shapeOf(given);
      const isExcluded = inRuns(shape, given.run, () => next() % 4 < given.excludedOfFour);
      const data = normals(next, elements(shape)).map((x, at) =>
        isExcluded(at) ? -Infinity : x * given.times,
      );
      return { data, shape };
    },
    alibiSlopes: perHead,
    sinks: perHead,
    keyLengths: () => keyLengths,
  };
  return Object.fromEntries(
    Object.entries(chosen).map(([name, given]) => [name, make[name]?.(given) ?? given]),
  );
}

/** One answer for each square of `run` neighbouring keys and rows. */
function inRuns(shape, run, answer) {
  const keys = shape.at(-1);
  const runs = Math.ceil(keys / run);
  const answers = new Map();
  return (at) => {
    const row = Math.floor(at / keys / run);
    const cell = row * runs + Math.floor((at % keys) / run);
    if (!answers.has(cell)) answers.set(cell, answer());
    return answers.get(cell);
  };
}

/**
 * Poisons the rows of keys and values that no query attends: they must have no influence. Returns whether
 * key j of key head g in batch b is poisoned.
 */
function poison({ query, key, value, options }, what, next) {
  if (what === 'none') return () => false;
  const [batch, heads, rows] = query.shape;
  const [, keyHeads, keys] = key.shape;
  const free = new Uint8Array(batch * keyHeads * keys).fill(1);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++) {
      const first = (b * keyHeads + Math.floor((h * keyHeads) / heads)) * keys;
      for (let i = 0; i < rows; i++) {
        const isExcluded = exclusion(query, key, options, b, h, i);
        for (let j = 0; j < keys; j++) if (!isExcluded(j)) free[first + j] = 0;
      }
    }
  for (let row = 0; row < free.length; row++) {
    if (!free[row]) continue;
    for (const { data, shape } of [key, value]) {
      const columns = shape[3];
      for (let c = 0; c < columns; c++)
        if (next() % 2 === 0) data[row * columns + c] = Number(what);
    }
  }
  return (b, g, j) => free[(b * keyHeads + g) * keys + j] === 1;
}
