// One of the threads of threads.mjs. The first message names its loop and how often to run it; every later
// message starts the runs.

import { openLoops } from './loops.mjs';

const port = globalThis.self ?? (await import('node:worker_threads')).parentPort;
const listen = port.addEventListener?.bind(port) ?? port.on.bind(port);

let prepared;
let runs;
listen('message', async (event) => {
  const message = event.data ?? event;
  if (message.bytes) {
    prepared = (await openLoops(message.bytes))(message.loop);
    runs = message.runs;
    port.postMessage('ready');
    return;
  }
  const { sent } = message;
  let isRight = true;
  for (let i = 0; i < runs; i++) {
    const result = sent ? prepared.runInPlace(sent) : prepared.run();
    isRight = prepared.isRight(result) && isRight;
  }
  port.postMessage({ isRight, sent }, sent?.map(({ buffer }) => buffer) ?? []);
});
