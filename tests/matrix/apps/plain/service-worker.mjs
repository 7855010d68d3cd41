import { createAttention } from './node_modules/qkv/dist/index.js';
import { createAttentionPool } from './node_modules/qkv/dist/pool/index.js';
import { probe, settled } from './probe/probe.mjs';

addEventListener('message', (event) => {
  const answer = async () => {
    const report = await settled(probe({ createAttention, createAttentionPool }));
    event.ports[0].postMessage(report);
  };
  event.waitUntil(answer());
});
