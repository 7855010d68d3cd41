// What the cases of advice share: a problem, its reference, and how code in advice is run.

import { inputsOf } from '../../random/problem.mjs';
import { attendReference } from '../../reference/attention.mjs';

/**
 * @typedef {object} Case
 * @property {string} name what was given
 * @property {(setting: Setting) => unknown} given throws the error, or rejects with it
 * @property {Record<string, (setting: Setting, error: Error) => ArrayLike<number> | Promise<ArrayLike<number>>>} ways
 *   each way that the advice names: the same input, with the advice applied; resolves to the result
 * @property {ArrayLike<number>} expected the right result
 *
 * @typedef {{ attention: import('qkv').Attention, browser: () => Promise<import('playwright-core').Browser> }} Setting
 */

/** B = 2, H = 2, L = 2, S = 4, D = Dv = 4: L and S differ, so that alignment shows. */
export const PROBLEM = inputsOf({
  ...{ seed: 23, rank: 4, batch: 2, keyHeads: 2, group: 1 },
  ...{ queries: 2, keys: 4, depth: 4, valueDepth: 4 },
});
export const [QUERY, KEY, VALUE] = [PROBLEM.query, PROBLEM.key, PROBLEM.value];

/** softmax(QKᵀ/√2)·V of semantics by hand: the smallest problem, for what is not about numbers. */
export const WORKED = [[[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]]; // biome-ignore format: matrices
export const WORKED_OUTPUT = [8.985929298, 9.985929298];

export const work = (attention) => attention.attend(...WORKED).output.data;

export const attend = ({ attention }, options) =>
  attention.attend(QUERY, KEY, VALUE, options).output.data;

export const reference = (options, [query, key, value] = [QUERY, KEY, VALUE]) =>
  attendReference(query, key, value, options).output.data;

/** The reference where query i of batch element b attends key j if `attends(i, j, b)`. */
export function where(attends) {
  const [B, L, S] = [2, 2, 4];
  const data = Array.from({ length: B * L * S }, (_, at) =>
    Number(attends(Math.floor(at / S) % L, at % S, Math.floor(at / (L * S)))),
  );
  return reference({ mask: { data, shape: [B, 1, L, S] } });
}

/** Plain arrays as a tensor for the reference. */
export function tensorOf(nested) {
  const shape = [];
  for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { data: nested.flat(Number.POSITIVE_INFINITY), shape };
}

/** The pieces of code in advice, run with these names. */
export function codeIn({ fix }, names) {
  return [...fix.matchAll(/`([^`]+)`/g)].map(([, code]) =>
    new Function(...Object.keys(names), `return (${code});`)(...Object.values(names)),
  );
}
