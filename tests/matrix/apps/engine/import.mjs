import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { probe, settled } from './probe/probe.mjs';

console.log(JSON.stringify(await settled(probe({ createAttention, createAttentionPool }))));
