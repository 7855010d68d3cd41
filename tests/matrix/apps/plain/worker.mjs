import { createAttention } from './node_modules/qkv/dist/index.js';
import { createAttentionPool } from './node_modules/qkv/dist/pool/index.js';
import { probe, settled } from './probe/probe.mjs';

// The pool starts workers in this worker. While a driven Firefox is still registering it with its debugger,
// that blocks for ever one time in thirty; it has done so by then.
await new Promise((resolve) => setTimeout(resolve, 1000));

postMessage(await settled(probe({ createAttention, createAttentionPool })));
