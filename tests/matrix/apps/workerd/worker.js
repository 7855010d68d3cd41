import { createAttention } from 'qkv';
import { probe, settled } from './probe/probe.mjs';

export default {
  async fetch() {
    const worker = await settled(probe({ createAttention }));
    return Response.json({ places: { worker }, complaints: [] });
  },
};
