// The limit's loop on several threads at once: how many times one thread a pool of workers can be here.

/** `bytes` of the module; { run(), isRight(result), dispose() }, where run() gives a promise. */
export async function openThreads(bytes, { threads, runs, ...loop }) {
  const url = new URL('thread.mjs', import.meta.url);
  const Thread = globalThis.Worker ?? (await import('node:worker_threads')).Worker;
  const team = Array.from({ length: threads }, () => new Thread(url, { type: 'module' }));
  return {
    run: () => Promise.all(team.map((thread) => answerOf(thread, { bytes, loop, runs }))),
    isRight: (results) => results.every((isRight) => isRight),
    dispose: () => Promise.all(team.map((thread) => thread.terminate())),
  };
}

function answerOf(thread, message) {
  return new Promise((resolve, reject) => {
    if (thread.once) {
      thread.once('message', resolve); // Node
    } else {
      thread.onmessage = ({ data }) => resolve(data);
      thread.onerror = ({ message }) => reject(new Error(message));
    }
    thread.postMessage(message);
  });
}
