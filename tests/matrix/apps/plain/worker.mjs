import { createAttention } from './node_modules/qkv/dist/index.js';
import { createAttentionPool } from './node_modules/qkv/dist/pool/index.js';
import { probe, settled } from './probe/probe.mjs';

postMessage(await settled(probe({ createAttention, createAttentionPool })));
