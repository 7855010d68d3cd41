// A model of one layer with random weights: its text means nothing, but its decoding is real.

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz ';
const HEADS = 2;
const DEPTH = 8;
const WIDTH = HEADS * DEPTH;

export function createModel() {
  const next = generator(1);
  const matrix = (rows, columns) => Float32Array.from({ length: rows * columns }, next);
  const embedding = matrix(ALPHABET.length, WIDTH);
  const [toQuery, toKey, toValue] = [1, 2, 3].map(() => matrix(WIDTH, WIDTH));

  /** Rows of the tokens times a matrix, as [H, L, D]. */
  function projected(tokens, weights) {
    const data = new Float32Array(HEADS * tokens.length * DEPTH);
    tokens.forEach((token, i) => {
      for (let column = 0; column < WIDTH; column++) {
        let sum = 0;
        for (let k = 0; k < WIDTH; k++)
          sum += embedding[token * WIDTH + k] * weights[k * WIDTH + column];
        const head = Math.floor(column / DEPTH);
        data[(head * tokens.length + i) * DEPTH + (column % DEPTH)] = sum;
      }
    });
    return { data, shape: [HEADS, tokens.length, DEPTH] };
  }

  return {
    heads: HEADS,
    depth: DEPTH,
    tokensOf: (text) => Array.from(text, (letter) => ALPHABET.indexOf(letter)),
    textOf: (tokens) => tokens.map((token) => ALPHABET[token]).join(''),
    project: (tokens) => ({
      query: projected(tokens, toQuery),
      key: projected(tokens, toKey),
      value: projected(tokens, toValue),
    }),
    /** The token whose embedding is most similar to the last row of an output [H, L, D]. */
    mostLikely({ data, shape: [, length] }) {
      const score = (token) => {
        let sum = 0;
        for (let column = 0; column < WIDTH; column++) {
          const at = (Math.floor(column / DEPTH) * length + length - 1) * DEPTH + (column % DEPTH);
          sum += data[at] * embedding[token * WIDTH + column];
        }
        return sum;
      };
      const scores = Array.from(ALPHABET, (_, token) => score(token));
      return scores.indexOf(Math.max(...scores));
    },
  };
}

/** Numbers in [−1, 1), the same in every run. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
