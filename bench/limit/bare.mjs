// Bare attention: inputs and output are copied, and the two products and the exponentials between them
// are computed on numbers in the first-level cache. Packing, maxima, rescaling, dividing, options, lengths
// that are no multiple of a tile: everything else is left out. A kernel that does all of it comes near to
// this, and no nearer to the loops that only multiply and add. For one query nothing is copied, and keys and
// values are read from memory.

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
/** A weight, whatever the scores are equal to. */
const WEIGHT = 2 ** 24;

/** How many panels of rows times blocks of keys have the work of a problem. */
function blocksOf({ heads, queries, keys }, { vectors }) {
  return Math.max(1, Math.round((heads * queries * keys) / (LANES * vectors * BLOCK_KEYS)));
}

/** What a run does, as problems.mjs says it of a problem; columns that a last tile has beside them are no work. */
export function workOfBare({ tile, problem }) {
  const { heads, keyHeads, queries, keys, depth } = problem;
  const bytes = 2 * keyHeads * keys * depth * 4;
  if (queries === 1) return { operations: 4 * heads * keys * depth, bytes };
  const operationsOfBlock = 4 * LANES * TILES[tile].vectors * BLOCK_KEYS * depth;
  return { operations: blocksOf(problem, TILES[tile]) * operationsOfBlock, bytes };
}

/** { run(), isRight(result) }, of the module's exports. */
export function bareAttention(exports, { tile, problem }) {
  const n = Object.keys(TILES).indexOf(tile);
  const prepare = problem.queries === 1 ? oneQuery : manyQueries;
  return prepare(exports, n, problem, TILES[tile]);
}

/** Of queries, keys and values. */
export function sizesOf({ heads, keyHeads, queries, keys, depth }) {
  return [heads * queries * depth, keyHeads * keys * depth, keyHeads * keys * depth];
}

function manyQueries({ memory, ...functions }, n, problem, tile) {
  const { depth } = problem;
  if (depth > MOST_DEPTH)
    throw new RangeError(`many queries have a depth of at most ${MOST_DEPTH}`);
  const inputs = sizesOf(problem).map((count) => new Float32Array(count).fill(1));
  const [{ length: rows }] = inputs;
  const copied = rows + inputs.reduce((sum, { length }) => sum + length, 0);
  memory.grow(Math.ceil((4 * copied) / PAGE));
  const floats = new Float32Array(memory.buffer);
  floats.set(constantsOf(tile), PLACES.constants / 4);
  // Queries are 0, and with them the scores.
  floats.fill(1, PLACES.factor / 4, PLACES.panel / 4);
  floats.fill(0, PLACES.inputs / 4); // written, so that it is there
  const outputs = floats.subarray(PLACES.outputs / 4).subarray(0, LANES * tile.vectors * depth);
  const count = blocksOf(problem, tile);
  const compute = functions[`blocks_${n}`];
  /** Gives the place of the output. */
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
    /** With the inputs it is given, and the output where the queries are. */
    runInPlace: (given) => given[0].set(attend(given)),
    // What is copied has its size alone: outputs of a panel are not turned into rows.
    isRight: () => outputs.every((output) => output === BLOCK_KEYS * WEIGHT),
  };
}

function oneQuery({ memory, ...functions }, n, { heads, keyHeads, keys, depth }, tile) {
  if (heads !== keyHeads || depth !== ONE_QUERY_DEPTH)
    throw new RangeError(
      `one query is computed with heads of its own, of depth ${ONE_QUERY_DEPTH}`,
    );
  const bytes = 4 * keys * depth;
  // Four lanes a key are stored; and what is read past the last one in lock step.
  const from = Math.ceil((PLACES.weights + 16 * keys) / PAGE + 1) * PAGE;
  // Values are added two at once: there is one past an odd last one.
  memory.grow(Math.ceil((from + 2 * heads * bytes + 4 * depth) / PAGE));
  const floats = new Float32Array(memory.buffer);
  floats.set(constantsOf(tile), PLACES.constants / 4);
  floats.fill(0, from / 4, (from + heads * bytes) / 4); // written, so that it is there
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
        floats[PLACES.weights / 4 + keys] = 0; // of the one past an odd last key
        sums.fill(0);
        add(value, value + bytes, PLACES.weights, PLACES.sums);
        outputs.set(sums, head * depth);
      }
      return outputs;
    },
    isRight: (outputs) => outputs.every((output) => output === keys * WEIGHT),
  };
}
