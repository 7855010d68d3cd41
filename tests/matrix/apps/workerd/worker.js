import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { probe, settled } from './probe/probe.mjs';

export default {
  async fetch() {
    const worker = await settled(probe({ createAttention, createAttentionPool }));
    return Response.json({ places: { worker }, complaints: [] });
  },
};
