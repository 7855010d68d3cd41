import { createAttention } from './node_modules/qkv/dist/index.js';
import { createAttentionPool } from './node_modules/qkv/dist/pool/index.js';
import { show } from './probe/page.mjs';
import { probe } from './probe/probe.mjs';

await show({ page: probe({ createAttention, createAttentionPool }) });
