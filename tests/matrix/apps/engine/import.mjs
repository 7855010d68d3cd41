import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { probe, settled } from './probe/probe.mjs';

const main = await settled(probe({ createAttention, createAttentionPool }));
console.log(JSON.stringify({ places: { main }, complaints: [] }));
