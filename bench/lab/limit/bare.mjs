// Bare attention: both products and the exponentials on numbers in the first-level cache, and copies of inputs
// and output. It leaves out packing, maxima, rescaling, division, options, and lengths that no tile divides. A
// complete kernel can come close to bare attention, but no closer to the loops that only multiply and add. For
// one query nothing is copied, and keys and values are read from memory.

import {
  BLOCK_KEYS,
  constantsOf,
  MOST_DEPTH,
  ONE_QUERY_DEPTH,
  PLACES,
  TILES,
} from './bare-text.mjs';

const PAGE = 65536;
const LANES = 4;
/** Every weight, since all scores are equal. */
const WEIGHT = 2 ** 24;

/** The number of pairs of a panel of rows and a block of keys that have the work of a problem. */
function blocksOf({ heads, queries, keys }, { nr }) {
  return Math.max(1, Math.round((heads * queries * keys) / (LANES * nr * BLOCK_KEYS)));
}

/** The work of a run, as workOf of problems.mjs. Padding columns of a last tile do not count. */
export function workOfBare({ tile, problem }) {
  const { heads, keyHeads, queries, keys, depth } = problem;
  const bytes = 2 * keyHeads * keys * depth * 4;
  if (queries === 1) return { operations: 4 * heads * keys * depth, bytes };
  const operationsOfBlock = 4 * LANES * TILES[tile].nr * BLOCK_KEYS * depth;
  return { operations: blocksOf(problem, TILES[tile]) * operationsOfBlock, bytes };
}

/** Gives { run(), isRight(result) } from the module's exports. */
export function bareAttention(exports, { tile, problem }) {
  const n = Object.keys(TILES).indexOf(tile);
  const prepare = problem.queries === 1 ? oneQuery : manyQueries;
  return prepare(exports, n, problem, TILES[tile]);
}

/** The number of elements of the queries, the keys and the values. */
export function sizesOf({ heads, keyHeads, queries, keys, depth }) {
  return [heads * queries * depth, keyHeads * keys * depth, keyHeads * keys * depth];
}

function manyQueries({ memory, ...functions }, n, problem, tile) {
  const { depth } = problem;
  if (depth > MOST_DEPTH)
    throw new RangeError(`many queries need a depth of at most ${MOST_DEPTH}`);
  const inputs = sizesOf(problem).map((count) => new Float32Array(count).fill(1));
  const [{ length: rows }] = inputs;
  const copied = rows + inputs.reduce((sum, { length }) => sum + length, 0);
  memory.grow(Math.ceil((4 * copied) / PAGE));
  const floats = new Float32Array(memory.buffer);
  floats.set(constantsOf(tile), PLACES.constants / 4);
  // Queries stay 0, so all scores are 0.
  floats.fill(1, PLACES.factor / 4, PLACES.panel / 4);
  floats.fill(0, PLACES.inputs / 4); // the system provides pages when they are first written
  const outputs = floats.subarray(PLACES.outputs / 4).subarray(0, LANES * tile.nr * depth);
  const count = blocksOf(problem, tile);
  const compute = functions[`blocks_${n}`];
  /** Gives a view of the output. */
  const attend = (given) => {
    let at = PLACES.inputs / 4;
    for (const input of given) {
      floats.set(input, at);
      at += input.length;
    }
    compute(count, depth);
    return floats.subarray(at, at + rows);
  };
  return {
    run: () => new Float32Array(attend(inputs)),
    /** Takes the inputs, and writes the output over the queries. */
    runInPlace: (given) => given[0].set(attend(given)),
    // The copied output has only the right size: outputs of a panel are not transposed into rows.
    isRight: () => outputs.every((output) => output === BLOCK_KEYS * WEIGHT),
  };
}

function oneQuery({ memory, ...functions }, n, { heads, keyHeads, keys, depth }, tile) {
  if (heads !== keyHeads || depth !== ONE_QUERY_DEPTH)
    throw new RangeError(`one query needs heads that are not grouped, of depth ${ONE_QUERY_DEPTH}`);
  const bytes = 4 * keys * depth;
  // Four partial sums a key, and a page that the lock step may read past the last one.
  const from = Math.ceil((PLACES.weights + 16 * keys) / PAGE + 1) * PAGE;
  // Values are added two keys at once, so there is one more after an odd last one.
  memory.grow(Math.ceil((from + 2 * heads * bytes + 4 * depth) / PAGE));
  const floats = new Float32Array(memory.buffer);
  floats.set(constantsOf(tile), PLACES.constants / 4);
  floats.fill(0, from / 4, (from + heads * bytes) / 4); // the system provides pages when they are first written
  floats.fill(1, (from + heads * bytes) / 4);
  const sums = floats.subarray(PLACES.sums / 4, PLACES.sums / 4 + depth);
  const [dots, weigh, add] = ['dots', 'weigh', 'add'].map((name) => functions[`${name}_${n}`]);
  return {
    run() {
      const outputs = new Float32Array(heads * depth);
      for (let head = 0; head < heads; head++) {
        const key = from + head * bytes;
        const value = key + heads * bytes;
        dots(key, key + bytes, PLACES.query, PLACES.weights);
        weigh(PLACES.weights, 4 * LANES, Math.ceil(keys / LANES));
        floats[PLACES.weights / 4 + keys] = 0; // for the value after an odd last key
        sums.fill(0);
        add(value, value + bytes, PLACES.weights, PLACES.sums);
        outputs.set(sums, head * depth);
      }
      return outputs;
    },
    isRight: (outputs) => outputs.every((output) => output === keys * WEIGHT),
  };
}
