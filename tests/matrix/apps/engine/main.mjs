import { createAttention } from 'qkv';
import { probe, settled } from './probe/probe.mjs';

const main = await settled(probe({ createAttention }));
console.log(JSON.stringify({ places: { main }, complaints: [] }));
