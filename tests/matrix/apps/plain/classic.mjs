import { show } from './probe/page.mjs';
import { probe } from './probe/probe.mjs';

// What the classic script before this one left: the global `qkv`.
await show({ page: probe(globalThis.qkv) });
