// The program of every cell of the matrix. It uses nothing of its host beyond what the package needs, and returns
// plain JSON.

import { causalProblem, manySidedProblem, WORKED_EXAMPLE } from './problems.mjs';

/** `createAttentionPool` is left out where the cell's app has none. */
export async function probe({ createAttention, createAttentionPool }) {
  const attention = await createAttention();
  const { version, variant, rejected } = attention.info;
  const report = {
    version,
    variant,
    rejected,
    worked: workedExample(attention),
    causal: numbers(attend(attention, causalProblem())),
  };
  attention.dispose();

  const deterministic = await createAttention({ deterministic: true });
  report.bits = hashOf(attend(deterministic, manySidedProblem()));
  deterministic.dispose();

  if (createAttentionPool) report.pool = await probePool(createAttentionPool);
  return report;
}

function workedExample(attention) {
  const { query, key, value } = WORKED_EXAMPLE;
  const { weights, output } = attention.attend(query, key, value, { capture: ['weights'] });
  return { weights: numbers(weights), output: numbers(output) };
}

function attend(attention, { query, key, value, options }) {
  return attention.attend(query, key, value, options).output;
}

async function probePool(createAttentionPool) {
  let pool;
  try {
    pool = await createAttentionPool({ workers: 2, deterministic: true });
  } catch ({ name, code, message }) {
    return { refused: { name, code, message } };
  }
  const { query, key, value, options } = manySidedProblem();
  const { output } = await pool.attend(query, key, value, options);
  const { workers } = pool;
  pool.dispose();
  return { workers, bits: hashOf(output) };
}

function numbers({ data }) {
  return Array.from(data);
}

/** A hash (FNV-1a) of the numbers' bits, word by word: worklets and jsdom have no crypto.subtle. */
function hashOf({ data: { buffer, byteOffset, length } }) {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(buffer, byteOffset, length))
    hash = Math.imul(hash ^ word, 0x01000193);
  return (hash >>> 0).toString(16);
}

/** The result of a cell: a report, or the error in its place. */
export async function settled(work) {
  try {
    return await work;
  } catch (error) {
    const { name, code, message, stack } = error ?? {};
    return { error: { name, code, message: message ?? String(error), stack } };
  }
}
