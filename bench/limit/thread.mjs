// A thread of the limit on several threads (threads.mjs): runs the loop as often as it is told to.

import { openLoops } from './loops.mjs';

const port = globalThis.self ?? (await import('node:worker_threads')).parentPort;
const listen = port.addEventListener?.bind(port) ?? port.on.bind(port);

let prepared;
listen('message', async (event) => {
  const { bytes, loop, runs } = event.data ?? event;
  prepared ??= (await openLoops(bytes))(loop);
  let isRight = true;
  for (let i = 0; i < runs; i++) isRight = prepared.isRight(prepared.run()) && isRight;
  port.postMessage(isRight);
});
