/** Names of numbers. A number in a formula and its cell have the same key, which links them. */
export type InputName = 'q' | 'k' | 'v';
export type MatrixName =
  | InputName
  | 'terms'
  | 'products'
  | 'scaled'
  | 'masked'
  | 'rowMax'
  | 'exponentials'
  | 'rowSum'
  | 'weights'
  | 'weightSum'
  | 'contributions'
  | 'output'
  | 'x'
  | 'wq'
  | 'wk'
  | 'wv'
  | 'joined'
  | 'outputWeights'
  | 'mixed';

/** Whose row it is; also the class of its colour and its line. */
export const INPUT_ROLES = { q: 'query', k: 'key', v: 'value' } as const;

export type CellKey = `${MatrixName}:${string}`;

/**
 * Indices count from 0. `terms` (query, key, column of Q and K) and `contributions` (query, key, column of
 * V) have three; the maximum and the sums of a row have one.
 */
export function cellKey(name: MatrixName, ...at: readonly number[]): CellKey {
  return `${name}:${at.join(':')}`;
}

/** The letters of the matrices in the formulas. */
export const SYMBOLS: Record<MatrixName, string> = {
  q: 'q',
  k: 'k',
  v: 'v',
  terms: 't',
  products: 's',
  scaled: 'z',
  masked: 'z',
  rowMax: 'm',
  exponentials: 'e',
  rowSum: '\u2113',
  weights: 'p',
  weightSum: '\u03a3p',
  contributions: 'c',
  output: 'o',
  x: 'x',
  wq: 'w',
  wk: 'w',
  wv: 'w',
  joined: 'h',
  outputWeights: 'w',
  mixed: 'y',
};

/** The name that screen readers read out: "score of query 1 and key 2". */
export function spokenName(name: MatrixName, at: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = at.map((index) => index + 1);
  switch (name) {
    case 'q':
    case 'k':
    case 'v':
      return `${name.toUpperCase()} row ${a} column ${b}`;
    case 'terms':
      return `product of Q row ${a} column ${c} and K row ${b} column ${c}`;
    case 'products':
      return `score of query ${a} and key ${b}`;
    case 'scaled':
      return `scaled score of query ${a} and key ${b}`;
    case 'masked':
      return `logit of query ${a} and key ${b}`;
    case 'rowMax':
      return `largest scaled score of query ${a}`;
    case 'exponentials':
      return `exponential for query ${a} and key ${b}`;
    case 'rowSum':
      return `sum of the exponentials of query ${a}`;
    case 'weights':
      return `weight of key ${b} for query ${a}`;
    case 'weightSum':
      return `sum of the weights of query ${a}`;
    case 'contributions':
      return `contribution of value ${b} to output ${a}, column ${c}`;
    case 'output':
      return `output of query ${a}, column ${b}`;
    case 'x':
      return `number ${b} of the vector of word ${a}`;
    case 'wq':
    case 'wk':
    case 'wv':
      return `W ${name.charAt(1).toUpperCase()} row ${a} column ${b}`;
    case 'joined':
      return `outputs of word ${a} side by side, column ${b}`;
    case 'outputWeights':
      return `W_O row ${a} column ${b}`;
    case 'mixed':
      return `output of word ${a} after W_O, column ${b}`;
  }
}
