import { createAttention } from './node_modules/qkv/dist/inline.js';
import { show } from './probe/page.mjs';
import { probe } from './probe/probe.mjs';

await show({ page: probe({ createAttention }) });
