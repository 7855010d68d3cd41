/** Names of numbers. A number in a formula and its cell have the same key, which links them. */
export type InputName = 'q' | 'k' | 'v';
export type MatrixName =
  | InputName
  | 'products'
  | 'scaled'
  | 'masked'
  | 'rowMax'
  | 'exponentials'
  | 'rowSum'
  | 'weights'
  | 'weightSum'
  | 'contributions'
  | 'output';

export type CellKey = `${MatrixName}:${string}`;

/**
 * Indices count from 0. `contributions` has three (query, key, column); the maximum and the sums of a
 * row have one.
 */
export function cellKey(name: MatrixName, ...at: readonly number[]): CellKey {
  return `${name}:${at.join(':')}`;
}

/** The letters of the matrices in the formulas. */
export const SYMBOLS: Record<MatrixName, string> = {
  q: 'q',
  k: 'k',
  v: 'v',
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
};

/** The name that screen readers read out: "score of query 1 and key 2". */
export function spokenName(name: MatrixName, at: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = at.map((index) => index + 1);
  switch (name) {
    case 'q':
    case 'k':
    case 'v':
      return `${name.toUpperCase()} row ${a} column ${b}`;
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
  }
}
