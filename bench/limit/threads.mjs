// Loops of the limit on several threads at once: how many times one thread a pool of workers can be here. Of
// a problem each thread is sent what it needs, once: its share of the queries, and all keys and values.

import { sizesOf } from './bare.mjs';

/** `bytes` of the module; { run(), isRight(result), dispose() }, where run() gives a promise. */
export async function openThreads(bytes, { threads, runs = 1, ...loop }) {
  const { problem } = loop;
  const share = problem && { ...problem, queries: Math.ceil(problem.queries / threads) };
  const url = new URL('thread.mjs', import.meta.url);
  const Thread = globalThis.Worker ?? (await import('node:worker_threads')).Worker;
  const team = Array.from({ length: threads }, () => new Thread(url, { type: 'module' }));
  const prepared = { bytes, runs, loop: share ? { ...loop, problem: share } : loop };
  await Promise.all(team.map((thread) => answerOf(thread, prepared)));
  return {
    run: share
      ? sending(team, sizesOf(share))
      : () => Promise.all(team.map((t) => answerOf(t, {}))),
    isRight: (answers) => answers.every(({ isRight }) => isRight),
    dispose: () => Promise.all(team.map((thread) => thread.terminate())),
  };
}

/** Copies are sent, and come back with the outputs where the queries were. */
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
      return { isRight };
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
