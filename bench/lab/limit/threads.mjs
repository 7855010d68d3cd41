// The limit for a pool of workers: a loop on several threads at once. Each thread gets one message a call and
// answers with one. For bare attention the messages carry the inputs of the thread's share and its output.

import { sizesOf } from './bare.mjs';

/** An equal share of a problem: some of its heads, or of the queries if the heads cannot be divided. */
export function shareOf(problem, threads) {
  const { heads, keyHeads, queries } = problem;
  if (heads % threads === 0 && keyHeads % threads === 0)
    return { ...problem, heads: heads / threads, keyHeads: keyHeads / threads };
  return { ...problem, queries: Math.ceil(queries / threads) };
}

/** `bytes` are the module. Gives { run(), isRight(result), dispose() }; run() gives a promise. */
export async function openThreads(bytes, { threads, runs = 1, ...loop }) {
  const share = loop.problem && shareOf(loop.problem, threads);
  const url = new URL('thread.mjs', import.meta.url);
  const Thread = globalThis.Worker ?? (await import('node:worker_threads')).Worker;
  const team = Array.from({ length: threads }, () => new Thread(url, { type: 'module' }));
  const prepared = { bytes, runs, loop: share ? { ...loop, problem: share } : loop };
  await Promise.all(team.map((thread) => answerOf(thread, prepared)));
  return {
    run: share ? sending(team, sizesOf(share)) : () => asking(team),
    isRight: (answers) => answers.every(({ isRight }) => isRight),
    dispose: () => Promise.all(team.map((thread) => thread.terminate())),
  };
}

function asking(team) {
  return Promise.all(team.map((thread) => answerOf(thread, {})));
}

/** Sends copies of the inputs; the output comes back in the array of the queries. All shares are equal. */
function sending(team, sizes) {
  const inputs = sizes.map((size) => new Float32Array(size).fill(1));
  const spare = team.map(() => sizes.map((size) => new Float32Array(size)));
  return () => {
    const answers = team.map((thread, i) => {
      const sent = spare[i];
      for (const [j, input] of inputs.entries()) sent[j].set(input);
      return answerOf(thread, { sent }, buffersOf(sent));
    });
    const output = new Float32Array(team.length * sizes[0]);
    const collected = answers.map(async (answer, i) => {
      const { isRight, sent } = await answer;
      output.set(sent[0], i * sizes[0]);
      spare[i] = sent;
      return { isRight, output };
    });
    return Promise.all(collected);
  };
}

function answerOf(thread, message, transfer = []) {
  return new Promise((resolve, reject) => {
    if (thread.once) {
      thread.once('message', resolve); // Node
    } else {
      thread.onmessage = ({ data }) => resolve(data);
      thread.onerror = ({ message }) => reject(new Error(message));
    }
    thread.postMessage(message, transfer);
  });
}

function buffersOf(arrays) {
  return arrays.map(({ buffer }) => buffer);
}
