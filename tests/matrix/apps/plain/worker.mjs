import { createAttention } from './node_modules/qkv/dist/index.js';
import { probe, settled } from './probe/probe.mjs';

postMessage(await settled(probe({ createAttention })));
